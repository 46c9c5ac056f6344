/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.status;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.Inventory.ClusterSummary;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.files.ClusterDirectory;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.operations.NodeCommands;
import io.github.slurmmaven.slurm.Slurm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Reads the status of a cluster from its backend, its files and Slurm. */
public final class StatusReport {

  private final ClusterBackend backend;
  private final ClusterId id;
  private final ClusterDirectory files;

  public StatusReport(ClusterBackend backend, ClusterId id, ClusterDirectory files) {
    this.backend = backend;
    this.id = id;
    this.files = files;
  }

  public ClusterStatus at(Instant now) {
    Optional<ClusterSummary> summary =
        backend.inventory().clusters().stream()
            .filter(cluster -> cluster.id().equals(id))
            .findFirst();
    List<BackendNode> nodes = summary.map(ClusterSummary::nodes).orElse(List.of());
    Optional<Instant> since =
        nodes.stream().anyMatch(BackendNode::runsController)
            ? backend.inventory().runningSince(id)
            : Optional.empty();
    ClusterStatusBuilder status =
        ClusterStatus.of(id.name())
            .directory(id.directory(), Files.isDirectory(id.directory()))
            .engine(backend.description())
            .starting(files.isWorkedOn())
            .nodes(nodes);
    since.ifPresent(status::startedAt);
    if (files.exists()) {
      status.definition(new ClusterFiles(id).definition());
    }
    summary.ifPresent(
        there -> {
          status.owner(there.owner().value());
          there.createdAt().ifPresent(status::createdAt);
        });
    nodes.stream()
        .filter(BackendNode::runsController)
        .filter(BackendNode::running)
        .findFirst()
        .ifPresent(
            controller -> {
              try {
                status.slurm(
                    new Slurm(new NodeCommands(backend.nodeAccess(), id, controller.name()))
                        .snapshot());
              } catch (SlurmClusterException e) {
                status.noAnswer(String.valueOf(e.getMessage()));
              }
            });
    files.connectionFiles().read().ifPresent(connection -> reach(connection, status));
    return status.build(now);
  }

  private void reach(Connection connection, ClusterStatusBuilder status) {
    Path config = id.directory().resolve("ssh/config");
    status.connection(
        new ClusterStatus.Reach(
            connection.sshHost(),
            connection.sshPort(),
            connection.sshUser(),
            connection.sshPassword().isPresent(),
            connection.sshPrivateKey(),
            connection.sshKnownHosts(),
            SshFiles.command(config)));
    connection
        .registry()
        .ifPresent(
            address ->
                status.registry(
                    new ClusterStatus.Registry(address, connection.registryInternal())));
    connection
        .rest()
        .ifPresent(
            rest -> status.rest(new ClusterStatus.Rest(rest.url().toString(), rest.versions())));
  }
}
