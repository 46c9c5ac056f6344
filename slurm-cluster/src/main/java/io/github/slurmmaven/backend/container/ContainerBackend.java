/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.ClusterBackend.ClusterSummary;
import io.github.slurmmaven.backend.ClusterBackend.Login;
import io.github.slurmmaven.backend.ClusterBackend.NodeStatus;
import io.github.slurmmaven.backend.ClusterBackend.Rendering;
import io.github.slurmmaven.backend.ClusterBackend.Taken;
import io.github.slurmmaven.backend.ClusterBackend.Watch;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineInfo;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.NetworkSummary;
import io.github.slurmmaven.files.Allocation;
import io.github.slurmmaven.files.BackendKind;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.image.ClusterImages;
import io.github.slurmmaven.terminal.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Runs a cluster as what its docker-compose.yml says, on a container engine. Each port has a class
 * of its own.
 */
public final class ContainerBackend implements ClusterBackend {

  private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(2);

  private final ContainerEngine engine;
  private final ClusterImages images;
  private final Parallel parallel = new Parallel();
  private final ClusterContainers containers;
  private final ContainerCopies copies;
  private final ContainerProvisioner provisioner;
  private final ContainerDisruptions disruptions;

  /** A backend on an engine, with the default of {@code timeout}. */
  public ContainerBackend(ContainerEngine engine, Map<String, String> environment) {
    this(engine, environment, DEFAULT_TIMEOUT);
  }

  /**
   * A backend on an engine.
   *
   * @param engine closed with this backend
   * @param environment variables for Compose files, stronger than {@code .env}
   * @param timeout how long a node may take to read its configuration anew, or to start or end a
   *     daemon
   */
  public ContainerBackend(
      ContainerEngine engine, Map<String, String> environment, Duration timeout) {
    this.engine = engine;
    Map<String, String> variables = Map.copyOf(environment);
    images = new ClusterImages(variables);
    containers = new ClusterContainers(engine, parallel);
    copies = new ContainerCopies(engine);
    provisioner =
        new ContainerProvisioner(
            engine,
            variables,
            images,
            parallel,
            containers,
            new ServiceContainers(engine, copies, timeout));
    disruptions = new ContainerDisruptions(engine, containers, variables, timeout);
  }

  @Override
  public BackendKind kind() {
    return BackendKind.DOCKER;
  }

  @Override
  public String description() {
    EngineInfo info = engine.info();
    return "%s (API %s) at %s".formatted(info.name(), info.apiVersion(), info.address());
  }

  /** Plans with what the engine knows now. */
  private ContainerPlanner planner() {
    return new ContainerPlanner(engine.info(), this::usage, containers::ports, images);
  }

  private EngineUsage usage() {
    Future<List<NetworkSummary>> networks = parallel.submit(engine::listNetworks);
    return new EngineUsage(Parallel.get(networks), engine.listContainers(Map.of()));
  }

  @Override
  public void check(ClusterDefinition spec) {
    planner().check(spec);
  }

  @Override
  public Allocation allocate(
      ClusterId id, ClusterDefinition spec, Optional<Allocation> previous, Taken taken) {
    return planner().allocate(id, spec, previous, taken);
  }

  @Override
  public Rendering render(ClusterId id, ClusterDefinition spec, Allocation allocation) {
    return planner().render(id, spec, allocation);
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
    return containers.clusters();
  }

  @Override
  public Map<ClusterId, String> owners() {
    return containers.owners();
  }

  @Override
  public List<NodeStatus> nodes(ClusterId id) {
    return containers.nodes(id);
  }

  @Override
  public Optional<Instant> runningSince(ClusterId id) {
    return containers.runningSince(id);
  }

  @Override
  public Watch watch(ClusterId id, Consumer<NodeStatus> onExit) {
    return containers.watch(id, onExit);
  }

  @Override
  public Login login(ClusterId id, ClusterDefinition spec) {
    return containers.endpoints().login(id, spec);
  }

  @Override
  public Address ssh(ClusterId id) {
    return containers.endpoints().ssh(id);
  }

  @Override
  public Optional<Address> registry(ClusterId id) {
    return containers.endpoints().registry(id);
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
  public int run(
      ClusterId id,
      String node,
      String user,
      List<String> command,
      CommandOutput output,
      Duration timeout) {
    return engine.exec(
        containers.container(id, node).id(),
        new ExecCommand(command, user, Map.of(NODE_NAME, node)),
        output,
        timeout);
  }

  @Override
  public int run(ClusterId id, String node, String user, List<String> command, Terminal terminal) {
    return engine.terminal(
        containers.container(id, node).id(),
        new ExecCommand(command, user, Map.of(NODE_NAME, node)),
        terminal);
  }

  @Override
  public void logs(ClusterId id, String node, LogRequest request, Consumer<String> lines) {
    engine.logs(containers.container(id, node).id(), request, lines);
  }

  @Override
  public void copy(ClusterId id, String node, Path source, String target) {
    copies.copy(containers.container(id, node).id(), node, source, target);
  }

  @Override
  public void copyBack(ClusterId id, String node, String source, Path target) {
    copies.copyBack(containers.container(id, node).id(), node, source, target);
  }

  @Override
  public String ownDirectory(ClusterId id, String node) {
    return "/var/lib";
  }

  @Override
  public String load(ClusterFiles files, ImageSource image, Progress progress) {
    ClusterId id = files.id();
    ImageLoader loader = new ImageLoader(engine, progress);
    Optional<PortBinding> registry = containers.endpoints().registryBinding(id);
    if (registry.isPresent()) {
      return loader.push(image, ContainerEndpoints.seenByEngine(registry.get()));
    }
    if (files.definition().pyxis().isEmpty()) {
      throw new UserMistakeException(
          "Cluster %s has neither a registry nor jobs in containers, so there is no place for an"
                  .formatted(id.name())
              + " image: create it with withRegistry or withPyxis");
    }
    ContainerSummary node =
        containers.known(id).stream()
            .filter(container -> ClusterContainers.name(container).isPresent())
            .filter(container -> !Role.CONTROLLER.id().equals(container.labels().get(Labels.ROLE)))
            .findFirst()
            .orElseThrow(() -> new SlurmClusterException("Cluster " + id.name() + " does not run"));
    return loader.place(image, node.id());
  }

  @Override
  public void close() {
    parallel.close();
    engine.close();
  }
}
