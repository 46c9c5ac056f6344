/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.embedded.ClusterIndex.Entry;
import io.github.slurmmaven.backend.embedded.supervisor.LostSupervisor;
import io.github.slurmmaven.backend.embedded.supervisor.Supervisor;
import io.github.slurmmaven.backend.embedded.supervisor.ThisUser;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.definition.ClusterDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * This user's clusters, for all parts of the backend.
 *
 * @param index the clusters that were brought up
 * @param user the owner of their processes
 */
record LocalClusters(ClusterIndex index, ThisUser user) {

  static final String LOOPBACK = "127.0.0.1";

  static Layout layout(ClusterId id) {
    return new Layout(id.directory());
  }

  static Supervisor supervisor(ClusterId id) {
    return new Supervisor(program(id), id.directory());
  }

  static Path program(ClusterId id) {
    return id.directory().resolve("bundle/libexec/slurm-supervisor");
  }

  boolean isAlive(ClusterId id) {
    return Files.isDirectory(id.directory())
        ? supervisor(id).isAlive()
        : new LostSupervisor(id.directory(), user).isAlive();
  }

  Entry entry(ClusterId id, String node) {
    return index
        .get(id)
        .filter(each -> each.nodes().stream().anyMatch(member -> member.name().equals(node)))
        .orElseThrow(
            () ->
                new SlurmClusterException(
                    "Cluster %s has no node '%s' on this machine".formatted(id.name(), node)));
  }

  /** Returns the password of the login, if password login is on. */
  static Optional<String> password(ClusterId id, ClusterDefinition definition) {
    return definition.ssh().passwordLogin() ? Optional.of(layout(id).password()) : Optional.empty();
  }

  /** Returns how long to wait for the end of a daemon, which is killed after its grace period. */
  Duration endLimit(Duration timeout) {
    return ClusterProcesses.GRACE.plus(timeout);
  }
}
