/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.ClusterBackend.ClusterSummary;
import io.github.slurmmaven.backend.ClusterBackend.Login;
import io.github.slurmmaven.backend.ClusterBackend.NodeStatus;
import io.github.slurmmaven.backend.ClusterBackend.Rendering;
import io.github.slurmmaven.backend.ClusterBackend.Taken;
import io.github.slurmmaven.backend.ClusterBackend.Watch;
import io.github.slurmmaven.backend.embedded.bundle.BundleCache;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.backend.embedded.supervisor.ThisUser;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.files.Allocation;
import io.github.slurmmaven.files.BackendKind;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.terminal.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Runs a cluster as processes of this machine and this user, from a bundle of Slurm's programs. */
public final class EmbeddedBackend implements ClusterBackend {

  private final LocalClusters clusters;
  private final Duration timeout;
  private final EmbeddedInventory inventory;
  private final EmbeddedCommands commands;
  private final EmbeddedPlanner planner;
  private final EmbeddedProvisioner provisioner;
  private final EmbeddedDisruptions disruptions;

  /**
   * A backend on this machine.
   *
   * @param bundles where Slurm's programs are
   * @param variables environment variables
   * @param timeout how long its processes may take to start, and to do what they are told
   */
  public EmbeddedBackend(BundleSource bundles, Map<String, String> variables, Duration timeout) {
    Map<String, String> all = Map.copyOf(variables);
    clusters = new LocalClusters(index(all), ThisUser.current());
    this.timeout = timeout;
    inventory = new EmbeddedInventory(clusters);
    commands = new EmbeddedCommands(clusters, inventory);
    planner = new EmbeddedPlanner(clusters, all);
    provisioner = new EmbeddedProvisioner(clusters, commands, bundles, all, timeout);
    disruptions = new EmbeddedDisruptions(clusters, commands, timeout);
  }

  /** Whether a cluster was brought up on this machine and not destroyed since. */
  public static boolean knows(ClusterId id, Map<String, String> variables) {
    try {
      return index(variables).get(id).isPresent();
    } catch (UserMistakeException e) {
      // Who has no cache has brought up none.
      return false;
    }
  }

  private static ClusterIndex index(Map<String, String> variables) {
    return new ClusterIndex(BundleCache.userDirectory(variables).resolveSibling("clusters"));
  }

  /**
   * Makes sure that there are programs for this machine.
   *
   * @throws UserMistakeException says why there are none
   */
  public void requireBundle(SlurmVersion version) {
    provisioner.requireBundle(version);
  }

  @Override
  public String description() {
    return "embedded Slurm (processes of user %s)".formatted(clusters.user().name());
  }

  @Override
  public BackendKind kind() {
    return planner.kind();
  }

  @Override
  public void check(ClusterDefinition spec) {
    planner.check(spec);
  }

  @Override
  public Allocation allocate(
      ClusterId id, ClusterDefinition spec, Optional<Allocation> previous, Taken taken) {
    return planner.allocate(id, spec, previous, taken);
  }

  @Override
  public Rendering render(ClusterId id, ClusterDefinition spec, Allocation allocation) {
    return planner.render(id, spec, allocation);
  }

  @Override
  public void prepare(ClusterFiles files, Progress progress) {
    provisioner.prepare(files, progress);
  }

  @Override
  public void up(ClusterFiles files, String owner, Progress progress) {
    provisioner.up(files, owner, progress);
  }

  @Override
  public Taken taken(ClusterId id) {
    return provisioner.taken(id);
  }

  @Override
  public void stop(ClusterId id) {
    provisioner.stop(id);
  }

  @Override
  public void stop(ClusterId id, String node) {
    provisioner.stop(id, node);
  }

  @Override
  public boolean destroy(ClusterId id) {
    return provisioner.destroy(id);
  }

  @Override
  public List<ClusterSummary> clusters() {
    return inventory.clusters();
  }

  @Override
  public Map<ClusterId, String> owners() {
    return inventory.owners();
  }

  @Override
  public List<NodeStatus> nodes(ClusterId id) {
    return inventory.nodes(id);
  }

  @Override
  public Optional<Instant> runningSince(ClusterId id) {
    return inventory.runningSince(id);
  }

  @Override
  public Watch watch(ClusterId id, Consumer<NodeStatus> onExit) {
    return inventory.watch(id, onExit);
  }

  @Override
  public int run(
      ClusterId id,
      String node,
      String user,
      List<String> command,
      CommandOutput output,
      Duration timeout) {
    return commands.run(id, node, user, command, output, timeout);
  }

  @Override
  public int run(ClusterId id, String node, String user, List<String> command, Terminal terminal) {
    return commands.run(id, node, user, command, terminal);
  }

  @Override
  public void copy(ClusterId id, String node, Path source, String target) {
    commands.copy(id, node, source, target);
  }

  @Override
  public void copyBack(ClusterId id, String node, String source, Path target) {
    commands.copyBack(id, node, source, target);
  }

  @Override
  public void logs(ClusterId id, String node, LogRequest request, Consumer<String> lines) {
    commands.logs(id, node, request, lines);
  }

  @Override
  public String ownDirectory(ClusterId id, String node) {
    return commands.ownDirectory(id, node);
  }

  @Override
  public Login login(ClusterId id, ClusterDefinition spec) {
    return new Login(clusters.user().name(), LocalClusters.password(id, spec));
  }

  @Override
  public Address ssh(ClusterId id) {
    // Before it has its port, what answers there is another's.
    LocalClusters.supervisor(id).awaitReady(Daemons.SSHD, timeout);
    return new Address(
        LocalClusters.LOOPBACK,
        clusters
            .index()
            .get(id)
            .map(entry -> entry.choice().sshPort())
            .orElseThrow(
                () -> new SlurmClusterException("Cluster " + id.name() + " does not run")));
  }

  @Override
  public Optional<Address> registry(ClusterId id) {
    return Optional.empty();
  }

  @Override
  public void stopController(ClusterId id) {
    disruptions.stopController(id);
  }

  @Override
  public void startController(ClusterId id) {
    disruptions.startController(id);
  }

  @Override
  public void disconnect(ClusterId id, String node) {
    disruptions.disconnect(id, node);
  }

  @Override
  public void reconnect(ClusterFiles files, String node) {
    disruptions.reconnect(files, node);
  }

  @Override
  public void dropConnections(ClusterId id) {
    disruptions.dropConnections(id);
  }

  @Override
  public void close() {
    // Nothing is held open.
  }
}
