/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.slurm.NodeState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Runs commands as an account that may change everything in a cluster.
 *
 * @param cluster the cluster
 * @param account the account to run commands as
 */
record Administrator(SlurmCluster cluster, String account) {

  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final String ROOT = "root";

  /**
   * Returns the administrator. Without containers, root's commands run as the user who runs the
   * cluster.
   */
  static Administrator of(SlurmCluster cluster) {
    return new Administrator(cluster, ROOT);
  }

  /** Whether each node is a container, with files of its own. */
  boolean hasContainers() {
    return cluster.runsInContainers();
  }

  Path slurmConf() {
    return cluster.directory().resolve("config/slurm.conf");
  }

  /** Runs a command on the controller, and returns its output. */
  String run(String... command) {
    return on(List.of(), command);
  }

  /**
   * Runs a command on nodes.
   *
   * @param nodes the nodes; none for the controller
   */
  String on(List<String> nodes, String... command) {
    StringBuilder said = new StringBuilder();
    cluster
        .run(nodes, Optional.of(account), List.of(command), LIMIT)
        .forEach(
            (node, result) -> {
              if (!result.ok()) {
                throw new SlurmClusterException(
                    "The fault could not be applied to cluster %s: '%s' ended on node %s with exit code %d: %s"
                        .formatted(
                            cluster.name(),
                            String.join(" ", command),
                            node,
                            result.exitCode(),
                            result.stderr().strip()));
              }
              said.append(result.stdout());
            });
    return said.toString();
  }

  /** Whether a process runs on the controller. */
  boolean isAlive(String pid) {
    return !run("sh", "-c", "kill -0 " + pid + " 2>/dev/null && echo alive || true").isBlank();
  }

  /** Changes something with scontrol. */
  void update(String... what) {
    List<String> command = new ArrayList<>(List.of("scontrol", "update"));
    command.addAll(List.of(what));
    run(command.toArray(String[]::new));
  }

  /** Returns a value of {@code scontrol show config}. */
  String setting(String name) {
    return run("scontrol", "show", "config")
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(line.indexOf('=') + 1).strip())
        .findFirst()
        .orElseThrow(
            () -> new SlurmClusterException("The output of scontrol show config lacks " + name));
  }

  /**
   * Waits until there is no problem.
   *
   * @param problem describes the present problem; empty if there is none
   */
  void await(Supplier<String> problem) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    for (String wrong = problem.get(); !wrong.isEmpty(); wrong = problem.get()) {
      if (System.nanoTime() > deadline) {
        throw new SlurmClusterException("After %d s, %s".formatted(LIMIT.toSeconds(), wrong));
      }
      try {
        Thread.sleep(POLL.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SlurmClusterException("Interrupted while " + wrong, e);
      }
    }
  }

  /** Waits until all nodes, or one, respond, are not down, and have registered. */
  void awaitNodes(Optional<String> node) {
    await(
        () ->
            states(node).entrySet().stream()
                .filter(each -> !each.getValue().isUp())
                .findFirst()
                .map(each -> "node " + each.getKey() + " " + each.getValue())
                .or(() -> unregistered(node).map(name -> "node " + name + " has not registered"))
                .orElse(""));
  }

  /**
   * Returns a node that has not registered since slurmctld started. Its later registration would
   * undo a fault: slurmctld then resumes the node, no matter why it was down.
   */
  private Optional<String> unregistered(Optional<String> node) {
    return sinfo("NodeList:255,Version:255", node)
        .filter(words -> words.length == 1)
        .map(words -> words[0])
        .findFirst();
  }

  /** Returns the states of all nodes, or of one. */
  Map<String, NodeState> states(Optional<String> node) {
    Map<String, NodeState> states = new TreeMap<>();
    sinfo("NodeList:255,StateComplete:255", node)
        .forEach(words -> states.put(words[0], NodeState.of(words[1])));
    return states;
  }

  private Stream<String[]> sinfo(String format, Optional<String> node) {
    List<String> query =
        new ArrayList<>(List.of("sinfo", "--noheader", "--Node", "--Format=" + format));
    node.ifPresent(name -> query.add("--nodes=" + name));
    return run(query.toArray(String[]::new)).lines().map(line -> line.strip().split(" +"));
  }
}
