/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.Disruptions;
import io.github.slurmmaven.backend.Endpoints;
import io.github.slurmmaven.backend.Inventory;
import io.github.slurmmaven.backend.Inventory.ClusterSummary;
import io.github.slurmmaven.backend.Inventory.Watch;
import io.github.slurmmaven.backend.NodeAccess;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.Planner;
import io.github.slurmmaven.backend.Provisioner;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.definition.ClusterDefinition;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A running cluster of which a test says how its nodes, logs and commands are. */
final class ScriptedBackend implements ClusterBackend, Inventory, NodeAccess, Endpoints {

  /** The check that the readiness runs on the controller. */
  @FunctionalInterface
  interface Check {
    CommandResult run(Consumer<String> lines) throws InterruptedException;
  }

  volatile List<BackendNode> nodes =
      List.of(
          new BackendNode("head", "controller", true, "running"),
          new BackendNode("n1", "compute", true, "running"));
  volatile String log = "";
  volatile String slurmNodes = "";
  volatile Check check = lines -> new CommandResult(0, "", "");
  volatile int sshPort;
  volatile Optional<Address> registry = Optional.empty();
  volatile Supplier<Optional<Address>> rest = Optional::empty;
  volatile @Nullable RuntimeException noSsh;
  final List<String> commands = new ArrayList<>();
  private final AtomicReference<@Nullable Consumer<BackendNode>> watcher = new AtomicReference<>();

  /** Ends a node now. */
  void end(String node, String detail) {
    BackendNode ended = new BackendNode(node, "compute", false, detail);
    nodes = nodes.stream().map(each -> each.name().equals(node) ? ended : each).toList();
    Consumer<BackendNode> heard = watcher.get();
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
  public List<BackendNode> nodes(ClusterId id) {
    return nodes;
  }

  @Override
  public Watch watch(ClusterId id, Consumer<BackendNode> onExit) {
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
  public Optional<Address> rest(ClusterId id) {
    return rest.get();
  }

  @Override
  public void copy(ClusterId id, String node, Path source, String target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Planner planner() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Provisioner provisioner() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Inventory inventory() {
    return this;
  }

  @Override
  public NodeAccess nodeAccess() {
    return this;
  }

  @Override
  public Endpoints endpoints() {
    return this;
  }

  @Override
  public Disruptions disruptions() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String description() {
    return "scripted";
  }

  @Override
  public Map<ClusterId, Owner> owners() {
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
  public Login login(ClusterId id, ClusterDefinition definition) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
