/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Topologies by numbers, on top of a preset. */
class TopologyTest {

  private static TestParameters preset(String preset) {
    return new TestParameters().with("preset", preset);
  }

  /** Nodes as {@code name:gpus}, and partitions as {@code name=nodes}, the default one with *. */
  private static String summary(ClusterDefinition definition) {
    List<String> parts = new ArrayList<>();
    for (NodeDefinition node : definition.nodes()) {
      int gpus = node.gpus().values().stream().mapToInt(Integer::intValue).sum();
      parts.add(node.name() + (node.hasGpus() ? ":" + gpus : ""));
    }
    for (PartitionDefinition partition : definition.partitions()) {
      parts.add(
          partition.name()
              + (partition.isDefault() ? "*=" : "=")
              + String.join(",", partition.nodes()));
    }
    return String.join(" ", parts);
  }

  @ParameterizedTest(name = "{0} with {1} CPU and {2} GPU nodes")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cpu        | 1 |   | slurm debug*=slurm
          cpu        | 1 | 0 | slurm debug*=slurm
          cpu        | 2 |   | controller cpu-0 cpu-1 debug*=cpu-0,cpu-1
          cpu        | 1 | 1 | controller cpu-0 gpu-0:2 debug*=cpu-0 gpu=gpu-0
          cpu        | 0 | 1 | controller gpu-0:2 gpu*=gpu-0
          cpu        |   | 2 | controller cpu-0 gpu-0:2 gpu-1:2 debug*=cpu-0 gpu=gpu-0,gpu-1
          gpu        |   | 1 | slurm:2 debug*=slurm gpu=slurm
          gpu        |   | 2 | controller gpu-0:2 gpu-1:2 debug*=gpu-0,gpu-1 gpu=gpu-0,gpu-1
          multi-node | 2 |   | controller compute-0 compute-1 cpu*=compute-0,compute-1
          multi-node | 1 |   | controller compute-0 cpu*=compute-0
          multi-node | 3 |   | controller compute-0 compute-1 compute-2 cpu*=compute-0,compute-1,compute-2
          multi-node | 1 | 1 | controller compute-0 gpu-0:2 cpu*=compute-0 gpu=gpu-0
          full       | 1 | 2 | controller cpu-0 gpu-0:4 gpu-1:4 cpu*=cpu-0 gpu=gpu-0,gpu-1
          full       | 0 |   | controller gpu-0:4 gpu*=gpu-0
          full       |   | 0 | controller cpu-0 cpu-1 cpu*=cpu-0,cpu-1
          """)
  void hasTheNodesAskedFor(String preset, Integer cpuNodes, Integer gpuNodes, String summary) {
    TestParameters parameters = preset(preset);
    if (cpuNodes != null) {
      parameters.with("cpuNodes", cpuNodes);
    }
    if (gpuNodes != null) {
      parameters.with("gpuNodes", gpuNodes);
    }

    ClusterDefinition definition = parameters.toDefinition();

    assertThat(summary(definition)).isEqualTo(summary);
    assertThat(definition.nodes().stream().filter(node -> node.role().runsController())).hasSize(1);
  }

  @Test
  void newNodesAreLikeTheirKind() {
    ClusterDefinition definition =
        preset("full").with("cpuNodes", 3).with("gpuNodes", 2).toDefinition();

    assertThat(definition.computeNodes())
        .filteredOn(NodeDefinition::hasGpus)
        .hasSize(2)
        .allSatisfy(
            node -> {
              assertThat(node.role()).isEqualTo(Role.COMPUTE);
              assertThat(node.cpus()).isEqualTo(8);
              assertThat(node.memory()).isEqualTo(16384);
              assertThat(node.gpus()).isEqualTo(Map.of("fake", 4));
              assertThat(node.partitions()).containsExactly("gpu");
            });
    assertThat(definition.computeNodes())
        .filteredOn(node -> !node.hasGpus())
        .hasSize(3)
        .allMatch(node -> node.cpus() == 8 && node.memory() == 8192);
    assertThat(definition.partitions())
        .element(1)
        .satisfies(gpu -> assertThat(gpu.features()).containsExactly("gpu"));
  }

  @Test
  void numbersPerNodeAreThoseOfTheComputeNodes() {
    ClusterDefinition definition =
        preset("full")
            .with("cpusPerNode", 3)
            .with("memoryPerNode", 333)
            .with("gpusPerNode", 7)
            .toDefinition();

    assertThat(definition.computeNodes())
        .allMatch(node -> node.cpus() == 3 && node.memory() == 333);
    assertThat(definition.controller().memory()).isEqualTo(2048);
    assertThat(definition.computeNodes())
        .filteredOn(NodeDefinition::hasGpus)
        .singleElement()
        .returns(Map.of("fake", 7), NodeDefinition::gpus);
  }

  @Test
  void gpusPerNodeNeedsANodeThatHasAny() {
    assertThatThrownBy(() -> preset("cpu").with("gpusPerNode", 2).toDefinition())
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "gpusPerNode: '2' needs a node with GPUs: set gpuNodes, or use the preset gpu or full");
    assertThat(
            preset("cpu").with("gpuNodes", 1).with("gpusPerNode", 3).toDefinition().computeNodes())
        .filteredOn(NodeDefinition::hasGpus)
        .singleElement()
        .returns(Map.of("fake", 3), NodeDefinition::gpus);
  }

  @ParameterizedTest
  @CsvSource({"cpuNodes, -1", "gpuNodes, -1", "gpusPerNode, 0"})
  void refusesTooSmallNumbers(String parameter, int value) {
    assertThatThrownBy(() -> preset("full").with(parameter, value).toDefinition())
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageStartingWith(parameter + ": '" + value + "' is too small: use ");
  }

  @ParameterizedTest
  @CsvSource({"cpu, cpuNodes", "multi-node, cpuNodes", "gpu, gpuNodes"})
  void zeroNodesAreRefused(String preset, String parameter) {
    assertThatThrownBy(() -> preset(preset).with(parameter, 0).toDefinition())
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            parameter
                + ": '0' leaves no node that runs jobs: cpuNodes and gpuNodes together must be 1 or"
                + " more");
  }

  static List<Arguments> parameters() {
    return List.of(
        Arguments.of("cpu", Map.of("cpuNodes", 3)),
        Arguments.of("cpu", Map.of("cpuNodes", 1, "gpuNodes", 2, "gpusPerNode", 4)),
        Arguments.of("gpu", Map.of("gpusPerNode", 8, "cpusPerNode", 2)),
        Arguments.of("multi-node", Map.of("cpuNodes", 1, "withRegistry", true)),
        Arguments.of("full", Map.of("withRegistry", false, "gpuNodes", 0)),
        Arguments.of("full", Map.of("registryPort", 0, "registryImage", "r:1")));
  }

  @ParameterizedTest
  @MethodSource("parameters")
  void fitWhatTheyMade(String preset, Map<String, Object> values) {
    TestParameters all = preset(preset);
    values.forEach(all::with);
    ClusterDefinition existing = all.toDefinition();

    assertThatCode(() -> all.build().requireMatch(existing)).doesNotThrowAnyException();
    // Each alone, as on the command line of a later start.
    values.forEach(
        (name, value) ->
            assertThatCode(
                    () -> new TestParameters().with(name, value).build().requireMatch(existing))
                .as("%s=%s", name, value)
                .doesNotThrowAnyException());
  }

  @ParameterizedTest
  @CsvSource({"cpuNodes, 2", "gpuNodes, 0", "gpusPerNode, 1"})
  void doNotFitAnotherCluster(String parameter, int value) {
    ClusterDefinition existing = preset("full").with("cpuNodes", 3).toDefinition();

    assertThatThrownBy(
            () -> new TestParameters().with(parameter, value).build().requireMatch(existing))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining(parameter + ": '" + value + "' is not what the existing cluster has");
  }
}
