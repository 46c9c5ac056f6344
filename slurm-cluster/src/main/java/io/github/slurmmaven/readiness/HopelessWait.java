/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.slurm.NodeState;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Detects, while nodes are missing, that waiting does not help: nodes that Slurm does not use until
 * an administrator acts, nodes without a slurmd, messages that are refused repeatedly. While a
 * cluster starts, some states pass by themselves, so a state counts only if it lasts.
 */
final class HopelessWait {

  /** How long a state must last to count. */
  static final Duration LASTING = Duration.ofSeconds(3);

  /**
   * How long a node may be missing that is not one of the cluster's, because a user may start it.
   */
  static final Duration NOBODY = Duration.ofSeconds(10);

  private static final Duration POLL = Duration.ofSeconds(1);

  /** Message of slurmctld when PrologSlurmctld has failed. */
  private static final Pattern FAILED_PROLOG =
      Pattern.compile("error: prolog_slurmctld JobId=\\d+ prolog exit status");

  private static final int AGAIN_AND_AGAIN = 3;

  private final Supplier<List<MissingNode>> missing;
  private final Supplier<List<BackendNode>> nodes;
  private final Supplier<String> log;

  /** A node in a state, regardless of whether it responds. */
  private record Stay(String node, NodeState state) {
    static Stay of(MissingNode node) {
      return new Stay(node.name(), node.state().withoutResponse());
    }
  }

  /** Times of {@link System#nanoTime} since which nodes have been missing in a state. */
  private final Map<Stay, Long> since = new HashMap<>();

  /**
   * @param missing the nodes that do not work
   * @param nodes the cluster's nodes
   * @param log the controller's log since the wait began
   */
  HopelessWait(
      Supplier<List<MissingNode>> missing,
      Supplier<List<BackendNode>> nodes,
      Supplier<String> log) {
    this.missing = missing;
    this.nodes = nodes;
    this.log = log;
  }

  /** Waits until such a state is found, and describes it. */
  String await() throws InterruptedException {
    while (true) {
      Thread.sleep(POLL.toMillis());
      Optional<String> found = look(System.nanoTime());
      if (found.isPresent()) {
        return found.get();
      }
    }
  }

  Optional<String> look(long now) {
    Set<Stay> stays = missing.get().stream().map(Stay::of).collect(Collectors.toSet());
    since.keySet().retainAll(stays);
    stays.forEach(stay -> since.putIfAbsent(stay, now));
    List<Stay> lasting = lasting(now, LASTING);
    return lasting.stream()
        .filter(node -> node.state().needsSomebody())
        .findFirst()
        .map(
            node ->
                "node %s is %s: Slurm will not use it until somebody acts"
                    .formatted(node.node(), node.state()))
        .or(
            () ->
                lasting(now, NOBODY).stream()
                    .map(Stay::node)
                    .filter(
                        name -> nodes.get().stream().noneMatch(node -> node.name().equals(name)))
                    .findFirst()
                    .map(
                        name ->
                            "node %s never registers: slurm.conf names it, but nothing in this cluster runs as this node"
                                .formatted(name)))
        .or(
            () ->
                lasting.stream()
                    .findFirst()
                    .filter(node -> LikelyCause.lasts(log.get()))
                    .map(
                        node ->
                            "node %s cannot register: messages are refused again and again"
                                .formatted(node.node())))
        .or(
            () ->
                FAILED_PROLOG.matcher(log.get()).results().count() >= AGAIN_AND_AGAIN
                    ? Optional.of("no job begins: PrologSlurmctld fails again and again")
                    : Optional.empty());
  }

  private List<Stay> lasting(long now, Duration time) {
    return since.entrySet().stream()
        .filter(node -> now - node.getValue() >= time.toNanos())
        .map(Map.Entry::getKey)
        .sorted(Comparator.comparing(Stay::node))
        .toList();
  }
}
