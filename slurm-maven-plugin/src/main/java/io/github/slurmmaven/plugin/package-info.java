/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The goals: each reads its parameters, calls the core once and maps the core's exceptions to
 * Maven's. Knows the public API in {@code cluster} and the values that it takes and returns, and no
 * backend, renderer or engine; ArchitectureTest has the list.
 */
@NullMarked
package io.github.slurmmaven.plugin;

import org.jspecify.annotations.NullMarked;
