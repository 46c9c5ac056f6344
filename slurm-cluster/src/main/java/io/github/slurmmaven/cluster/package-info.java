/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The public API: a {@link io.github.slurmmaven.cluster.ClusterRequest} creates a cluster, a {@link
 * io.github.slurmmaven.cluster.SlurmCluster} is a handle on one, and {@link
 * io.github.slurmmaven.cluster.Clusters} finds existing ones. Uses every other package; its public
 * signatures have only types of {@code client}, {@code definition} and {@code status}.
 */
@NullMarked
package io.github.slurmmaven.cluster;

import org.jspecify.annotations.NullMarked;
