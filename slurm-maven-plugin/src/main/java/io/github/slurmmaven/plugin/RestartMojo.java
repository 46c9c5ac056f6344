/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.cluster.SlurmCluster;
import java.util.Optional;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Stops a cluster or one of its nodes and starts it again, with the same job queue.
 *
 * @since 0.1.0
 */
@Mojo(name = "restart", requiresProject = false, aggregator = true, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class RestartMojo extends AbstractWaitingMojo {

  /**
   * Node to restart. The default is the whole cluster.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.node")
  @Nullable String node;

  @Override
  void run(SlurmCluster cluster) {
    cluster.restart(Optional.ofNullable(node));
  }
}
