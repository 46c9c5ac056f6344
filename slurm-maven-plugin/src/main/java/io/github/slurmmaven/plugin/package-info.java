/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The goals: each reads its parameters, calls the core once and maps the core's exceptions to
 * Maven's. Knows {@code lifecycle}, {@code connection}, {@code report} and {@code
 * spec.ClusterDocument} of the core, nothing below them.
 */
@NullMarked
package io.github.slurmmaven.plugin;

import org.jspecify.annotations.NullMarked;
