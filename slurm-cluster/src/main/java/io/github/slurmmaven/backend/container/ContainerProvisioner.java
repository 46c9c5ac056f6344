/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import io.github.slurmmaven.backend.AllocationTakenException;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.Provisioner;
import io.github.slurmmaven.backend.Taken;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.compose.ComposeNetwork;
import io.github.slurmmaven.compose.ComposeProject;
import io.github.slurmmaven.compose.ComposeService;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineInfo;
import io.github.slurmmaven.engine.NetworkSummary;
import io.github.slurmmaven.engine.VolumeSummary;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.image.ClusterImages;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;

/** Brings up a cluster's Compose project, and takes it down. */
final class ContainerProvisioner implements Provisioner {

  private final ContainerEngine engine;
  private final Map<String, String> environment;
  private final ClusterImages images;
  private final Parallel parallel;
  private final ClusterContainers containers;
  private final ServiceContainers services;
  private final ContainerDisruptions disruptions;

  ContainerProvisioner(
      ContainerEngine engine,
      Map<String, String> environment,
      ClusterImages images,
      Parallel parallel,
      ClusterContainers containers,
      ServiceContainers services,
      ContainerDisruptions disruptions) {
    this.engine = engine;
    this.environment = environment;
    this.images = images;
    this.parallel = parallel;
    this.containers = containers;
    this.services = services;
    this.disruptions = disruptions;
  }

  @Override
  public void prepare(ClusterFiles files, Progress progress) {
    ClusterId id = files.id();
    Collection<ComposeService> services =
        RunnableProject.read(files, environment).services().values();
    if (services.stream().noneMatch(service -> service.labels().containsKey(Labels.NODE))) {
      throw new UserMistakeException(
          "%s: no service has the label %s, so cluster %s has no node"
              .formatted(id.directory().resolve("docker-compose.yml"), Labels.NODE, id.name()));
    }
    // A project without a definition has images, too.
    Optional<String> repository =
        files.hasDefinition() ? files.definition().imageRepository() : Optional.empty();
    services.stream()
        .map(ComposeService::image)
        .distinct()
        .forEach(image -> images.ensure(engine, image, repository, files::definition, progress));
  }

  @Override
  public void up(ClusterFiles files, Owner owner, Progress progress) {
    ClusterId id = files.id();
    Future<List<ContainerSummary>> existing = parallel.submit(() -> containers.containers(id));
    Future<List<NetworkSummary>> networks = parallel.submit(engine::listNetworks);
    ComposeProject project = RunnableProject.read(files, environment);
    Map<String, String> identity = new LinkedHashMap<>(Labels.of(id));
    identity.put(Labels.OWNER, owner.value());
    identity.put(Labels.CREATED_AT, Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    EngineInfo info = engine.info();
    ComposeTranslator translator =
        new ComposeTranslator(project, identity, info.cpus(), info.memory());
    services.expectShared(info.isLocal());
    boolean expected = services.filesAreShared();
    if (!services.filesAreShared()) {
      translator.requireCopiesWillDo();
    }
    // A project without a definition copies nothing.
    Optional<ClusterDefinition> definition =
        files.hasDefinition() ? Optional.of(files.definition()) : Optional.empty();

    List<ContainerSummary> fitting =
        removeWhatDoesNotFit(project, Parallel.get(existing), Parallel.get(networks));
    // Wait for both, even if one fails: what is created after a roll-back would stay.
    Parallel.join(
        List.of(
            parallel.submit(() -> createNetworks(project, translator, Parallel.get(networks))),
            parallel.submit(() -> createVolumes(project, translator))));
    boolean controllerRan =
        ClusterContainers.controller(fitting)
            .filter(container -> container.status() == ContainerState.Status.RUNNING)
            .isPresent();
    Map<String, ContainerSummary> byName = new LinkedHashMap<>();
    fitting.forEach(container -> byName.put(container.name(), container));
    readConfiguration(project, translator, byName);
    Set<String> started = ConcurrentHashMap.newKeySet();
    int all = project.services().size();
    while (started.size() < all) {
      List<ComposeService> wave =
          project.services().values().stream()
              .filter(service -> !started.contains(service.name()))
              .filter(service -> started.containsAll(service.dependsOn().keySet()))
              .toList();
      parallel.forEach(
          wave,
          service -> {
            services.start(translator, translator.container(service), byName, definition);
            started.add(service.name());
            progress.now("started %s: %d of %d".formatted(service.name(), started.size(), all));
          });
    }
    if (expected && !services.filesAreShared()) {
      progress.step(
          "The engine does not see this machine's files: the cluster's were copied into its"
              + " containers");
    }
    containers.remember(id);
    boolean hasRest = definition.filter(cluster -> cluster.rest().isPresent()).isPresent();
    if (hasRest && controllerRan) {
      startStoppedRest(id);
    }
  }

  /** Starts slurmrestd if a killed test left it stopped. */
  private void startStoppedRest(ClusterId id) {
    try {
      disruptions.startRest(id);
    } catch (SlurmClusterException e) {
      // If this ends a node, the wait for readiness reports why.
      if (!services.ends(containers.controller(id))) {
        throw e;
      }
    }
  }

  /**
   * Removes the containers of services that the files no longer have. If the network has another
   * subnet now, removes all containers and the network.
   *
   * @return the containers that stay
   */
  private List<ContainerSummary> removeWhatDoesNotFit(
      ComposeProject project, List<ContainerSummary> existing, List<NetworkSummary> networks) {
    List<NetworkSummary> moved =
        networks.stream()
            .filter(
                network ->
                    project.networks().values().stream().anyMatch(wanted -> moves(wanted, network)))
            .toList();
    Set<String> wanted = new LinkedHashSet<>();
    if (moved.isEmpty()) {
      project.services().values().forEach(service -> wanted.add(service.containerName()));
    }
    parallel.forEach(
        existing.stream().filter(container -> !wanted.contains(container.name())).toList(),
        services::stopAndRemove);
    moved.forEach(network -> engine.removeNetwork(network.id()));
    return existing.stream().filter(container -> wanted.contains(container.name())).toList();
  }

  private static boolean moves(ComposeNetwork wanted, NetworkSummary there) {
    return !wanted.external()
        && wanted.name().equals(there.name())
        && wanted.subnet().filter(subnet -> !there.subnets().contains(subnet)).isPresent();
  }

  private void createNetworks(
      ComposeProject project, ComposeTranslator translator, List<NetworkSummary> existing) {
    for (ComposeNetwork network : project.networks().values()) {
      Optional<NetworkSummary> same =
          existing.stream().filter(other -> other.name().equals(network.name())).findFirst();
      if (network.external()) {
        if (same.isEmpty()) {
          throw new UserMistakeException(
              "%s: networks.%s is external, but the engine has no network '%s': create it first"
                  .formatted(project.files(), network.key(), network.name()));
        }
        continue;
      }
      if (same.filter(there -> !moves(network, there)).isPresent()) {
        continue;
      }
      try {
        engine.createNetwork(translator.network(network));
      } catch (EngineException e) {
        throw e.kind() == EngineException.Kind.SUBNET_IN_USE && network.subnet().isPresent()
            ? new AllocationTakenException(new Taken(Set.of(network.subnet().get()), Set.of()), e)
            : e;
      }
    }
  }

  private void createVolumes(ComposeProject project, ComposeTranslator translator) {
    parallel.forEach(
        project.volumes().values().stream().filter(volume -> !volume.external()).toList(),
        volume ->
            engine.createVolume(
                volume.name(), translator.volumeLabels(volume.key(), volume.labels())));
  }

  /**
   * Lets running nodes read Slurm's configuration again, the controller first: new nodes start
   * after it, and register with it.
   */
  private void readConfiguration(
      ComposeProject project,
      ComposeTranslator translator,
      Map<String, ContainerSummary> existing) {
    Map<ContainerSummary, ContainerDefinition> outdated = new LinkedHashMap<>();
    for (ComposeService service : project.services().values()) {
      ContainerSummary there = existing.get(service.containerName());
      if (there != null) {
        ContainerDefinition wanted = translator.container(service);
        if (!ServiceContainers.fits(there, wanted)
            && ServiceContainers.onlyConfigurationDiffers(there, wanted)) {
          outdated.put(there, wanted);
        }
      }
    }
    for (boolean controllers : new boolean[] {true, false}) {
      parallel.forEach(
          outdated.keySet().stream()
              .filter(container -> ClusterContainers.runsController(container) == controllers)
              .toList(),
          container ->
              services.readConfiguration(
                  container, Objects.requireNonNull(outdated.get(container))));
    }
  }

  @Override
  public void stop(ClusterId id) {
    containers.forget(id);
    parallel.forEach(
        containers.containers(id),
        container -> engine.stopContainer(container.id(), ServiceContainers.STOP_GRACE));
  }

  @Override
  public void stop(ClusterId id, String node) {
    engine.stopContainer(containers.container(id, node).id(), ServiceContainers.STOP_GRACE);
  }

  @Override
  public boolean destroy(ClusterId id) {
    containers.forget(id);
    Future<List<NetworkSummary>> networks = parallel.submit(engine::listNetworks);
    Future<List<VolumeSummary>> volumes = parallel.submit(() -> engine.listVolumes(Labels.of(id)));
    List<ContainerSummary> found = containers.containers(id);
    parallel.forEach(found, container -> engine.removeContainer(container.id()));
    List<Future<?>> removals = new ArrayList<>();
    for (NetworkSummary network : Parallel.get(networks)) {
      if (isOf(id, network.labels())) {
        removals.add(parallel.submit(() -> engine.removeNetwork(network.id())));
      }
    }
    for (VolumeSummary volume : Parallel.get(volumes)) {
      removals.add(parallel.submit(() -> engine.removeVolume(volume.name())));
    }
    Parallel.join(removals);
    return !found.isEmpty() || !removals.isEmpty();
  }

  private static boolean isOf(ClusterId id, Map<String, String> labels) {
    return labels.entrySet().containsAll(Labels.of(id).entrySet());
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
}
