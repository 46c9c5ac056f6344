/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.LocalPorts;
import io.github.slurmmaven.backend.Planner;
import io.github.slurmmaven.backend.Planner.Rendering;
import io.github.slurmmaven.backend.PortChoice;
import io.github.slurmmaven.backend.Taken;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ReleaseFact;
import io.github.slurmmaven.files.Allocation;
import io.github.slurmmaven.files.BackendKind;
import io.github.slurmmaven.files.render.RenderContext;
import io.github.slurmmaven.files.render.RenderTarget;
import io.github.slurmmaven.files.render.Renderer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Plans clusters of processes on this machine. */
final class EmbeddedPlanner implements Planner {

  private final LocalClusters clusters;
  private final Map<String, String> variables;

  EmbeddedPlanner(LocalClusters clusters, Map<String, String> variables) {
    this.clusters = clusters;
    this.variables = variables;
  }

  @Override
  public BackendKind kind() {
    return BackendKind.EMBEDDED;
  }

  @Override
  public void check(ClusterDefinition definition) {
    UnsupportedFeatures.check(definition);
    clusters.user().check();
    Capacity.system(clusters.user()).check(definition);
  }

  @Override
  public Allocation allocate(
      ClusterId id, ClusterDefinition definition, Optional<Allocation> before, Taken taken) {
    Optional<Allocation.Processes> previous =
        before.filter(Allocation.Processes.class::isInstance).map(Allocation.Processes.class::cast);
    Set<Integer> own = ownPorts(id);
    IntPredicate isFree =
        port -> !taken.ports().contains(port) && (own.contains(port) || isFree(port));
    definition
        .ssh()
        .port()
        .ifPresent(
            port -> LocalPorts.requirePermission(PortChoice.SSH, LocalClusters.LOOPBACK, port));
    definition.rest().stream()
        .flatMapToInt(rest -> rest.port().stream())
        .forEach(
            port -> LocalPorts.requirePermission(PortChoice.REST, LocalClusters.LOOPBACK, port));
    PortChoice choice =
        new PortChoice(
            isFree,
            port -> LocalPorts.freeFrom(LocalClusters.LOOPBACK, port),
            port -> LocalPorts.anyFree(LocalClusters.LOOPBACK),
            port -> LocalPorts.holder(port).orElse("another program on " + LocalClusters.LOOPBACK));
    List<PortChoice.Wanted> wanted = new ArrayList<>();
    wanted.add(PortChoice.Wanted.ssh(definition.ssh(), before));
    definition.rest().map(rest -> PortChoice.Wanted.rest(rest, before)).ifPresent(wanted::add);
    Map<String, Integer> ports = choice.choose(wanted, taken.ports());
    int count = 1 + definition.computeNodes().size();
    int slurmPort =
        previous
            .map(Allocation.Processes::slurmPort)
            .filter(first -> IntStream.range(first, first + count).allMatch(isFree))
            .orElseGet(
                () ->
                    Ports.freeRow(
                        count,
                        id.directory().hashCode(),
                        port -> !ports.containsValue(port) && isFree.test(port)));
    return new Allocation.Processes(
        Objects.requireNonNull(ports.get(PortChoice.SSH)),
        slurmPort,
        definition.accounting().isEmpty()
            ? 0
            : slurmdbdPort(
                id,
                previous,
                port ->
                    !ports.containsValue(port)
                        && (port < slurmPort || port >= slurmPort + count)
                        && isFree.test(port)),
        ports.getOrDefault(PortChoice.REST, 0),
        SymbolicLink.choose(
            id,
            definition,
            previous.flatMap(Allocation.Processes::link),
            SymbolicLink.places(variables)));
  }

  private static int slurmdbdPort(
      ClusterId id, Optional<Allocation.Processes> previous, IntPredicate isFree) {
    return previous
        .map(Allocation.Processes::slurmdbdPort)
        .filter(port -> port != 0 && isFree.test(port))
        .orElseGet(() -> Ports.freeRow(1, id.directory().hashCode(), isFree));
  }

  static boolean isFree(int port) {
    return LocalPorts.isFree(LocalClusters.LOOPBACK, port);
  }

  /** Returns the ports that this cluster's own processes use, which count as free. */
  private Set<Integer> ownPorts(ClusterId id) {
    return clusters
        .index()
        .get(id)
        .filter(entry -> clusters.isAlive(id))
        .map(entry -> Set.copyOf(entry.ports().values()))
        .orElse(Set.of());
  }

  @Override
  public Rendering render(ClusterId id, ClusterDefinition definition, Allocation allocation) {
    Allocation.Processes choice = (Allocation.Processes) allocation;
    Path root = choice.link().orElse(id.directory());
    RenderTarget.Processes target =
        new RenderTarget.Processes(
            root,
            clusters.user().name(),
            choice.sshPort(),
            choice.slurmPort(),
            choice.slurmdbdPort(),
            choice.restPort(),
            ProcessEnvironment.of(id.directory(), root, clusters.user()));
    List<String> warnings =
        new ArrayList<>(UnsupportedFeatures.differences(definition, clusters.user()));
    ReleaseFact.warning(definition.slurmVersion()).ifPresent(warnings::add);
    return new Rendering(
        new Renderer().render(new RenderContext(definition, id.directory(), target)), warnings);
  }
}
