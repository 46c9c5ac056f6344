/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.nio.file.Path;
import java.util.Optional;

/** A cluster that test classes share. Closing it destroys it, if the tests started it. */
final class SharedCluster implements AutoCloseable {

  private final SlurmCluster cluster;
  private final Connection connection;
  private final Optional<Thread> atExit;

  private SharedCluster(SlurmCluster cluster, Connection connection, Optional<Thread> atExit) {
    this.cluster = cluster;
    this.connection = connection;
    this.atExit = atExit;
  }

  /** Returns a running cluster that matches, or a new one. */
  static SharedCluster of(
      RequestedCluster requested, RunningClusters running, Path outputDirectory) {
    // A mistake in the annotation must be reported even if a cluster runs.
    requested.toDefinition();
    return running
        .find(requested)
        .map(SharedCluster::found)
        .orElseGet(() -> start(requested, outputDirectory));
  }

  private static SharedCluster found(Connection connection) {
    return new SharedCluster(handle(connection), connection, Optional.empty());
  }

  /** Returns the cluster of a connection. */
  static SlurmCluster handle(Connection connection) {
    ClusterId id = new ClusterId(connection.clusterName(), connection.directory());
    return SlurmCluster.builder().existing(id).build();
  }

  private static SharedCluster start(RequestedCluster requested, Path outputDirectory) {
    String name = "test-%d-%08x".formatted(ProcessHandle.current().pid(), requested.hashCode());
    ClusterRequest request =
        requested
            .request()
            .name(name)
            .outputDirectory(outputDirectory)
            .ownedByThisBuild(true)
            .build();
    SlurmCluster cluster = request.cluster();
    // For an interrupted run. After SIGKILL, the next run removes the cluster.
    Thread atExit = new Thread(cluster::destroy, "destroy " + name);
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      return new SharedCluster(cluster, request.start(), Optional.of(atExit));
    } catch (RuntimeException | Error e) {
      Runtime.getRuntime().removeShutdownHook(atExit);
      throw e;
    }
  }

  SlurmCluster cluster() {
    return cluster;
  }

  Connection connection() {
    return connection;
  }

  @Override
  public void close() {
    atExit.ifPresent(
        hook -> {
          cluster.destroy();
          Runtime.getRuntime().removeShutdownHook(hook);
        });
  }
}
