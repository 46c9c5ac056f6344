/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import com.sun.management.OperatingSystemMXBean;
import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.ClusterBackend.Address;
import io.github.slurmmaven.backend.ClusterBackend.Allocation;
import io.github.slurmmaven.backend.ClusterBackend.AllocationTakenException;
import io.github.slurmmaven.backend.ClusterBackend.ClusterSummary;
import io.github.slurmmaven.backend.ClusterBackend.Rendering;
import io.github.slurmmaven.backend.ClusterBackend.Taken;
import io.github.slurmmaven.backend.ClusterBackend.Watch;
import io.github.slurmmaven.backend.LocalAddresses;
import io.github.slurmmaven.backend.LocalPorts;
import io.github.slurmmaven.backend.PortChoice;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.compose.ComposeNetwork;
import io.github.slurmmaven.compose.ComposeProject;
import io.github.slurmmaven.compose.ComposeService;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import io.github.slurmmaven.definition.RegistryDefinition;
import io.github.slurmmaven.definition.ReleaseFact;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerState;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineInfo;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.NetworkSummary;
import io.github.slurmmaven.engine.VolumeSummary;
import io.github.slurmmaven.files.render.RenderContext;
import io.github.slurmmaven.files.render.RenderTarget;
import io.github.slurmmaven.files.render.Renderer;
import io.github.slurmmaven.image.ClusterImages;
import io.github.slurmmaven.resource.Resources;
import io.github.slurmmaven.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Runs a cluster as what its docker-compose.yml says, on a container engine. */
public final class ContainerBackend implements ClusterBackend {

  private static final int SSH = 22;

  /** All that belongs to clusters. */
  private static final Map<String, String> OURS = Map.of(Labels.CLUSTER, "");

  private static final String REGISTRY = "registry";
  private static final long MEGABYTE = 1024 * 1024;

  /** Megabytes that the daemons of one node use, rounded up. */
  private static final int MEMORY_PER_NODE = 32;

  /** Exit code of what SIGKILL has ended, as it does with all that runs in an ending container. */
  private static final int KILLED = 137;

  private static final Duration STOP_GRACE = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(2);
  private static final String DISRUPT = Resources.text(ContainerBackend.class, "disrupt.sh");

  private final ContainerEngine engine;
  private final Map<String, String> environment;
  private final ClusterImages images;
  private final Duration timeout;
  private final Object copying = new Object();
  private final Parallel parallel = new Parallel();

  /** Whether this machine's files can be mounted into containers, as far as is known. */
  private volatile boolean filesAreShared = true;

  /** The containers of clusters that this backend brought up: asked for once. */
  private final Map<ClusterId, List<ContainerSummary>> running = new ConcurrentHashMap<>();

  /**
   * A backend that can only check, allocate and render: what it would ask an engine, it takes from
   * this machine.
   *
   * @param environment variables for Compose files, stronger than {@code .env}
   */
  public static ContainerBackend withoutEngine(Map<String, String> environment) {
    EngineInfo machine =
        new EngineInfo(
            "No engine",
            "none",
            "this machine",
            "127.0.0.1",
            System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64",
            Runtime.getRuntime().availableProcessors(),
            memoryOfThisMachine());
    ContainerEngine none =
        (ContainerEngine)
            Proxy.newProxyInstance(
                ContainerEngine.class.getClassLoader(),
                new Class<?>[] {ContainerEngine.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "info" -> machine;
                      case "listNetworks", "listContainers" -> List.of();
                      case "close" -> null;
                      default -> throw new IllegalStateException("no engine for " + method);
                    });
    return new ContainerBackend(none, environment);
  }

  private static long memoryOfThisMachine() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory();
  }

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
    this.timeout = timeout;
    this.environment = Map.copyOf(environment);
    images = new ClusterImages(this.environment);
  }

  @Override
  public String description() {
    EngineInfo info = engine.info();
    return "%s (API %s) at %s".formatted(info.name(), info.apiVersion(), info.address());
  }

  @Override
  public void check(ClusterDefinition spec) {
    int nodes = spec.nodes().size();
    long needed = (long) nodes * MEMORY_PER_NODE;
    if (needed > megabytes()) {
      throw new UserMistakeException(
          "%d nodes need about %d MB of memory for Slurm's daemons alone, and the engine has %d MB:"
                  .formatted(nodes, needed, megabytes())
              + " ask for fewer nodes");
    }
    checkReach(spec.ssh().bindAddress());
    if (spec.image().isPresent() && !spec.packages().isEmpty()) {
      throw new InvalidParameterException(
          "packages",
          String.join(", ", spec.packages()),
          "cannot be added to an image of your own ("
              + spec.image().get()
              + "): install them in that image, or leave image out");
    }
    if (!engine.info().isLocal() && !spec.mounts().isEmpty()) {
      throw new InvalidParameterException(
          "mounts",
          spec.mounts().get(0).source(),
          "is of this machine, whose files the engine of another one does not see, %s: use files, which are copied"
              .formatted(engine.info().address()));
    }
  }

  private void checkReach(String bindAddress) {
    if (!isReached(bindAddress)) {
      throw new InvalidParameterException(
          "bindAddress",
          bindAddress,
          ("is reached from the engine's own machine alone, and that is another one, %s: use an"
                  + " address of it that this machine reaches, or 0.0.0.0 for all of its addresses,"
                  + " and set passwordLogin to false, as others may reach them too")
              .formatted(engine.info().address()));
    }
  }

  /** A tunnel from this machine ends at the other one's loopback interface; nothing else does. */
  private boolean isReached(String address) {
    EngineInfo info = engine.info();
    return info.isLocal() || !isLoopback(address) || isLoopback(info.host());
  }

  private static boolean isLoopback(String address) {
    return address.startsWith("127.");
  }

  private long megabytes() {
    return engine.info().memory() / MEGABYTE;
  }

  @Override
  public Allocation allocate(
      ClusterId id, ClusterDefinition spec, Optional<Allocation> before, Taken taken) {
    Optional<NetworkChoice> previous = before.flatMap(NetworkChoice::of);
    PortChoice choice = ports(id, spec.ssh().bindAddress());
    OptionalInt namedForRegistry =
        spec.registry().map(RegistryDefinition::port).orElse(OptionalInt.empty());
    Set<Integer> notForSsh = new HashSet<>(taken.ports());
    if (spec.ssh().port().isEmpty()) {
      namedForRegistry.ifPresent(notForSsh::add);
    }
    int sshPort =
        choice.choose(
            "port",
            spec.ssh().port(),
            SshDefinition.DEFAULT_PORT,
            previous.map(NetworkChoice::sshPort).orElse(0),
            notForSsh);
    String subnet = subnet(id, previous, taken.subnets());
    if (spec.registry().isEmpty()) {
      return new NetworkChoice(subnet, sshPort, 0).allocation();
    }
    if (namedForRegistry.equals(OptionalInt.of(sshPort))) {
      throw new InvalidParameterException(
          "registryPort", sshPort, "is the port for SSH too: use another, or 0 for any free one");
    }
    Set<Integer> notForRegistry = new HashSet<>(taken.ports());
    notForRegistry.add(sshPort);
    int registryPort =
        choice.choose(
            "registryPort",
            namedForRegistry,
            RegistryDefinition.DEFAULT_PORT,
            previous.map(NetworkChoice::registryPort).orElse(0),
            notForRegistry);
    return new NetworkChoice(subnet, sshPort, registryPort).allocation();
  }

  @Override
  public Rendering render(ClusterId id, ClusterDefinition spec, Allocation allocation) {
    NetworkChoice network =
        NetworkChoice.of(allocation)
            .orElseThrow(() -> new IllegalArgumentException("not of this place: " + allocation));
    RenderTarget.Containers place =
        new RenderTarget.Containers(
            id.project(),
            spec.image()
                .orElseGet(
                    () ->
                        images.reference(
                            spec.slurmVersion(),
                            spec.pyxis(),
                            spec.packages(),
                            engine.info().architecture())),
            network.subnet(),
            engine.info().host(),
            network.sshPort(),
            network.registryPort(),
            engine.info().cpus(),
            megabytes());
    List<String> warnings = new ArrayList<>();
    ReleaseFact.warning(spec.slurmVersion()).ifPresent(warnings::add);
    List<String> clamped = Renderer.clampedLimits(spec, place);
    if (!clamped.isEmpty()) {
      warnings.add(
          "The engine is smaller than a node of this cluster, so containers are limited from "
              + String.join(" and from ", clamped)
              + "; Slurm still has the numbers asked for");
    }
    return new Rendering(
        new Renderer().render(new RenderContext(spec, id.directory(), place)), warnings);
  }

  private String subnet(ClusterId id, Optional<NetworkChoice> previous, Set<String> refused) {
    List<NetworkSummary> networks = engine.listNetworks();
    Set<String> taken = new LinkedHashSet<>();
    for (NetworkSummary network : networks) {
      if (isOf(id, network.labels())) {
        if (previous.isPresent() && network.subnets().contains(cidr(previous.get().subnet()))) {
          return previous.get().subnet();
        }
      }
      taken.addAll(network.subnets());
    }
    taken.addAll(Subnets.ofThisMachine());
    taken.addAll(refused);
    return previous
        .filter(allocation -> Subnets.isFree(allocation.subnet(), taken))
        .map(NetworkChoice::subnet)
        .orElseGet(() -> Subnets.choose(id, taken));
  }

  private static String cidr(String octets) {
    return octets + ".0/24";
  }

  private PortChoice ports(ClusterId id, String address) {
    // A build in a container may name an address of the machine that runs it.
    return engine.info().isLocal() && LocalAddresses.has(address)
        ? new PortChoice(
            port -> LocalPorts.isFree(address, port) || ownPorts(id).contains(port),
            port -> LocalPorts.freeFrom(address, port),
            port -> LocalPorts.anyFree(address),
            port -> PortHolder.describe(engine, address, port))
        : portsElsewhere(id, address);
  }

  /** Of ports beyond this machine we know those of containers, and the engine the others. */
  private PortChoice portsElsewhere(ClusterId id, String address) {
    Set<Integer> taken =
        engine.listContainers(Map.of()).stream()
            .flatMap(container -> container.ports().stream())
            .map(PortBinding::hostPort)
            .collect(Collectors.toSet());
    IntUnaryOperator freeFrom =
        first ->
            IntStream.iterate(first, port -> port + 1)
                .filter(port -> !taken.contains(port))
                .findFirst()
                .orElse(first);
    return new PortChoice(
        port -> !taken.contains(port) || ownPorts(id).contains(port),
        freeFrom,
        freeFrom,
        port -> PortHolder.describe(engine, address, port));
  }

  /** Ports that this cluster's own containers hold: they are as good as free for it. */
  private List<Integer> ownPorts(ClusterId id) {
    return containers(id).stream()
        .flatMap(container -> engine.inspectContainer(container.id()).ports().stream())
        .map(PortBinding::hostPort)
        .toList();
  }

  @Override
  public void prepare(ClusterId id, Progress progress) {
    Collection<ComposeService> services = read(id).services().values();
    if (services.stream().noneMatch(service -> service.labels().containsKey(Labels.NODE))) {
      throw new UserMistakeException(
          "%s: no service has the label %s, so that cluster %s has no node"
              .formatted(id.directory().resolve("docker-compose.yml"), Labels.NODE, id.name()));
    }
    services.stream()
        .map(ComposeService::image)
        .distinct()
        .forEach(
            image ->
                images.ensure(
                    engine, image, () -> spec(id).pyxis(), () -> spec(id).packages(), progress));
  }

  private static ClusterDefinition spec(ClusterId id) {
    return ClusterYaml.read(definition(id));
  }

  private static Path definition(ClusterId id) {
    return id.directory().resolve("cluster.yaml");
  }

  @Override
  public void up(ClusterId id, String owner, Progress progress) {
    Future<List<ContainerSummary>> existing = parallel.submit(() -> containers(id));
    Future<List<NetworkSummary>> networks = parallel.submit(engine::listNetworks);
    ComposeProject project = read(id);
    Map<String, String> identity = new LinkedHashMap<>(Labels.of(id));
    identity.put(Labels.OWNER, owner);
    identity.put(Labels.CREATED_AT, Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    EngineInfo info = engine.info();
    ComposeTranslator translator =
        new ComposeTranslator(project, identity, info.cpus(), info.memory());
    filesAreShared &= info.isLocal();
    boolean expected = filesAreShared;
    if (!filesAreShared) {
      translator.requireCopiesWillDo();
    }
    // A project without a definition copies nothing.
    Optional<ClusterDefinition> spec =
        Files.exists(definition(id)) ? Optional.of(spec(id)) : Optional.empty();

    List<ContainerSummary> fitting =
        removeWhatDoesNotFit(project, Parallel.get(existing), Parallel.get(networks));
    // Both to their end, also when one fails: what is created after a roll-back would stay.
    Parallel.join(
        List.of(
            parallel.submit(() -> createNetworks(project, translator, Parallel.get(networks))),
            parallel.submit(() -> createVolumes(project, translator))));
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
            start(translator, translator.container(service), byName, spec);
            started.add(service.name());
            progress.now("started %s: %d of %d".formatted(service.name(), started.size(), all));
          });
    }
    if (expected && !filesAreShared) {
      progress.step(
          "The engine does not see this machine's files: the cluster's were copied into its"
              + " containers");
    }
    running.put(id, containers(id));
  }

  private ComposeProject read(ClusterId id) {
    ComposeProject project = ComposeProject.read(id.directory(), environment);
    for (ComposeService service : project.services().values()) {
      service
          .dependsOn()
          .forEach(
              (other, condition) -> {
                if (condition != ComposeService.Condition.STARTED) {
                  throw new UserMistakeException(
                      "%s: services.%s.depends_on.%s.condition is not run by slurm:start, other than"
                              .formatted(project.files(), service.name(), other)
                          + " service_started: remove it, or run 'docker compose up' there");
                }
              });
    }
    return project;
  }

  /**
   * Removes the containers of services that no longer stand in the files, and all of them together
   * with a network that now has another subnet.
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
        this::stopAndRemove);
    moved.forEach(network -> engine.removeNetwork(network.id()));
    return existing.stream().filter(container -> wanted.contains(container.name())).toList();
  }

  private static boolean moves(ComposeNetwork wanted, NetworkSummary there) {
    return !wanted.external()
        && wanted.name().equals(there.name())
        && wanted.subnet().filter(subnet -> !there.subnets().contains(subnet)).isPresent();
  }

  private void stopAndRemove(ContainerSummary container) {
    engine.stopContainer(container.id(), STOP_GRACE);
    engine.removeContainer(container.id());
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

  private void start(
      ComposeTranslator translator,
      ContainerDefinition wanted,
      Map<String, ContainerSummary> existing,
      Optional<ClusterDefinition> spec) {
    try {
      ContainerSummary there = existing.get(wanted.name());
      if (there != null) {
        if (fits(there, wanted)) {
          if (!there.labels().containsKey(Labels.DIGEST)) {
            // Docker Compose made it, and copies nothing.
            spec.ifPresent(definition -> copyFiles(there.id(), wanted, definition));
          }
          run(there.id(), wanted);
          return;
        }
        if (onlyConfigurationDiffers(there, wanted)) {
          // It has read it already.
          return;
        }
        stopAndRemove(there);
      }
      String container = create(translator, wanted);
      spec.ifPresent(definition -> copyFiles(container, wanted, definition));
      run(container, wanted);
    } catch (EngineException e) {
      if (e.kind() == EngineException.Kind.NO_SUCH_PROGRAM) {
        throw new UserMistakeException(
            "%s: the image '%s' cannot run as '%s': a node's image is the one of this plugin, or made from it (FROM)"
                .formatted(
                    wanted.name(),
                    wanted.image(),
                    String.join(" ", wanted.command().orElse(List.of()))),
            e);
      }
      if (e.kind() == EngineException.Kind.NO_SUCH_ADDRESS) {
        throw new InvalidParameterException(
            "bindAddress",
            wanted.ports().stream()
                .map(PortBinding::hostAddress)
                .distinct()
                .collect(Collectors.joining(", ")),
            "is not an address of the engine's machine, %s: use one that it has, or leave it at 127.0.0.1"
                .formatted(engine.info().address()));
      }
      throw e.kind() == EngineException.Kind.PORT_IN_USE
          ? new AllocationTakenException(
              new Taken(
                  Set.of(),
                  wanted.ports().stream().map(PortBinding::hostPort).collect(Collectors.toSet())),
              e)
          : e;
    }
  }

  /** Copies the definition's files into a container, which need not run. */
  private void copyFiles(String container, ContainerDefinition wanted, ClusterDefinition spec) {
    String name = wanted.labels().getOrDefault(Labels.NODE, "");
    for (NodeDefinition node : spec.nodes()) {
      if (node.name().equals(name)) {
        spec.files().stream()
            .filter(file -> file.appliesTo(node) && file.configurationFile().isEmpty())
            .forEach(file -> copy(container, name, Path.of(file.source()), file.target()));
      }
    }
  }

  /** The engine's own words name an id, which is gone when they are read. */
  private void run(String id, ContainerDefinition wanted) {
    try {
      engine.startContainer(id);
    } catch (EngineException e) {
      throw new EngineException(e.kind(), wanted.name() + ": " + e.getMessage(), e);
    }
  }

  private String create(ComposeTranslator translator, ContainerDefinition wanted) {
    if (filesAreShared) {
      try {
        return create(wanted);
      } catch (EngineException e) {
        if (e.kind() != EngineException.Kind.NO_SUCH_SOURCE) {
          throw e;
        }
        // It is here, as was seen, but not there: a socket can be another machine's too.
        filesAreShared = false;
        translator.requireCopiesWillDo();
      }
    }
    String container = create(MountedFiles.without(wanted));
    MountedFiles.copy(engine, container, wanted);
    return container;
  }

  private String create(ContainerDefinition wanted) {
    try {
      return engine.createContainer(wanted);
    } catch (EngineException e) {
      if (e.kind() != EngineException.Kind.RACE) {
        throw e;
      }
      return engine.createContainer(wanted);
    }
  }

  private static boolean fits(ContainerSummary there, ContainerDefinition wanted) {
    String digest = there.labels().get(Labels.DIGEST);
    return digest == null
        || (digest.equals(wanted.labels().get(Labels.DIGEST))
            // A label cannot change, and only this one tells whose it is now.
            && (isSame(Labels.OWNER, there, wanted)
                || there.status() == ContainerState.Status.RUNNING));
  }

  private static boolean onlyConfigurationDiffers(
      ContainerSummary there, ContainerDefinition wanted) {
    return there.status() == ContainerState.Status.RUNNING
        && there.labels().containsKey(Labels.SHAPE)
        && isSame(Labels.SHAPE, there, wanted);
  }

  private static boolean isSame(String label, ContainerSummary there, ContainerDefinition wanted) {
    return Objects.equals(there.labels().get(label), wanted.labels().get(label));
  }

  /**
   * Lets running nodes read Slurm's configuration anew, the controller first: new nodes come up
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
        if (!fits(there, wanted) && onlyConfigurationDiffers(there, wanted)) {
          outdated.put(there, wanted);
        }
      }
    }
    for (boolean controllers : new boolean[] {true, false}) {
      parallel.forEach(
          outdated.keySet().stream()
              .filter(container -> runsController(container) == controllers)
              .toList(),
          container ->
              readConfiguration(container, Objects.requireNonNull(outdated.get(container))));
    }
  }

  /** What runs in a container is killed a moment before the engine tells that it has ended. */
  private boolean ends(ContainerSummary container) {
    long begin = System.nanoTime();
    while (engine.inspectContainer(container.id()).running()) {
      if (System.nanoTime() - begin > STOP_GRACE.toNanos()) {
        return false;
      }
      try {
        Thread.sleep(POLL.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  /** The node's entry point starts Slurm's daemons anew; jobs go on. */
  private void readConfiguration(ContainerSummary container, ContainerDefinition wanted) {
    if (container.labels().containsKey(Labels.FILES)) {
      MountedFiles.copy(engine, container.id(), wanted);
    }
    List<String> command = new ArrayList<>(List.of("slurm-entrypoint", "reload"));
    wanted.extraHosts().entrySet().stream()
        // The engine wrote the address of its host when it made the container.
        .filter(host -> !host.getValue().equals(ComposeService.HOST_GATEWAY))
        .forEach(host -> command.add(host.getKey() + "=" + host.getValue()));
    CommandResult result =
        engine.exec(
            container.id(), new ExecCommand(command, "root", Map.of()), line -> {}, timeout);
    // A node that ends over it tells why when its readiness is awaited.
    if (!result.ok() && !(result.exitCode() == KILLED && ends(container))) {
      throw new SlurmClusterException(
          "%s could not be told to read its configuration anew: %s"
              .formatted(container.name(), result.stderr().strip()));
    }
  }

  @Override
  public void stop(ClusterId id) {
    running.remove(id);
    parallel.forEach(containers(id), container -> engine.stopContainer(container.id(), STOP_GRACE));
  }

  @Override
  public void stop(ClusterId id, String node) {
    engine.stopContainer(container(id, node).id(), STOP_GRACE);
  }

  @Override
  public void stopController(ClusterId id) {
    disrupt(controller(id), "stop-controller");
  }

  @Override
  public void startController(ClusterId id) {
    disrupt(controller(id), "start-controller");
  }

  private ContainerSummary controller(ClusterId id) {
    return controller(known(id))
        .orElseThrow(
            () -> new SlurmClusterException("Cluster %s has no controller".formatted(id.name())));
  }

  private void disrupt(ContainerSummary container, String how) {
    CommandResult result =
        engine.exec(
            container.id(),
            new ExecCommand(List.of("bash", "-c", DISRUPT, "disrupt", how), "root", Map.of()),
            line -> {},
            timeout);
    if (!result.ok()) {
      throw new SlurmClusterException(
          "%s could not be brought to %s: %s"
              .formatted(container.name(), how, result.stderr().strip()));
    }
  }

  /** Where node and controller are one container, there is no network between them. */
  @Override
  public void disconnect(ClusterId id, String node) {
    ContainerSummary container = container(id, node);
    if (runsController(container)) {
      requireJobs(id, container);
      disrupt(container, "stop-node");
    } else {
      engine
          .inspectContainer(container.id())
          .addresses()
          .keySet()
          .forEach(network -> engine.leaveNetwork(container.id(), network));
    }
  }

  private static void requireJobs(ClusterId id, ContainerSummary container) {
    if (!Role.ALL_IN_ONE.id().equals(container.labels().get(Labels.ROLE))) {
      throw new UserMistakeException(
          "Node %s of cluster %s is the controller, and runs no jobs: name a compute node"
              .formatted(node(container), id.name()));
    }
  }

  @Override
  public void reconnect(ClusterId id, String node) {
    ContainerSummary container = container(id, node);
    if (runsController(container)) {
      requireJobs(id, container);
      disrupt(container, "continue-node");
      return;
    }
    EngineInfo info = engine.info();
    ComposeProject project = read(id);
    ComposeTranslator translator =
        new ComposeTranslator(project, Labels.of(id), info.cpus(), info.memory());
    Set<String> there = engine.inspectContainer(container.id()).addresses().keySet();
    project.services().values().stream()
        .filter(service -> service.containerName().equals(container.name()))
        .flatMap(service -> translator.container(service).networks().stream())
        .filter(attachment -> !there.contains(attachment.network()))
        .forEach(attachment -> engine.joinNetwork(container.id(), attachment));
  }

  @Override
  public void dropConnections(ClusterId id) {
    disrupt(controller(id), "drop-connections");
  }

  @Override
  public boolean destroy(ClusterId id) {
    running.remove(id);
    Future<List<NetworkSummary>> networks = parallel.submit(engine::listNetworks);
    Future<List<VolumeSummary>> volumes = parallel.submit(() -> engine.listVolumes(Labels.of(id)));
    List<ContainerSummary> containers = containers(id);
    parallel.forEach(containers, container -> engine.removeContainer(container.id()));
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
    return !containers.isEmpty() || !removals.isEmpty();
  }

  private static boolean isOf(ClusterId id, Map<String, String> labels) {
    return labels.entrySet().containsAll(Labels.of(id).entrySet());
  }

  @Override
  public List<ClusterSummary> clusters() {
    Future<List<ContainerSummary>> containers = allContainers();
    Map<ClusterId, String> owners = owners(containers);
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
  public Map<ClusterId, String> owners() {
    return owners(allContainers());
  }

  private Future<List<ContainerSummary>> allContainers() {
    return parallel.submit(() -> engine.listContainers(OURS));
  }

  /** A start or a removal that was cut short may leave no more than networks and volumes. */
  private Map<ClusterId, String> owners(Future<List<ContainerSummary>> containers) {
    Future<List<NetworkSummary>> networks = parallel.submit(engine::listNetworks);
    Future<List<VolumeSummary>> volumes = parallel.submit(() -> engine.listVolumes(OURS));
    Map<ClusterId, String> owners = new LinkedHashMap<>();
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
                                labels.getOrDefault(Labels.OWNER, ""),
                                (one, other) -> one.isEmpty() ? other : one)));
    return owners;
  }

  private ClusterSummary summary(ClusterId id, String owner, List<ContainerSummary> containers) {
    return new ClusterSummary(
        id,
        owner,
        containers.stream().map(ContainerSummary::createdAt).min(Comparator.naturalOrder()),
        nodes(containers),
        controller(containers)
            .flatMap(container -> published(container.ports(), SSH))
            .map(binding -> address(binding, containers)));
  }

  @Override
  public List<NodeStatus> nodes(ClusterId id) {
    return nodes(containers(id));
  }

  private List<NodeStatus> nodes(List<ContainerSummary> containers) {
    return containers.stream()
        .filter(container -> name(container).isPresent())
        .sorted(
            Comparator.comparing((ContainerSummary container) -> !runsController(container))
                .thenComparing(ContainerBackend::node))
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

  private static Optional<ContainerSummary> controller(List<ContainerSummary> containers) {
    return containers.stream().filter(ContainerBackend::runsController).findFirst();
  }

  private static boolean runsController(ContainerSummary container) {
    String role = container.labels().get(Labels.ROLE);
    return Role.CONTROLLER.id().equals(role) || Role.ALL_IN_ONE.id().equals(role);
  }

  private static String node(ContainerSummary container) {
    return name(container).orElseThrow();
  }

  /** The node's name, or the registry's, which a cluster that has one needs as much. */
  private static Optional<String> name(ContainerSummary container) {
    return Optional.ofNullable(container.labels().get(Labels.NODE))
        .or(
            () ->
                Optional.ofNullable(container.labels().get(Labels.ROLE)).filter(REGISTRY::equals));
  }

  private Optional<NodeStatus> status(ContainerSummary container) {
    return container.status() == ContainerState.Status.RUNNING
        ? Optional.of(status(container, NodeStatus.State.RUNNING, "running"))
        : inspected(container);
  }

  private static NodeStatus status(
      ContainerSummary container, NodeStatus.State state, String detail) {
    return new NodeStatus(
        node(container), container.labels().getOrDefault(Labels.ROLE, ""), state, detail);
  }

  private Optional<NodeStatus> inspected(ContainerSummary container) {
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

  private static NodeStatus.State stateOf(ContainerState state) {
    if (state.running()) {
      return NodeStatus.State.RUNNING;
    }
    return state.outOfMemory() ? NodeStatus.State.OUT_OF_MEMORY : NodeStatus.State.ENDED;
  }

  private static String describe(ContainerState state) {
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

  @Override
  public Watch watch(ClusterId id, Consumer<NodeStatus> onExit) {
    List<ContainerEngine.Subscription> subscriptions = new ArrayList<>();
    for (ContainerSummary container : known(id)) {
      if (name(container).isPresent()) {
        subscriptions.add(
            engine.watchExit(container.id(), code -> onExit.accept(ended(container))));
      }
    }
    return () -> subscriptions.forEach(ContainerEngine.Subscription::close);
  }

  private NodeStatus ended(ContainerSummary container) {
    try {
      return inspected(container)
          .orElseGet(() -> status(container, NodeStatus.State.ENDED, "removed"));
    } catch (EngineException e) {
      return status(container, NodeStatus.State.ENDED, "lost: " + e.getMessage());
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
    return engine.exec(
        container(id, node).id(),
        new ExecCommand(command, user, Map.of(NODE_NAME, node)),
        output,
        timeout);
  }

  @Override
  public int run(ClusterId id, String node, String user, List<String> command, Terminal terminal) {
    return engine.terminal(
        container(id, node).id(),
        new ExecCommand(command, user, Map.of(NODE_NAME, node)),
        terminal);
  }

  @Override
  public void logs(ClusterId id, String node, LogRequest request, Consumer<String> lines) {
    engine.logs(container(id, node).id(), request, lines);
  }

  @Override
  public void copy(ClusterId id, String node, Path source, String target) {
    copy(container(id, node).id(), node, source, target);
  }

  private void copy(String container, String node, Path source, String target) {
    try (InputStream tar = HostFiles.tar(source, target)) {
      // Nodes share directories, where two copies at once get in each other's way.
      synchronized (copying) {
        engine.copyTo(container, "/", tar);
      }
    } catch (EngineException e) {
      if (e.kind() == EngineException.Kind.OTHER_TYPE) {
        throw new UserMistakeException(
            "target: '%s' of node %s would be replaced, as one is a file and the other a directory: name another"
                .formatted(target, node),
            e);
      }
      throw e;
    } catch (IOException e) {
      throw new UserMistakeException(
          "source: %s cannot be copied to node %s: %s".formatted(source, node, FileFailure.of(e)),
          e);
    }
  }

  @Override
  public void copyBack(ClusterId id, String node, String source, Path target) {
    try {
      engine.copyFrom(container(id, node).id(), source, tar -> HostFiles.unpack(tar, target));
    } catch (EngineException e) {
      if (e.kind() == EngineException.Kind.NOT_FOUND) {
        throw new UserMistakeException(
            "source: node %s has no file or directory '%s'".formatted(node, source), e);
      }
      throw e;
    } catch (IOException e) {
      throw new UserMistakeException(
          "target: '%s' cannot be written: %s".formatted(target, FileFailure.of(e)), e);
    }
  }

  @Override
  public String ownDirectory(ClusterId id, String node) {
    return "/var/lib";
  }

  @Override
  public Login login(ClusterId id, ClusterDefinition spec) {
    return new Login(
        SshDefinition.USER,
        spec.ssh().passwordLogin() ? Optional.of(SshDefinition.PASSWORD) : Optional.empty());
  }

  @Override
  public Address ssh(ClusterId id) {
    List<ContainerSummary> containers = known(id);
    PortBinding binding =
        controller(containers)
            .flatMap(container -> published(container, SSH))
            .orElseThrow(
                () ->
                    new UserMistakeException(
                        "%s publishes no port for SSH: the controller's service needs a line like"
                                .formatted(id.directory().resolve("docker-compose.yml"))
                            + " '127.0.0.1:2222:22' under ports"));
    if (!isReached(binding.hostAddress())) {
      throw new UserMistakeException(
          ("%s publishes the port for SSH on %s, which is reached from the engine's own machine"
                  + " alone, and that is another one, %s: set bindAddress, or change the address")
              .formatted(
                  id.directory().resolve("docker-compose.yml"),
                  binding.hostAddress(),
                  engine.info().address()));
    }
    if (isLoopback(binding.hostAddress()) && isBeyondThisMachine(binding, containers)) {
      throw new InvalidParameterException(
          "bindAddress",
          binding.hostAddress(),
          ("is the loopback interface of the engine's own machine, which this build does not reach:"
                  + " it runs in a container beside the engine at %s. Set bindAddress to %s,"
                  + " and passwordLogin to false, as others may reach that too")
              .formatted(
                  engine.info().address(),
                  LocalAddresses.gateway()
                      .map(gateway -> gateway + ", the engine's machine as this container sees it")
                      .orElse("an address of the engine's machine that this container reaches")));
    }
    return address(binding, containers);
  }

  /**
   * Whether an engine that seems to be this machine's is beyond it: its containers have copies, as
   * it does not see this machine's files, and nobody listens here on the port that it publishes.
   */
  private boolean isBeyondThisMachine(PortBinding binding, List<ContainerSummary> containers) {
    return engine.info().isLocal()
        && containers.stream().anyMatch(each -> each.labels().containsKey(Labels.FILES))
        && LocalPorts.isFree(
            isEverywhere(binding.hostAddress()) ? "127.0.0.1" : binding.hostAddress(),
            binding.hostPort());
  }

  @Override
  public Optional<Address> registry(ClusterId id) {
    return registryBinding(id).map(binding -> address(binding, known(id)));
  }

  private Optional<PortBinding> registryBinding(ClusterId id) {
    return known(id).stream()
        .filter(container -> REGISTRY.equals(container.labels().get(Labels.ROLE)))
        .findFirst()
        .flatMap(registry -> published(registry, RegistryDefinition.DEFAULT_PORT));
  }

  @Override
  public String load(ClusterId id, ImageSource image, Progress progress) {
    ImageLoader loader = new ImageLoader(engine, progress);
    Optional<PortBinding> registry = registryBinding(id);
    if (registry.isPresent()) {
      return loader.push(image, seenByEngine(registry.get()));
    }
    if (spec(id).pyxis().isEmpty()) {
      throw new UserMistakeException(
          "Cluster %s has neither a registry nor jobs in containers, so there is no place for an"
                  .formatted(id.name())
              + " image: create it with withRegistry or withPyxis");
    }
    ContainerSummary node =
        known(id).stream()
            .filter(container -> name(container).isPresent())
            .filter(container -> !Role.CONTROLLER.id().equals(container.labels().get(Labels.ROLE)))
            .findFirst()
            .orElseThrow(() -> new SlurmClusterException("Cluster " + id.name() + " does not run"));
    return loader.place(image, node.id());
  }

  /** Where a port is published; a container that has ended publishes nothing any more. */
  private Optional<PortBinding> published(ContainerSummary container, int port) {
    ContainerState state = engine.inspectContainer(container.id());
    if (!state.running()) {
      throw new SlurmClusterException("node " + node(container) + " " + describe(state));
    }
    return published(state.ports(), port);
  }

  private static Optional<PortBinding> published(List<PortBinding> ports, int port) {
    return ports.stream().filter(binding -> binding.containerPort() == port).findFirst();
  }

  /** Where this machine reaches it. */
  private Address address(PortBinding binding, List<ContainerSummary> containers) {
    EngineInfo info = engine.info();
    String host = binding.hostAddress();
    if (isEverywhere(host) && isBeyondThisMachine(binding, containers)) {
      return new Address(LocalAddresses.gateway().orElse(info.host()), binding.hostPort());
    }
    boolean itself = isEverywhere(host) || (isLoopback(host) && !info.isLocal());
    return new Address(itself ? info.host() : host, binding.hostPort());
  }

  /** {@code host:port} where the engine itself reaches it; of names, it needs no TLS with this. */
  private static String seenByEngine(PortBinding binding) {
    String host = binding.hostAddress();
    boolean local = isEverywhere(host) || host.equals("127.0.0.1");
    return (local ? "localhost" : host) + ":" + binding.hostPort();
  }

  private static boolean isEverywhere(String address) {
    return address.isEmpty() || address.equals("0.0.0.0") || address.equals("::");
  }

  private List<ContainerSummary> containers(ClusterId id) {
    return engine.listContainers(Labels.of(id));
  }

  private List<ContainerSummary> known(ClusterId id) {
    List<ContainerSummary> known = running.get(id);
    return known == null ? containers(id) : known;
  }

  private ContainerSummary container(ClusterId id, String node) {
    return known(id).stream()
        .filter(container -> name(container).equals(Optional.of(node)))
        .findFirst()
        .orElseThrow(
            () ->
                new SlurmClusterException(
                    "Cluster %s has no node '%s' on this engine".formatted(id.name(), node)));
  }

  @Override
  public void close() {
    parallel.close();
    engine.close();
  }
}
