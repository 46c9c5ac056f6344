/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reads and writes YAML, and explains Jackson's errors to the author of a file. Independent of
 * clusters. Uses {@code client}.
 */
@NullMarked
package io.github.slurmmaven.definition.yaml;

import org.jspecify.annotations.NullMarked;
