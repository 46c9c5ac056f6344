/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The goals: each reads its parameters, calls the core once and maps the core's exceptions to
 * Maven's. Uses the public API in {@code cluster}, the values that it takes and returns in {@code
 * client}, {@code definition} and {@code status}, {@code site} for the twin of a site's cluster,
 * and {@code terminal} to find out whether a terminal shows the output.
 */
@NullMarked
package io.github.slurmmaven.plugin;

import org.jspecify.annotations.NullMarked;
