/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static io.github.slurmmaven.definition.NodeDefinition.Role.ALL_IN_ONE;
import static io.github.slurmmaven.definition.NodeDefinition.Role.COMPUTE;
import static io.github.slurmmaven.definition.NodeDefinition.Role.CONTROLLER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The presets, as they are promised. */
class PresetsTest {

  private static final Map<String, Integer> NO_GPUS = Map.of();

  private static NodeDefinition node(
      String name,
      NodeDefinition.Role role,
      int cpus,
      int memory,
      Map<String, Integer> gpus,
      String... partitions) {
    return new NodeDefinition(name, role, cpus, memory, gpus, List.of(partitions), Map.of());
  }

  private static PartitionDefinition partition(
      String name, boolean isDefault, String maxTime, List<String> features, String... nodes) {
    return new PartitionDefinition(
        name,
        isDefault,
        Optional.of(maxTime).filter(time -> !time.isEmpty()),
        features,
        List.of(nodes),
        Map.of());
  }

  private static ClusterDefinition preset(String name) {
    return new TestParameters().with("preset", name).toSpec();
  }

  @Test
  void cpu() {
    ClusterDefinition spec = preset("cpu");

    assertThat(spec.nodes()).containsExactly(node("slurm", ALL_IN_ONE, 4, 4096, NO_GPUS, "debug"));
    assertThat(spec.partitions())
        .containsExactly(partition("debug", true, "1:00:00", List.of(), "slurm"));
    assertThat(spec.registry()).isEmpty();
    assertThat(spec.pyxis()).isEmpty();
  }

  @Test
  void gpu() {
    ClusterDefinition spec = preset("gpu");

    assertThat(spec.nodes())
        .containsExactly(node("slurm", ALL_IN_ONE, 4, 8192, Map.of("fake", 2), "debug", "gpu"));
    assertThat(spec.partitions())
        .containsExactly(
            partition("debug", true, "1:00:00", List.of(), "slurm"),
            partition("gpu", false, "", List.of("gpu"), "slurm"));
    assertThat(spec.registry()).isEmpty();
    assertThat(spec.pyxis()).isEmpty();
  }

  @Test
  void multiNode() {
    ClusterDefinition spec = preset("multi-node");

    assertThat(spec.nodes())
        .containsExactly(
            node("controller", CONTROLLER, 2, 2048, NO_GPUS),
            node("compute-0", COMPUTE, 4, 4096, NO_GPUS, "cpu"),
            node("compute-1", COMPUTE, 4, 4096, NO_GPUS, "cpu"));
    assertThat(spec.partitions())
        .containsExactly(partition("cpu", true, "", List.of(), "compute-0", "compute-1"));
    assertThat(spec.registry()).isEmpty();
    assertThat(spec.pyxis()).isEmpty();
  }

  @Test
  void full() {
    ClusterDefinition spec = preset("full");

    assertThat(spec.nodes())
        .containsExactly(
            node("controller", CONTROLLER, 2, 2048, NO_GPUS),
            node("cpu-0", COMPUTE, 8, 8192, NO_GPUS, "cpu"),
            node("cpu-1", COMPUTE, 8, 8192, NO_GPUS, "cpu"),
            node("gpu-0", COMPUTE, 8, 16384, Map.of("fake", 4), "gpu"));
    assertThat(spec.partitions())
        .containsExactly(
            partition("cpu", true, "", List.of(), "cpu-0", "cpu-1"),
            partition("gpu", false, "", List.of("gpu"), "gpu-0"));
    assertThat(spec.registry()).hasValue(new RegistryDefinition("registry:2", OptionalInt.empty()));
    assertThat(spec.pyxis()).hasValue(PyxisDefinition.DEFAULT);
  }
}
