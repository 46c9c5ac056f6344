/* SPDX-License-Identifier: Apache-2.0 */
/**
 * YAML as text: what of it is read and how it is written, and Jackson's errors in the words of the
 * writer of a file. Knows nothing of clusters. Uses {@code client}.
 */
@NullMarked
package io.github.slurmmaven.definition.yaml;

import org.jspecify.annotations.NullMarked;
