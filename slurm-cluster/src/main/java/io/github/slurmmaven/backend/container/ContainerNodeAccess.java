/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.backend.NodeAccess;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.terminal.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Runs commands in a cluster's containers, copies their files, and reads their logs. */
final class ContainerNodeAccess implements NodeAccess {

  private final ContainerEngine engine;
  private final ClusterContainers containers;
  private final ContainerCopies copies;

  ContainerNodeAccess(
      ContainerEngine engine, ClusterContainers containers, ContainerCopies copies) {
    this.engine = engine;
    this.containers = containers;
    this.copies = copies;
  }

  private String container(ClusterId id, String node) {
    return containers.container(id, node).id();
  }

  private static ExecCommand command(String node, String user, List<String> command) {
    return new ExecCommand(command, user, Map.of(NODE_NAME, node));
  }

  @Override
  public int run(
      ClusterId id,
      String node,
      String user,
      List<String> command,
      CommandOutput output,
      Duration timeout) {
    return engine.exec(container(id, node), command(node, user, command), output, timeout);
  }

  @Override
  public int run(ClusterId id, String node, String user, List<String> command, Terminal terminal) {
    return engine.terminal(container(id, node), command(node, user, command), terminal);
  }

  @Override
  public void copy(ClusterId id, String node, Path source, String target) {
    copies.copy(container(id, node), node, source, target);
  }

  @Override
  public void copyBack(ClusterId id, String node, String source, Path target) {
    copies.copyBack(container(id, node), node, source, target);
  }

  @Override
  public void logs(ClusterId id, String node, LogRequest request, Consumer<String> lines) {
    engine.logs(container(id, node), request, lines);
  }

  @Override
  public String ownDirectory(ClusterId id, String node) {
    return "/var/lib";
  }
}
