/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import com.sun.management.OperatingSystemMXBean;
import io.github.slurmmaven.backend.LocalAddresses;
import io.github.slurmmaven.backend.LocalPorts;
import io.github.slurmmaven.backend.Planner;
import io.github.slurmmaven.backend.Planner.Rendering;
import io.github.slurmmaven.backend.PortChoice;
import io.github.slurmmaven.backend.Taken;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.RegistryDefinition;
import io.github.slurmmaven.definition.ReleaseFact;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.EngineInfo;
import io.github.slurmmaven.engine.NetworkSummary;
import io.github.slurmmaven.files.Allocation;
import io.github.slurmmaven.files.BackendKind;
import io.github.slurmmaven.files.render.RenderContext;
import io.github.slurmmaven.files.render.RenderTarget;
import io.github.slurmmaven.files.render.Renderer;
import io.github.slurmmaven.image.ClusterImages;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Plans clusters of containers from facts about the engine's machine, without the engine. */
public final class ContainerPlanner implements Planner {

  private static final String REGISTRY_PORT = "registryPort";

  private static final long MEGABYTE = 1024 * 1024;

  /** Megabytes that the daemons of one node use, rounded up. */
  private static final int MEMORY_PER_NODE = 32;

  private final EngineInfo info;
  private final Supplier<EngineUsage> usage;
  private final Function<ClusterId, Set<Integer>> ownPorts;
  private final ClusterImages images;

  /**
   * @param info the engine and its machine
   * @param usage networks and ports in use there, read for an allocation
   * @param ownPorts the ports of the cluster's own containers, which count as free
   * @param images names of images
   */
  ContainerPlanner(
      EngineInfo info,
      Supplier<EngineUsage> usage,
      Function<ClusterId, Set<Integer>> ownPorts,
      ClusterImages images) {
    this.info = info;
    this.usage = usage;
    this.ownPorts = ownPorts;
    this.images = images;
  }

  /**
   * Returns a planner without an engine, which assumes that this machine is the engine's.
   *
   * @param environment variables
   */
  public static ContainerPlanner withoutEngine(Map<String, String> environment) {
    EngineInfo machine =
        new EngineInfo(
            "No engine",
            "none",
            "this machine",
            "127.0.0.1",
            System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64",
            Runtime.getRuntime().availableProcessors(),
            memoryOfThisMachine());
    return new ContainerPlanner(
        machine,
        () -> EngineUsage.NONE,
        id -> Set.of(),
        new ClusterImages(Map.copyOf(environment)));
  }

  @Override
  public BackendKind kind() {
    return BackendKind.DOCKER;
  }

  private static long memoryOfThisMachine() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory();
  }

  @Override
  public void check(ClusterDefinition definition) {
    int nodes = definition.nodes().size();
    long needed = (long) nodes * MEMORY_PER_NODE;
    if (needed > megabytes()) {
      throw new UserMistakeException(
          "%d nodes need about %d MB of memory for Slurm's daemons alone, and the engine has %d MB:"
                  .formatted(nodes, needed, megabytes())
              + " ask for fewer nodes");
    }
    checkReach(definition.ssh().bindAddress());
    if (definition.image().isPresent() && !definition.packages().isEmpty()) {
      throw new InvalidParameterException(
          "packages",
          String.join(", ", definition.packages()),
          "cannot be added to an image of your own ("
              + definition.image().get()
              + "): install them in that image, or leave image out");
    }
    if (definition.image().isPresent() && definition.slurmSource().asked().isPresent()) {
      throw new InvalidParameterException(
          definition.slurmSource().url().isPresent() ? "slurmSource" : "slurmSourceSha256",
          definition.slurmSource().url().or(definition.slurmSource()::sha256).orElseThrow(),
          "cannot be compiled into an image of your own ("
              + definition.image().get()
              + "), which has its Slurm: leave one of them out");
    }
    if (definition.jobClock() && definition.pyxis().isPresent()) {
      throw new InvalidParameterException(
          "jobClock",
          true,
          "cannot be combined with jobs in containers (withPyxis), whose images lack the library that it needs: leave one of the two out");
    }
    if (definition.pbsCommands() && definition.isCompiled()) {
      throw new InvalidParameterException(
          "pbsCommands",
          true,
          "cannot be combined with a compiled Slurm (%s): Debian packages the PBS commands only for its own releases. Set slurmVersion to one of them (%s), or leave pbsCommands out"
              .formatted(definition.slurmVersion().release(), SlurmVersion.packagedInWords()));
    }
    if (!info.isLocal() && !definition.mounts().isEmpty()) {
      throw new InvalidParameterException(
          "mounts",
          definition.mounts().get(0).source(),
          "is a path of this machine, whose files the engine on another machine, %s, does not see: use files, which are copied"
              .formatted(info.address()));
    }
  }

  private void checkReach(String bindAddress) {
    if (!new EngineReach(info).isReached(bindAddress)) {
      throw new InvalidParameterException(
          "bindAddress",
          bindAddress,
          "can be reached only from the engine's own machine, %s, and not from this one: use an address of that machine that this one reaches, or 0.0.0.0 for all of its addresses, and set passwordLogin to false, because others may reach them too"
              .formatted(info.address()));
    }
  }

  private long megabytes() {
    return info.memory() / MEGABYTE;
  }

  @Override
  public Allocation allocate(
      ClusterId id, ClusterDefinition definition, Optional<Allocation> before, Taken taken) {
    Optional<Allocation.Containers> previous =
        before
            .filter(Allocation.Containers.class::isInstance)
            .map(Allocation.Containers.class::cast);
    EngineUsage used = usage.get();
    PortChoice choice = ports(used, id, definition.ssh().bindAddress());
    List<PortChoice.Wanted> wanted = new ArrayList<>();
    wanted.add(PortChoice.Wanted.ssh(definition.ssh(), before));
    definition
        .registry()
        .ifPresent(
            registry ->
                wanted.add(
                    new PortChoice.Wanted(
                        REGISTRY_PORT,
                        "the registry",
                        registry.port(),
                        RegistryDefinition.DEFAULT_PORT,
                        previous.map(Allocation.Containers::registryPort).orElse(0))));
    definition.rest().map(rest -> PortChoice.Wanted.rest(rest, before)).ifPresent(wanted::add);
    Map<String, Integer> ports = choice.choose(wanted, taken.ports());
    return new Allocation.Containers(
        subnet(used, id, previous, taken.subnets()),
        Objects.requireNonNull(ports.get(PortChoice.SSH)),
        ports.getOrDefault(REGISTRY_PORT, 0),
        ports.getOrDefault(PortChoice.REST, 0));
  }

  @Override
  public Rendering render(ClusterId id, ClusterDefinition definition, Allocation allocation) {
    Allocation.Containers network = (Allocation.Containers) allocation;
    RenderTarget.Containers target =
        new RenderTarget.Containers(
            id.project(),
            definition.image().orElseGet(() -> images.reference(definition, info.architecture())),
            network.subnet(),
            info.host(),
            network.sshPort(),
            network.registryPort(),
            network.restPort(),
            info.cpus(),
            megabytes());
    List<String> warnings = new ArrayList<>();
    ReleaseFact.warning(definition.slurmVersion()).ifPresent(warnings::add);
    List<String> clamped = Renderer.clampedLimits(definition, target);
    if (!clamped.isEmpty()) {
      warnings.add(
          "The engine is smaller than a node of this cluster, so containers are limited from "
              + String.join(" and from ", clamped)
              + "; Slurm still has the numbers asked for");
    }
    return new Rendering(
        new Renderer().render(new RenderContext(definition, id.directory(), target)), warnings);
  }

  private static String subnet(
      EngineUsage usage,
      ClusterId id,
      Optional<Allocation.Containers> previous,
      Set<String> refused) {
    Set<String> taken = new LinkedHashSet<>();
    for (NetworkSummary network : usage.networks()) {
      if (network.labels().entrySet().containsAll(Labels.of(id).entrySet())) {
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
        .map(Allocation.Containers::subnet)
        .orElseGet(() -> Subnets.choose(id, taken));
  }

  private static String cidr(String octets) {
    return octets + ".0/24";
  }

  private PortChoice ports(EngineUsage used, ClusterId id, String address) {
    // A build in a container may name an address of the machine that runs it.
    return info.isLocal() && LocalAddresses.has(address)
        ? new PortChoice(
            port -> LocalPorts.isFree(address, port) || ownPorts.apply(id).contains(port),
            port -> LocalPorts.freeFrom(address, port),
            port -> LocalPorts.anyFree(address),
            port -> holder(used, address, port))
        : portsElsewhere(used, id, address);
  }

  /**
   * Chooses ports of another machine. Only the ports of containers are known there; the engine
   * refuses the others that are taken.
   */
  private PortChoice portsElsewhere(EngineUsage used, ClusterId id, String address) {
    Set<Integer> taken = used.ports(Map.of());
    IntUnaryOperator freeFrom =
        first ->
            IntStream.iterate(first, port -> port + 1)
                .filter(port -> !taken.contains(port))
                .findFirst()
                .orElse(first);
    return new PortChoice(
        port -> !taken.contains(port) || ownPorts.apply(id).contains(port),
        freeFrom,
        freeFrom,
        port -> holder(used, address, port));
  }

  private String holder(EngineUsage used, String address, int port) {
    return used.holder(port)
        .or(() -> info.isLocal() ? LocalPorts.holder(port) : Optional.empty())
        .orElse("another program on " + address);
  }
}
