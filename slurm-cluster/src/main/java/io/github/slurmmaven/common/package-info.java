/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Helpers for every package: digests, file trees, templates, lines of output, parallel work. Uses
 * {@code client}.
 */
@NullMarked
package io.github.slurmmaven.common;

import org.jspecify.annotations.NullMarked;
