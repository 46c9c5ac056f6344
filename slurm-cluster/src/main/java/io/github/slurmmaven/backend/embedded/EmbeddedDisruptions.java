/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.Disruptions;
import io.github.slurmmaven.backend.embedded.supervisor.Supervisor;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.files.ClusterFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/** Breaks parts of a running cluster of processes, and repairs them. */
final class EmbeddedDisruptions implements Disruptions {

  private final LocalClusters clusters;
  private final EmbeddedNodeAccess nodeAccess;
  private final Duration timeout;

  EmbeddedDisruptions(LocalClusters clusters, EmbeddedNodeAccess nodeAccess, Duration timeout) {
    this.clusters = clusters;
    this.nodeAccess = nodeAccess;
    this.timeout = timeout;
  }

  @Override
  public void stopController(ClusterId id) {
    LocalClusters.supervisor(id).stop(Daemons.SLURMCTLD, clusters.endLimit(timeout));
  }

  @Override
  public void startController(ClusterId id) {
    stopController(id);
    LocalClusters.supervisor(id).start(Daemons.SLURMCTLD, timeout);
  }

  @Override
  public void stopRest(ClusterId id) {
    LocalClusters.supervisor(id).stop(Daemons.SLURMRESTD, clusters.endLimit(timeout));
  }

  @Override
  public void startRest(ClusterId id) {
    LocalClusters.supervisor(id).start(Daemons.SLURMRESTD, timeout);
  }

  /** Pauses slurmd, because there is no network between processes of one machine. */
  @Override
  public void disconnect(ClusterId id, String node) {
    signal(id, node, "-STOP");
  }

  @Override
  public void reconnect(ClusterFiles files, String node) {
    signal(files.id(), node, "-CONT");
  }

  private void signal(ClusterId id, String node, String signal) {
    long pid =
        LocalClusters.supervisor(id)
            .state()
            .flatMap(state -> state.daemon(Daemons.slurmd(node)))
            .filter(daemon -> !daemon.hasEnded())
            .map(daemon -> daemon.process().pid())
            .orElseThrow(
                () ->
                    new UserMistakeException(
                        "Cluster %s has no node '%s' that runs jobs".formatted(id.name(), node)));
    CommandResult result =
        nodeAccess.run(
            id,
            node,
            clusters.user().name(),
            List.of("bash", "-c", "kill %s %d".formatted(signal, pid)),
            line -> {},
            timeout);
    if (!result.ok()) {
      throw new SlurmClusterException(
          "slurmd of %s could not be sent %s: %s".formatted(node, signal, result.stderr().strip()));
    }
  }

  @Override
  public void dropConnections(ClusterId id) {
    Supervisor supervisor = LocalClusters.supervisor(id);
    supervisor.kill(Daemons.SSHD, timeout);
    try {
      // The next server writes this file again when it listens.
      Files.deleteIfExists(LocalClusters.layout(id).sshPortFile());
    } catch (IOException e) {
      throw new SlurmClusterException(
          "The SSH server cannot be started again: " + FileFailure.of(e), e);
    }
    supervisor.start(Daemons.SSHD, timeout);
  }
}
