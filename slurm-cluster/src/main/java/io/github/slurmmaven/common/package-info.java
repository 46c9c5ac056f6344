/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What every package may use: digests, file trees, templates, lines of output, parallel work. Uses
 * {@code client}.
 */
@NullMarked
package io.github.slurmmaven.common;

import org.jspecify.annotations.NullMarked;
