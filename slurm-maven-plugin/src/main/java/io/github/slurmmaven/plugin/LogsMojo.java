/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.io.File;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Shows the logs of a cluster's nodes: slurmctld, slurmd, munged, sshd and the nodes' entry points.
 * With several nodes, each line begins with the node's name.
 *
 * @since 0.1.0
 */
@Mojo(name = "logs", requiresProject = false, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class LogsMojo extends AbstractExistingClusterMojo {

  /**
   * Shows only this node's lines. The registry counts as a node.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.node")
  @Nullable String node;

  /**
   * Keeps showing new lines until the nodes end or you press Ctrl-C.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.follow", defaultValue = "false")
  boolean follow;

  /**
   * Shows only this number of last lines of each node.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.tail")
  @Nullable String tail;

  /**
   * Shows only lines written since then: {@code 90s}, {@code 10m}, {@code 2h}, or a time such as
   * {@code 2026-01-31T12:00:00Z}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.since")
  @Nullable String since;

  /**
   * Writes everything into this directory instead of showing it: all logs, the cluster's files
   * without its keys, Slurm's view of nodes, partitions and jobs, and the state of the containers.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.export")
  @Nullable File export;

  @Override
  void run(SlurmCluster cluster) {
    if (export != null) {
      cluster.exportLogs(export.toPath());
      getLog().info("Logs of cluster " + cluster.name() + ": " + export);
      return;
    }
    Integer lines = WholeNumber.parse("tail", tail, "0 or more");
    LogRequest request =
        new LogRequest(
            lines == null ? OptionalInt.empty() : OptionalInt.of(lines),
            Optional.ofNullable(since).map(Since::parse),
            follow);
    cluster.logs(
        Optional.ofNullable(node),
        request,
        (from, line) -> Console.println(node == null ? from + " | " + line : line));
  }
}
