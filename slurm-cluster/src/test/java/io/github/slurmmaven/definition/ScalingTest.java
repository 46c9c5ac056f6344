/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScalingTest {

  private static final Optional<String> DEFAULT = Optional.empty();

  private static ClusterDefinition preset(String name) {
    return new TestParameters().with("preset", name).toDefinition();
  }

  private static List<String> names(ClusterDefinition definition) {
    return definition.nodes().stream().map(NodeDefinition::name).toList();
  }

  private static PartitionDefinition partition(ClusterDefinition definition, String name) {
    return definition.partitions().stream()
        .filter(it -> it.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void moreNodesAreAsTheLastOneAndComeLast() {
    ClusterDefinition scaled = preset("full").scaled(DEFAULT, 4);

    assertThat(names(scaled))
        .containsExactly("controller", "cpu-0", "cpu-1", "gpu-0", "cpu-2", "cpu-3");
    assertThat(partition(scaled, "cpu").nodes())
        .containsExactly("cpu-0", "cpu-1", "cpu-2", "cpu-3");
    assertThat(partition(scaled, "gpu").nodes()).containsExactly("gpu-0");
    assertThat(scaled.nodes().get(5))
        .isEqualTo(scaled.nodes().get(2).as("cpu-3", NodeDefinition.Role.COMPUTE));
  }

  @Test
  void fewerNodesGoFromTheLastOneOn() {
    ClusterDefinition scaled = preset("multi-node").scaled(DEFAULT, 1);

    assertThat(names(scaled)).containsExactly("controller", "compute-0");
    assertThat(scaled.defaultPartition().nodes()).containsExactly("compute-0");
  }

  @Test
  void thereAndBackIsTheSameCluster() {
    ClusterDefinition definition = preset("multi-node");

    assertThat(definition.scaled(DEFAULT, 5).scaled(DEFAULT, 2)).isEqualTo(definition);
  }

  @Test
  void partitionIsChosenByName() {
    ClusterDefinition scaled = preset("full").scaled(Optional.of("gpu"), 2);

    assertThat(names(scaled)).containsExactly("controller", "cpu-0", "cpu-1", "gpu-0", "gpu-1");
    assertThat(scaled.nodes().get(4).gpus()).isEqualTo(scaled.nodes().get(3).gpus());
  }

  @Test
  void unknownPartitionIsRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> preset("full").scaled(Optional.of("big"), 2))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("'big'")
        .hasMessageContaining("cpu, gpu");
  }

  @Test
  void noNodeAtAllIsRefused() {
    assertThatThrownBy(() -> preset("multi-node").scaled(DEFAULT, 0))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("computeNodes: '0'");
  }

  @Test
  void partitionThatWouldBecomeEmptyIsRefused() {
    ClusterDefinition definition =
        preset("multi-node")
            .withNodes(
                preset("multi-node").nodes(),
                List.of(
                    preset("multi-node").defaultPartition(),
                    new PartitionDefinition(
                        "last",
                        false,
                        Optional.empty(),
                        List.of(),
                        List.of("compute-1"),
                        java.util.Map.of())));

    assertThatThrownBy(() -> definition.scaled(DEFAULT, 1))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("no node in partition last");
  }

  @Test
  void nodeThatIsItsOwnControllerCannotBeMore() {
    assertThatThrownBy(() -> preset("cpu").scaled(DEFAULT, 2))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("multi-node");
  }

  @Test
  void isRefusedBeyondTheLargestCluster() {
    assertThatThrownBy(() -> preset("multi-node").scaled(DEFAULT, 1000))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage("computeNodes: '1000' is too large: a cluster can have 200 nodes");
  }
}
