/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Create, start, stop, destroy: the façade {@link io.github.slurmmaven.lifecycle.SlurmCluster}.
 * Uses every other package.
 */
@NullMarked
package io.github.slurmmaven.lifecycle;

import org.jspecify.annotations.NullMarked;
