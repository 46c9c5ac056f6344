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
 * Shows what the daemons of a cluster's nodes wrote: slurmctld, slurmd, munged, sshd and the nodes'
 * entry points. The lines of several nodes begin with the node's name.
 *
 * @since 0.1.0
 */
@Mojo(name = "logs", requiresProject = false, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class LogsMojo extends AbstractExistingClusterMojo {

  /**
   * Only this node's lines. The registry is a node here.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.node")
  @Nullable String node;

  /**
   * Goes on with what is written from now on, until the nodes end or somebody presses Ctrl-C.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.follow", defaultValue = "false")
  boolean follow;

  /**
   * Only so many last lines of each node.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.tail")
  @Nullable String tail;

  /**
   * Only lines that are not older: {@code 90s}, {@code 10m}, {@code 2h}, or a time as in {@code
   * 2026-01-31T12:00:00Z}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.since")
  @Nullable String since;

  /**
   * Writes everything into this directory instead of showing it: all logs, the cluster's files
   * without its keys, what Slurm says of nodes, partitions and jobs, and the state of the
   * containers.
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
