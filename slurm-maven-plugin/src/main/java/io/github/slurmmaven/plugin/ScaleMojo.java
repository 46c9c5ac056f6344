/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.cluster.SlurmCluster;
import java.util.Objects;
import java.util.Optional;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Gives a cluster more or fewer compute nodes while it runs. Slurm requeues or fails the jobs of a
 * removed node, as after a node failure.
 *
 * @since 0.1.0
 */
@Mojo(name = "scale", requiresProject = false, aggregator = true, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class ScaleMojo extends AbstractWaitingMojo {

  /**
   * Number of compute nodes that the partition will have, 1 or more. New nodes are like its last
   * one.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.computeNodes", required = true)
  String computeNodes;

  /**
   * Partition whose nodes are counted. The default is the cluster's default partition.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.scale.partition")
  @Nullable String partition;

  @Override
  void run(SlurmCluster cluster) {
    int count =
        Objects.requireNonNull(WholeNumber.parse("computeNodes", computeNodes, "1 or more"));
    cluster.scale(Optional.ofNullable(partition), count);
  }
}
