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
 * Finds what no further wait cures while nodes are missing: nodes that Slurm will not use before
 * somebody acts, nodes without a slurmd, messages that are refused again and again. Other states
 * pass by themselves while a cluster starts, so a state counts only if it lasts.
 */
final class HopelessWait {

  /** How long a state lasts that does not pass. */
  static final Duration LASTING = Duration.ofSeconds(3);

  /** How long a node may be missing that the cluster does not have, but a person may start. */
  static final Duration NOBODY = Duration.ofSeconds(10);

  private static final Duration POLL = Duration.ofSeconds(1);

  /** What slurmctld writes when the script that it runs before each job has failed. */
  private static final Pattern FAILED_PROLOG =
      Pattern.compile("error: prolog_slurmctld JobId=\\d+ prolog exit status");

  private static final int AGAIN_AND_AGAIN = 3;

  private final Supplier<List<MissingNode>> missing;
  private final Supplier<List<BackendNode>> nodes;
  private final Supplier<String> log;

  /** A node in one state, whether it answers at the moment or not. */
  private record Stay(String node, NodeState state) {
    static Stay of(MissingNode node) {
      return new Stay(node.name(), node.state().withoutResponse());
    }
  }

  /** Since when, as {@link System#nanoTime} counts, a node has been missing in a state. */
  private final Map<Stay, Long> since = new HashMap<>();

  /**
   * @param missing the nodes that do not work
   * @param nodes the nodes that the cluster has
   * @param log what the controller has written since the wait began
   */
  HopelessWait(
      Supplier<List<MissingNode>> missing,
      Supplier<List<BackendNode>> nodes,
      Supplier<String> log) {
    this.missing = missing;
    this.nodes = nodes;
    this.log = log;
  }

  /** Returns what it is, in words; until then, waits. */
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
                "node %s is %s: Slurm will not use it before somebody acts"
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
                            "node %s never registers: slurm.conf names it, but nothing in this cluster is it"
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
