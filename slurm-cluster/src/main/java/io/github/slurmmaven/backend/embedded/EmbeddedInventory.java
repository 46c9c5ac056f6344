/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.Inventory;
import io.github.slurmmaven.backend.Inventory.ClusterSummary;
import io.github.slurmmaven.backend.Inventory.Watch;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.Taken;
import io.github.slurmmaven.backend.embedded.ClusterIndex.Entry;
import io.github.slurmmaven.backend.embedded.ClusterIndex.NodeEntry;
import io.github.slurmmaven.backend.embedded.supervisor.Supervisor;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorState;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorState.DaemonState;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.common.Address;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Lists the clusters of processes, with the states of their nodes. */
final class EmbeddedInventory implements Inventory {

  private static final Duration POLL = Duration.ofMillis(50);

  private final LocalClusters clusters;

  EmbeddedInventory(LocalClusters clusters) {
    this.clusters = clusters;
  }

  @Override
  public List<ClusterSummary> clusters() {
    return clusters.index().all().stream()
        .map(
            entry ->
                new ClusterSummary(
                    entry.id(),
                    entry.owner(),
                    Optional.of(entry.createdAt()),
                    nodes(entry.id()),
                    clusters.isAlive(entry.id())
                        ? Optional.of(new Address(LocalClusters.LOOPBACK, entry.choice().sshPort()))
                        : Optional.empty()))
        .sorted(
            Comparator.comparing((ClusterSummary cluster) -> cluster.id().name())
                .thenComparing(cluster -> cluster.id().directory()))
        .toList();
  }

  @Override
  public Map<ClusterId, Owner> owners() {
    return clusters.index().all().stream().collect(Collectors.toMap(Entry::id, Entry::owner));
  }

  @Override
  public List<BackendNode> nodes(ClusterId id) {
    return clusters.index().get(id).map(this::nodes).orElse(List.of());
  }

  private List<BackendNode> nodes(Entry entry) {
    boolean alive = clusters.isAlive(entry.id());
    Optional<SupervisorState> state = LocalClusters.supervisor(entry.id()).state();
    return entry.nodes().stream()
        .sorted(Comparator.comparing(node -> !node.role().runsController()))
        .map(node -> status(node, alive, state))
        .toList();
  }

  private static BackendNode status(
      NodeEntry node, boolean alive, Optional<SupervisorState> supervisor) {
    List<DaemonState> daemons =
        Daemons.of(node).stream()
            .flatMap(name -> supervisor.flatMap(state -> state.daemon(name)).stream())
            .toList();
    Optional<DaemonState> ended = daemons.stream().filter(DaemonState::hasEnded).findFirst();
    String role = node.role().id();
    if (ended.isPresent()) {
      return new BackendNode(node.name(), role, false, describe(node, ended.get()));
    }
    if (!alive) {
      return new BackendNode(
          node.name(), role, false, daemons.isEmpty() ? "not started" : "killed by signal 9");
    }
    boolean ready =
        daemons.stream().allMatch(daemon -> daemon.condition() == DaemonState.Condition.READY);
    return new BackendNode(node.name(), role, true, ready ? "running" : "starting");
  }

  private static String describe(NodeEntry node, DaemonState daemon) {
    String detail =
        switch (daemon.condition()) {
          case EXITED -> "exited with code " + daemon.detail();
          case KILLED -> "killed by signal " + daemon.detail();
          default -> "could not be started: " + daemon.detail();
        };
    return daemon.name().equals(Daemons.of(node).get(0)) ? detail : daemon.name() + " " + detail;
  }

  @Override
  public Optional<Instant> runningSince(ClusterId id) {
    Supervisor supervisor = LocalClusters.supervisor(id);
    return supervisor.isAlive()
        ? supervisor
            .state()
            .flatMap(state -> state.daemon(Daemons.SLURMCTLD))
            .filter(daemon -> daemon.condition() == DaemonState.Condition.READY)
            .map(DaemonState::since)
        : Optional.empty();
  }

  /**
   * Ports of dead daemons that another process now holds. If there are none, the port was not the
   * cause.
   */
  @Override
  public Taken taken(ClusterId id) {
    Map<String, Integer> ports = clusters.index().get(id).map(Entry::ports).orElse(Map.of());
    return new Taken(
        Set.of(),
        LocalClusters.supervisor(id).state().stream()
            .flatMap(state -> state.daemons().stream())
            .filter(DaemonState::hasEnded)
            .map(daemon -> ports.getOrDefault(daemon.name(), 0))
            .filter(port -> port != 0 && !EmbeddedPlanner.isFree(port))
            .collect(Collectors.toSet()));
  }

  @Override
  public Watch watch(ClusterId id, Consumer<BackendNode> onExit) {
    Thread thread = new Thread(() -> watchNodes(id, onExit), "slurm-watch");
    thread.setDaemon(true);
    thread.start();
    return thread::interrupt;
  }

  private void watchNodes(ClusterId id, Consumer<BackendNode> onExit) {
    Set<String> reported = new HashSet<>();
    try {
      while (true) {
        for (BackendNode node : nodes(id)) {
          if (!node.running() && reported.add(node.name())) {
            onExit.accept(node);
          }
        }
        Thread.sleep(POLL.toMillis());
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }
}
