/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.ClusterBackend.ClusterSummary;
import io.github.slurmmaven.backend.ClusterBackend.Rendering;
import io.github.slurmmaven.backend.ClusterBackend.Taken;
import io.github.slurmmaven.backend.ClusterBackend.Watch;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.files.Allocation;
import io.github.slurmmaven.files.BackendKind;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.terminal.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A running cluster of which a test says how its nodes, logs and commands are. */
final class ScriptedBackend implements ClusterBackend {

  /** The check that the readiness runs on the controller. */
  @FunctionalInterface
  interface Check {
    CommandResult run(Consumer<String> lines) throws InterruptedException;
  }

  volatile List<NodeStatus> nodes =
      List.of(
          new NodeStatus("head", "controller", true, "running"),
          new NodeStatus("n1", "compute", true, "running"));
  volatile String log = "";
  volatile String slurmNodes = "";
  volatile Check check = lines -> new CommandResult(0, "", "");
  volatile int sshPort;
  volatile Optional<Address> registry = Optional.empty();
  volatile @Nullable RuntimeException noSsh;
  final List<String> commands = new ArrayList<>();
  private final AtomicReference<@Nullable Consumer<NodeStatus>> watcher = new AtomicReference<>();

  /** Ends a node now. */
  void end(String node, String detail) {
    NodeStatus ended = new NodeStatus(node, "compute", false, detail);
    nodes = nodes.stream().map(each -> each.name().equals(node) ? ended : each).toList();
    Consumer<NodeStatus> heard = watcher.get();
    if (heard != null) {
      heard.accept(ended);
    }
  }

  boolean isWatched() {
    return watcher.get() != null;
  }

  static CommandResult never() throws InterruptedException {
    Thread.sleep(Duration.ofMinutes(5).toMillis());
    throw new AssertionError("nobody interrupted the check");
  }

  @Override
  public void stopController(ClusterId id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void startController(ClusterId id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void disconnect(ClusterId id, String node) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void reconnect(ClusterFiles files, String node) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void dropConnections(ClusterId id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public BackendKind kind() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<NodeStatus> nodes(ClusterId id) {
    return nodes;
  }

  @Override
  public Watch watch(ClusterId id, Consumer<NodeStatus> onExit) {
    watcher.set(onExit);
    return () -> watcher.set(null);
  }

  @Override
  public CommandResult run(
      ClusterId id,
      String node,
      String user,
      List<String> command,
      Consumer<String> lines,
      Duration timeout) {
    synchronized (commands) {
      commands.add(user + "@" + node + " " + command.get(0));
    }
    if (user.equals("root")) {
      return new CommandResult(0, slurmNodes, "");
    }
    try {
      return check.run(lines);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new io.github.slurmmaven.client.SlurmClusterException("interrupted", e);
    }
  }

  @Override
  public int run(
      ClusterId id,
      String node,
      String user,
      List<String> command,
      CommandOutput output,
      Duration timeout) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int run(ClusterId id, String node, String user, List<String> command, Terminal terminal) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void copyBack(ClusterId id, String node, String source, Path target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void logs(ClusterId id, String node, LogRequest request, Consumer<String> lines) {
    log.lines().forEach(lines);
  }

  @Override
  public Address ssh(ClusterId id) {
    RuntimeException failure = noSsh;
    if (failure != null) {
      throw failure;
    }
    return new Address("127.0.0.1", sshPort);
  }

  @Override
  public Optional<Address> registry(ClusterId id) {
    return registry;
  }

  @Override
  public void copy(ClusterId id, String node, Path source, String target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String description() {
    return "scripted";
  }

  @Override
  public void check(ClusterDefinition spec) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Allocation allocate(
      ClusterId id, ClusterDefinition spec, Optional<Allocation> previous, Taken taken) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Rendering render(ClusterId id, ClusterDefinition spec, Allocation allocation) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Map<ClusterId, String> owners() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<ClusterSummary> clusters() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Instant> runningSince(ClusterId id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String ownDirectory(ClusterId cluster, String node) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Login login(ClusterId id, ClusterDefinition spec) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void prepare(ClusterFiles files, Progress progress) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void up(ClusterFiles files, String owner, Progress progress) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void stop(ClusterId id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void stop(ClusterId id, String node) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean destroy(ClusterId id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
