/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterParameters;
import io.github.slurmmaven.definition.PyxisParameters;
import java.nio.file.Path;
import java.util.Optional;

/** What a {@link SlurmTest} asks for; the same is the same cluster. */
record Shape(
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
    Optional<Boolean> withPyxis) {

  static Shape of(SlurmTest annotation) {
    return new Shape(
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
        annotation.withPyxis() ? Optional.of(true) : Optional.empty());
  }

  /** A preset, with another number of GPUs. */
  static Shape of(String preset, Optional<Integer> gpusPerNode) {
    return new Shape(
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
        Optional.empty());
  }

  private static Optional<String> text(String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  private static Optional<Integer> number(int value) {
    return value == -1 ? Optional.empty() : Optional.of(value);
  }

  /**
   * The cluster that is asked for.
   *
   * @throws InvalidParameterException naming what is not possible
   */
  ClusterDefinition spec() {
    return parameters().toSpec();
  }

  private ClusterParameters parameters() {
    return new ClusterParameters(
        Path.of(""),
        null,
        preset.orElse(null),
        definition.orElse(null),
        null,
        slurmVersion.orElse(null),
        cpuNodes.orElse(null),
        gpuNodes.orElse(null),
        cpusPerNode.orElse(null),
        gpusPerNode.orElse(null),
        memoryPerNode.orElse(null),
        null,
        null,
        null,
        null,
        withRegistry.orElse(null),
        null,
        null,
        pyxis());
  }

  private PyxisParameters pyxis() {
    return new PyxisParameters(withPyxis.orElse(null), null, null, null, null, null);
  }

  /** Whether a cluster that exists is what is asked for. */
  boolean fits(ClusterDefinition existing) {
    ClusterDefinition asked = spec();
    boolean registry = withRegistry.isEmpty() || existing.registry().isPresent();
    boolean pyxis = withPyxis.isEmpty() || existing.pyxis().isPresent();
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
        && version
        && (anything
            || (existing.nodes().equals(asked.nodes())
                && existing.partitions().equals(asked.partitions())
                && existing.users().equals(asked.users())
                && existing.slurmConf().equals(asked.slurmConf())));
  }

  /**
   * Whether it may live where it does.
   *
   * @param containers whether a cluster that exists runs in containers
   */
  boolean fits(boolean containers) {
    return engine.isEmpty()
        || engine.get().equals("auto")
        || engine.get().equals(containers ? "docker" : "embedded");
  }

  /** A cluster of this shape that does not run yet. */
  SlurmCluster.Builder builder() {
    return SlurmCluster.builder()
        .preset(preset.orElse(null))
        .definition(definition.orElse(null))
        .slurmVersion(slurmVersion.orElse(null))
        .engine(engine.orElse(null))
        .cpuNodes(cpuNodes.orElse(null))
        .gpuNodes(gpuNodes.orElse(null))
        .gpusPerNode(gpusPerNode.orElse(null))
        .cpusPerNode(cpusPerNode.orElse(null))
        .memoryPerNode(memoryPerNode.orElse(null))
        .withRegistry(withRegistry.orElse(null))
        .pyxis(pyxis())
        .port(0)
        .registryPort(spec().registry().isPresent() ? 0 : null);
  }
}
