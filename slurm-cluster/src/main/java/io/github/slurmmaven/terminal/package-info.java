/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The user's terminal in an interactive session: keys, screen, size; the only package that imports
 * JLine. Uses {@code client}.
 */
@NullMarked
package io.github.slurmmaven.terminal;

import org.jspecify.annotations.NullMarked;
