/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.NodeAccess;
import io.github.slurmmaven.backend.embedded.ClusterIndex.Entry;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Consumer;

/** Runs commands of a cluster's nodes as processes of this machine, and copies their files. */
final class EmbeddedNodeAccess implements NodeAccess {

  private final LocalClusters clusters;
  private final EmbeddedInventory inventory;

  EmbeddedNodeAccess(LocalClusters clusters, EmbeddedInventory inventory) {
    this.clusters = clusters;
    this.inventory = inventory;
  }

  @Override
  public int run(
      ClusterId id,
      String node,
      String account,
      List<String> command,
      CommandOutput output,
      Duration timeout) {
    return commands(id, node, account).run(command, output, timeout);
  }

  @Override
  public int run(
      ClusterId id, String node, String account, List<String> command, Terminal terminal) {
    return TerminalSession.run(
        commands(id, node, account),
        id.directory().resolve("bundle/libexec/slurm-pty"),
        command,
        terminal);
  }

  private LocalCommand commands(ClusterId id, String node, String account) {
    Entry entry = clusters.entry(id, node);
    if (!List.of("root", SshDefinition.USER, clusters.user().name()).contains(account)) {
      throw new UserMistakeException(
          "user: '%s' is not a user of cluster %s. Without containers, all of its processes run as %s: only containers have other users"
              .formatted(account, id.name(), clusters.user().name()));
    }
    if (!clusters.isAlive(id)) {
      throw new SlurmClusterException("Cluster " + id.name() + " does not run");
    }
    Path root = entry.choice().link().orElse(id.directory());
    SortedMap<String, String> environment =
        ProcessEnvironment.of(id.directory(), root, clusters.user());
    // The supervisor's --reap finds leftover processes of such a command by this variable.
    environment.put("SLURM_MAVEN_CLUSTER", id.directory().toString());
    environment.put(NODE_NAME, node);
    return new LocalCommand(LocalClusters.layout(id).home(), environment);
  }

  @Override
  public void copy(ClusterId id, String node, Path source, String target) {
    Path here =
        HomePaths.writable(target, LocalClusters.layout(id).home())
            .orElseThrow(
                () ->
                    new UserMistakeException(
                        "target: %s does not belong to cluster %s: without containers, its nodes see this machine's files, and a copy can only go below %s or /tmp"
                            .formatted(target, id.name(), SshDefinition.HOME)));
    try {
      TreeCopy.copy(source, here);
    } catch (IOException e) {
      throw new UserMistakeException(
          "target: %s cannot be copied to %s: %s".formatted(source, here, FileFailure.of(e)), e);
    }
  }

  @Override
  public void copyBack(ClusterId id, String node, String source, Path target) {
    Path here = HomePaths.readable(source, LocalClusters.layout(id).home());
    if (!Files.exists(here)) {
      throw new UserMistakeException(
          "source: node %s has no file or directory '%s'".formatted(node, source));
    }
    try {
      TreeCopy.copy(here, target);
    } catch (IOException e) {
      throw new UserMistakeException(
          "target: '%s' cannot be written: %s".formatted(target, FileFailure.of(e)), e);
    }
  }

  @Override
  public void logs(ClusterId id, String node, LogRequest request, Consumer<String> lines) {
    Layout layout = LocalClusters.layout(id);
    // Only the lines of Slurm's own log have a time.
    new LogFile(request.since().isPresent() ? layout.slurmLog(node) : layout.log(node))
        .read(request, lines, () -> isRunning(id, node));
  }

  private boolean isRunning(ClusterId id, String node) {
    return inventory.nodes(id).stream()
        .anyMatch(each -> each.name().equals(node) && each.running());
  }

  @Override
  public String ownDirectory(ClusterId id, String node) {
    return LocalClusters.layout(id).node(node).toString();
  }
}
