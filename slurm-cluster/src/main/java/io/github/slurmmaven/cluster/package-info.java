/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The public API: {@link io.github.slurmmaven.cluster.SlurmCluster} and {@link
 * io.github.slurmmaven.cluster.Clusters}. Uses every other package.
 */
@NullMarked
package io.github.slurmmaven.cluster;

import org.jspecify.annotations.NullMarked;
