/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.definition.AccountingDefinition;
import io.github.slurmmaven.definition.ClusterDefinition;
import java.nio.file.Path;
import java.util.Optional;

/** The cluster that a {@link SlurmTest} requests. Equal requests share a cluster. */
record RequestedCluster(
    Optional<String> preset,
    Optional<Path> definition,
    Optional<String> slurmVersion,
    Optional<String> engine,
    Optional<Integer> cpuNodes,
    Optional<Integer> gpuNodes,
    Optional<Integer> gpusPerNode,
    Optional<Integer> cpusPerNode,
    Optional<Integer> memoryPerNode,
    Optional<Boolean> withRegistry,
    Optional<Boolean> withPyxis,
    Optional<Boolean> accounting,
    Optional<Boolean> rest,
    Optional<Integer> clockSpeed,
    Optional<Boolean> jobClock) {

  static RequestedCluster of(SlurmTest annotation) {
    return new RequestedCluster(
        text(annotation.preset()),
        text(annotation.definition()).map(file -> Path.of(file).toAbsolutePath().normalize()),
        text(annotation.slurmVersion()),
        text(annotation.engine()),
        number(annotation.cpuNodes()),
        number(annotation.gpuNodes()),
        number(annotation.gpusPerNode()),
        number(annotation.cpusPerNode()),
        number(annotation.memoryPerNode()),
        annotation.withRegistry() ? Optional.of(true) : Optional.empty(),
        annotation.withPyxis() ? Optional.of(true) : Optional.empty(),
        annotation.accounting() ? Optional.of(true) : Optional.empty(),
        annotation.rest() ? Optional.of(true) : Optional.empty(),
        number(annotation.clockSpeed()),
        annotation.jobClock() ? Optional.of(true) : Optional.empty());
  }

  /** Returns the request of a preset, with another number of GPUs. */
  static RequestedCluster of(String preset, Optional<Integer> gpusPerNode) {
    return new RequestedCluster(
        Optional.of(preset),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        gpusPerNode,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Returns a copy with a release of Slurm. */
  RequestedCluster on(String release) {
    return new RequestedCluster(
        preset,
        definition,
        Optional.of(release),
        engine,
        cpuNodes,
        gpuNodes,
        gpusPerNode,
        cpusPerNode,
        memoryPerNode,
        withRegistry,
        withPyxis,
        accounting,
        rest,
        clockSpeed,
        jobClock);
  }

  private static Optional<String> text(String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  private static Optional<Integer> number(int value) {
    return value == -1 ? Optional.empty() : Optional.of(value);
  }

  /**
   * Returns the definition of the requested cluster.
   *
   * @throws InvalidParameterException naming what is not possible
   */
  ClusterDefinition toDefinition() {
    return asked().build().definition();
  }

  /** Whether an existing cluster matches the request. */
  boolean fits(ClusterDefinition existing) {
    ClusterDefinition asked = toDefinition();
    boolean registry = withRegistry.isEmpty() || existing.registry().isPresent();
    boolean pyxis = withPyxis.isEmpty() || existing.pyxis().isPresent();
    boolean recorded = accounting.isEmpty() || existing.accounting().isPresent();
    boolean served = rest.isEmpty() || existing.rest().isPresent();
    boolean fast = clockSpeed.isEmpty() || existing.clockSpeed() == asked.clockSpeed();
    boolean clocked = jobClock.isEmpty() || existing.jobClock();
    boolean version =
        slurmVersion.isEmpty() || existing.slurmVersion().equals(asked.slurmVersion());
    boolean anything =
        preset.isEmpty()
            && definition.isEmpty()
            && cpuNodes.isEmpty()
            && gpuNodes.isEmpty()
            && gpusPerNode.isEmpty()
            && cpusPerNode.isEmpty()
            && memoryPerNode.isEmpty();
    return registry
        && pyxis
        && recorded
        && served
        && fast
        && clocked
        && version
        && (anything
            || (existing.nodes().equals(asked.nodes())
                && existing.partitions().equals(asked.partitions())
                && existing.users().equals(asked.users())
                && (asked.accounting().filter(AccountingDefinition::hasOwnRecords).isEmpty()
                    || existing.accounting().equals(asked.accounting()))
                && existing.slurmConf().equals(asked.slurmConf())));
  }

  /**
   * Whether an existing cluster's backend matches the request.
   *
   * @param containers whether the existing cluster runs in containers
   */
  boolean fits(boolean containers) {
    return engine.isEmpty()
        || engine.get().equals("auto")
        || engine.get().equals(containers ? "docker" : "embedded");
  }

  /** Returns the request for a new cluster. */
  ClusterRequest.Builder request() {
    ClusterDefinition definition = toDefinition();
    boolean registry = definition.registry().isPresent();
    return asked()
        .ssh(ssh -> ssh.port(0))
        .restPort(definition.rest().isPresent() ? 0 : null)
        .registry(parameters -> parameters.registryPort(registry ? 0 : null));
  }

  private ClusterRequest.Builder asked() {
    return ClusterRequest.builder()
        .preset(preset.orElse(null))
        .definition(definition.orElse(null))
        .slurmVersion(slurmVersion.orElse(null))
        .engine(engine.orElse(null))
        .nodes(
            nodes ->
                nodes
                    .cpuNodes(cpuNodes.orElse(null))
                    .gpuNodes(gpuNodes.orElse(null))
                    .gpusPerNode(gpusPerNode.orElse(null))
                    .cpusPerNode(cpusPerNode.orElse(null))
                    .memoryPerNode(memoryPerNode.orElse(null)))
        .registry(registry -> registry.withRegistry(withRegistry.orElse(null)))
        .pyxis(pyxis -> pyxis.withPyxis(withPyxis.orElse(null)))
        .accounting(accounting.orElse(null))
        .rest(rest.orElse(null))
        .clockSpeed(clockSpeed.orElse(null))
        .jobClock(jobClock.orElse(null));
  }
}
