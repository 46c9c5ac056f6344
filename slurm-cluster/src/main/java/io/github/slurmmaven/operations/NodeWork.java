/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.common.ParallelActions;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.terminal.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Runs commands and shells on a cluster's nodes, and copies files to and from them. */
public final class NodeWork {

  private final ClusterBackend backend;
  private final ClusterId id;

  public NodeWork(ClusterBackend backend, ClusterId id) {
    this.backend = backend;
    this.id = id;
  }

  /**
   * Runs a command on nodes in parallel.
   *
   * @param nodes names or host lists, or roles; empty for the controller
   * @return exit status by node
   */
  public Map<String, Integer> run(
      List<String> nodes,
      Optional<String> user,
      List<String> command,
      Function<String, CommandOutput> output,
      Duration timeout) {
    Nodes all = new Nodes(backend.inventory(), id);
    Map<String, Integer> statuses = new ConcurrentSkipListMap<>();
    ParallelActions.forEach(
        nodes.isEmpty() ? List.of(all.controller()) : all.running(nodes),
        "a command on cluster " + id.name(),
        node ->
            statuses.put(
                node,
                backend
                    .nodeAccess()
                    .run(id, node, account(user), command, output.apply(node), timeout)));
    return statuses;
  }

  /** Runs a command on one node, and returns its exit status. */
  public int run(
      String node,
      Optional<String> user,
      List<String> command,
      CommandOutput output,
      Duration timeout) {
    return backend
        .nodeAccess()
        .run(
            id,
            new Nodes(backend.inventory(), id).running(node),
            account(user),
            command,
            output,
            timeout);
  }

  /** Runs a command on the controller as the user who logs in. */
  public CommandResult run(List<String> command, Duration timeout) {
    return backend
        .nodeAccess()
        .run(
            id,
            new Nodes(backend.inventory(), id).controller(),
            SshDefinition.USER,
            command,
            line -> {},
            timeout);
  }

  private static String account(Optional<String> user) {
    return user.orElse(SshDefinition.USER);
  }

  /**
   * Opens a shell on a node, in the account's home directory as over SSH, and returns its exit
   * status.
   */
  public int shell(String node, Optional<String> user, Supplier<Terminal> terminal) {
    String name = new Nodes(backend.inventory(), id).running(node);
    try (Terminal screen = terminal.get()) {
      List<String> shell = List.of("bash", "-c", "cd; exec bash --login");
      return backend.nodeAccess().run(id, name, account(user), shell, screen);
    }
  }

  /**
   * Copies a file or directory of this machine into nodes.
   *
   * @param nodes names or host lists, or roles; empty for all
   * @param target path on the nodes, from {@link #path}
   */
  public void copy(Path source, List<String> nodes, String target) {
    ParallelActions.forEach(
        new Nodes(backend.inventory(), id).running(nodes),
        "a copy to cluster " + id.name(),
        node -> backend.nodeAccess().copy(id, node, source.toAbsolutePath(), target));
  }

  /**
   * Copies a file or directory of a node to this machine.
   *
   * @param node name; empty for the controller
   * @param source path on the node, from {@link #path}
   */
  public void copyBack(Optional<String> node, String source, Path target) {
    Nodes all = new Nodes(backend.inventory(), id);
    String from = node.map(all::running).orElseGet(all::controller);
    backend.nodeAccess().copyBack(id, from, source, target.toAbsolutePath());
  }

  /**
   * Refuses a NUL: an argument of a program cannot contain one, and engines treat it differently.
   */
  public static void requireText(String parameter, Stream<String> texts) {
    texts
        .filter(text -> text.indexOf('\0') >= 0)
        .findFirst()
        .ifPresent(
            text -> {
              throw new InvalidParameterException(
                  parameter, text, "has a NUL character: leave it out");
            });
  }

  /** Returns a path in the cluster. A relative one starts at the login's home, as with scp. */
  public static String path(String parameter, String path) {
    requireText(parameter, Stream.of(path));
    if (path.isEmpty()) {
      throw new InvalidParameterException(
          parameter,
          path,
          "is not a path in the cluster: name a file or directory after the colon");
    }
    return path.startsWith("/") ? path : SshDefinition.HOME + "/" + path;
  }
}
