/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The person's side of an interactive session: keys, screen, size. Uses {@code report}; nothing
 * else knows JLine.
 */
@NullMarked
package io.github.slurmmaven.terminal;

import org.jspecify.annotations.NullMarked;
