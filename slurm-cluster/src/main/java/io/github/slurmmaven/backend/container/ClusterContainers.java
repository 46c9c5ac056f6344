/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.Inventory;
import io.github.slurmmaven.backend.Inventory.ClusterSummary;
import io.github.slurmmaven.backend.Inventory.Watch;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.NetworkSummary;
import io.github.slurmmaven.engine.VolumeSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the containers of clusters, and reports their roles and states. */
final class ClusterContainers implements Inventory {

  /** The label of everything that belongs to a cluster. */
  private static final Map<String, String> OURS = Map.of(Labels.CLUSTER, "");

  static final String REGISTRY = "registry";

  private final ContainerEngine engine;
  private final Parallel parallel;
  private final ContainerEndpoints endpoints;

  /** The containers of clusters that this backend brought up, as listed once. */
  private final Map<ClusterId, List<ContainerSummary>> running = new ConcurrentHashMap<>();

  ClusterContainers(ContainerEngine engine, Parallel parallel) {
    this.engine = engine;
    this.parallel = parallel;
    endpoints = new ContainerEndpoints(engine, this);
  }

  /** Returns the addresses of the containers. */
  ContainerEndpoints endpoints() {
    return endpoints;
  }

  /** Caches the containers of a cluster that was brought up. They do not change until it ends. */
  void remember(ClusterId id) {
    running.put(id, containers(id));
  }

  /** Returns the ports of the host that a cluster's containers use, running or not. */
  Set<Integer> ports(ClusterId id) {
    return containers(id).stream()
        .flatMap(container -> engine.inspectContainer(container.id()).ports().stream())
        .map(ContainerDefinition.PortBinding::hostPort)
        .collect(Collectors.toSet());
  }

  /** Clears the cache of a cluster that ends. */
  void forget(ClusterId id) {
    running.remove(id);
  }

  @Override
  public List<ClusterSummary> clusters() {
    Future<List<ContainerSummary>> containers = allContainers();
    Map<ClusterId, Owner> owners = owners(containers);
    Map<ClusterId, List<ContainerSummary>> byCluster = new LinkedHashMap<>();
    for (ContainerSummary container : Parallel.get(containers)) {
      Labels.clusterOf(container.labels())
          .ifPresent(id -> byCluster.computeIfAbsent(id, key -> new ArrayList<>()).add(container));
    }
    return owners.entrySet().stream()
        .map(
            cluster ->
                summary(
                    cluster.getKey(),
                    cluster.getValue(),
                    byCluster.getOrDefault(cluster.getKey(), List.of())))
        .sorted(
            Comparator.comparing((ClusterSummary cluster) -> cluster.id().name())
                .thenComparing(cluster -> cluster.id().directory()))
        .toList();
  }

  @Override
  public Map<ClusterId, Owner> owners() {
    return owners(allContainers());
  }

  private Future<List<ContainerSummary>> allContainers() {
    return parallel.submit(() -> engine.listContainers(OURS));
  }

  /** An interrupted start or removal may leave only networks and volumes. */
  private Map<ClusterId, Owner> owners(Future<List<ContainerSummary>> containers) {
    Future<List<NetworkSummary>> networks = parallel.submit(engine::listNetworks);
    Future<List<VolumeSummary>> volumes = parallel.submit(() -> engine.listVolumes(OURS));
    Map<ClusterId, Owner> owners = new LinkedHashMap<>();
    Stream.of(
            Parallel.get(containers).stream().map(ContainerSummary::labels),
            Parallel.get(networks).stream().map(NetworkSummary::labels),
            Parallel.get(volumes).stream().map(VolumeSummary::labels))
        .flatMap(labels -> labels)
        .forEach(
            labels ->
                Labels.clusterOf(labels)
                    .ifPresent(
                        id ->
                            owners.merge(
                                id,
                                new Owner(labels.getOrDefault(Labels.OWNER, "")),
                                (one, other) -> one.isNobody() ? other : one)));
    return owners;
  }

  private ClusterSummary summary(ClusterId id, Owner owner, List<ContainerSummary> containers) {
    return new ClusterSummary(
        id,
        owner,
        containers.stream().map(ContainerSummary::createdAt).min(Comparator.naturalOrder()),
        nodes(containers),
        controller(containers)
            .flatMap(
                container ->
                    ContainerEndpoints.published(container.ports(), SshDefinition.CONTAINER_PORT))
            .map(binding -> endpoints.address(binding, containers)));
  }

  @Override
  public List<BackendNode> nodes(ClusterId id) {
    return nodes(containers(id));
  }

  private List<BackendNode> nodes(List<ContainerSummary> containers) {
    return containers.stream()
        .filter(container -> name(container).isPresent())
        .sorted(
            Comparator.comparing((ContainerSummary container) -> !runsController(container))
                .thenComparing(ClusterContainers::node))
        .map(this::status)
        .flatMap(Optional::stream)
        .toList();
  }

  @Override
  public Optional<Instant> runningSince(ClusterId id) {
    return controller(containers(id))
        .map(controller -> engine.inspectContainer(controller.id()))
        .filter(ContainerState::running)
        .flatMap(ContainerState::startedAt);
  }

  @Override
  public Watch watch(ClusterId id, Consumer<BackendNode> onExit) {
    List<ContainerEngine.Subscription> subscriptions = new ArrayList<>();
    for (ContainerSummary container : known(id)) {
      if (name(container).isPresent()) {
        subscriptions.add(
            engine.watchExit(container.id(), code -> onExit.accept(ended(container))));
      }
    }
    return () -> subscriptions.forEach(ContainerEngine.Subscription::close);
  }

  static Optional<ContainerSummary> controller(List<ContainerSummary> containers) {
    return containers.stream().filter(ClusterContainers::runsController).findFirst();
  }

  ContainerSummary controller(ClusterId id) {
    return controller(known(id))
        .orElseThrow(
            () -> new SlurmClusterException("Cluster %s has no controller".formatted(id.name())));
  }

  static boolean runsController(ContainerSummary container) {
    String role = container.labels().get(Labels.ROLE);
    return Role.CONTROLLER.id().equals(role) || Role.ALL_IN_ONE.id().equals(role);
  }

  static String node(ContainerSummary container) {
    return name(container).orElseThrow();
  }

  /**
   * Returns the name of the node or of the registry, without which a cluster does not work either.
   */
  static Optional<String> name(ContainerSummary container) {
    return Optional.ofNullable(container.labels().get(Labels.NODE))
        .or(
            () ->
                Optional.ofNullable(container.labels().get(Labels.ROLE)).filter(REGISTRY::equals));
  }

  private Optional<BackendNode> status(ContainerSummary container) {
    return container.status() == ContainerState.Status.RUNNING
        ? Optional.of(status(container, BackendNode.State.RUNNING, "running"))
        : inspected(container);
  }

  private static BackendNode status(
      ContainerSummary container, BackendNode.State state, String detail) {
    return new BackendNode(
        node(container), container.labels().getOrDefault(Labels.ROLE, ""), state, detail);
  }

  private Optional<BackendNode> inspected(ContainerSummary container) {
    try {
      ContainerState state = engine.inspectContainer(container.id());
      return Optional.of(status(container, stateOf(state), describe(state)));
    } catch (EngineException e) {
      if (e.kind() == EngineException.Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  static String describe(ContainerState state) {
    return switch (state.status()) {
      case EXITED, DEAD ->
          "exited with code "
              + state.exitCode()
              + (state.outOfMemory() ? ", killed by the kernel: out of memory" : "")
              + (state.error().isEmpty() ? "" : ": " + state.error());
      case CREATED ->
          "created but not started" + (state.error().isEmpty() ? "" : ": " + state.error());
      case RUNNING -> "running";
      case PAUSED -> "paused";
      case RESTARTING -> "restarting after exit code " + state.exitCode();
      case REMOVING -> "being removed";
    };
  }

  private static BackendNode.State stateOf(ContainerState state) {
    if (state.running()) {
      return BackendNode.State.RUNNING;
    }
    return state.outOfMemory() ? BackendNode.State.OUT_OF_MEMORY : BackendNode.State.ENDED;
  }

  private BackendNode ended(ContainerSummary container) {
    try {
      return inspected(container)
          .orElseGet(() -> status(container, BackendNode.State.ENDED, "removed"));
    } catch (EngineException e) {
      return status(container, BackendNode.State.ENDED, "lost: " + e.getMessage());
    }
  }

  List<ContainerSummary> containers(ClusterId id) {
    return engine.listContainers(Labels.of(id));
  }

  List<ContainerSummary> known(ClusterId id) {
    List<ContainerSummary> known = running.get(id);
    return known == null ? containers(id) : known;
  }

  ContainerSummary container(ClusterId id, String node) {
    return known(id).stream()
        .filter(container -> name(container).equals(Optional.of(node)))
        .findFirst()
        .orElseThrow(
            () ->
                new SlurmClusterException(
                    "Cluster %s has no node '%s' on this engine".formatted(id.name(), node)));
  }
}
