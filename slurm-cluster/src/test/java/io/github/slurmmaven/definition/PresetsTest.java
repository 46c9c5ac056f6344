/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.definition.NodeDefinition.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What the docs promise of the presets, in the table that people choose one by. */
@DisplayName("The presets of docs/clusters.md")
class PresetsTest {

  private static final List<String> PRESETS = Presets.NAMES;

  private static List<String> rows() throws IOException {
    return Files.readString(Path.of("../docs/clusters.md"))
        .lines()
        .dropWhile(line -> !line.equals("## Presets"))
        .dropWhile(line -> !line.startsWith("|---"))
        .skip(1)
        .takeWhile(line -> line.startsWith("| "))
        .toList();
  }

  @Test
  void areAllPresetsThereAre() throws IOException {
    assertThat(rows()).hasSameSizeAs(PRESETS);
  }

  @ParameterizedTest
  @FieldSource("PRESETS")
  void haveTheNodesAndPartitionsThatTheyAreSaidToHave(String preset) throws IOException {
    ClusterDefinition cluster = new TestParameters().with("preset", preset).toDefinition();

    assertThat(rows())
        .contains(
            "| `%s`%s | %s | %s |"
                .formatted(
                    preset,
                    preset.equals(Presets.DEFAULT) ? " (default)" : "",
                    nodes(cluster),
                    partitions(cluster)));
  }

  private static String nodes(ClusterDefinition cluster) {
    Map<String, List<String>> alike = new LinkedHashMap<>();
    for (NodeDefinition node : cluster.nodes()) {
      int gpus = node.gpus().values().stream().mapToInt(Integer::intValue).sum();
      alike
          .computeIfAbsent(
              (node.role() == Role.ALL_IN_ONE ? " (all-in-one)" : "")
                  + ": %d CPUs, %d MB".formatted(node.cpus(), node.memory())
                  + (gpus == 0 ? "" : ", %d simulated GPUs".formatted(gpus)),
              key -> new ArrayList<>())
          .add("`" + node.name() + "`");
    }
    List<String> parts = new ArrayList<>();
    alike.forEach((shape, names) -> parts.add(String.join(", ", names) + shape));
    cluster.registry().ifPresent(registry -> parts.add("a registry"));
    cluster.pyxis().ifPresent(pyxis -> parts.add("[jobs in containers](container-jobs.md)"));
    cluster.accounting().ifPresent(accounting -> parts.add("[accounting](accounting.md)"));
    cluster.rest().ifPresent(rest -> parts.add("[slurmrestd](rest.md)"));
    return String.join("; ", parts);
  }

  private static String partitions(ClusterDefinition cluster) {
    return cluster.partitions().stream()
        .map(partition -> partition(cluster, partition))
        .collect(Collectors.joining("; "));
  }

  private static String partition(ClusterDefinition cluster, PartitionDefinition partition) {
    List<String> details = new ArrayList<>();
    if (partition.nodes().size() < cluster.computeNodes().size()) {
      partition.nodes().forEach(node -> details.add("`" + node + "`"));
    }
    partition.maxTime().ifPresent(time -> details.add("at most " + time));
    partition.features().forEach(feature -> details.add("feature `" + feature + "`"));
    return "`"
        + partition.name()
        + "`"
        + (partition.isDefault() ? " (default)" : "")
        + (details.isEmpty() ? "" : ": " + String.join(", ", details));
  }
}
