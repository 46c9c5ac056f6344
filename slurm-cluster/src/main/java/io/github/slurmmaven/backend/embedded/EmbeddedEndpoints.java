/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.Endpoints;
import io.github.slurmmaven.backend.LocalPorts;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.definition.ClusterDefinition;
import java.time.Duration;
import java.util.Optional;

/** The addresses of a cluster of processes, on this machine's loopback interface. */
final class EmbeddedEndpoints implements Endpoints {

  private final LocalClusters clusters;
  private final Duration timeout;

  EmbeddedEndpoints(LocalClusters clusters, Duration timeout) {
    this.clusters = clusters;
    this.timeout = timeout;
  }

  @Override
  public Login login(ClusterId id, ClusterDefinition definition) {
    return new Login(clusters.user().name(), LocalClusters.password(id, definition));
  }

  @Override
  public Address ssh(ClusterId id) {
    // Before the server has its port, another process may answer there.
    LocalClusters.supervisor(id).awaitReady(Daemons.SSHD, timeout);
    return new Address(
        LocalClusters.LOOPBACK,
        clusters
            .index()
            .get(id)
            .map(entry -> entry.choice().sshPort())
            .orElseThrow(
                () -> new SlurmClusterException("Cluster " + id.name() + " does not run")));
  }

  @Override
  public Optional<Address> rest(ClusterId id) {
    return clusters
        .index()
        .get(id)
        .map(entry -> entry.choice().restPort())
        .filter(port -> port != 0)
        .map(
            port -> {
              // Before slurmrestd has its port, another process may have it, and must not get a
              // token.
              LocalClusters.supervisor(id)
                  .awaitReady(Daemons.SLURMRESTD, pid -> LocalPorts.listens(pid, port), timeout);
              return new Address(LocalClusters.LOOPBACK, port);
            });
  }

  @Override
  public Optional<Address> registry(ClusterId id) {
    return Optional.empty();
  }
}
