/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class StarterDefinitionTest {

  @SuppressWarnings("unused") // by @FieldSource
  private static final java.util.List<String> PRESETS = Presets.NAMES;

  private final Path file;

  StarterDefinitionTest(@TempDir Path directory) throws IOException {
    file = directory.resolve("new/slurm-cluster.yaml");
    Files.writeString(directory.resolve("pom.xml"), "");
  }

  private ClusterDefinition defined() {
    return new TestParameters().with("definition", file).toDefinition();
  }

  @ParameterizedTest
  @FieldSource("PRESETS")
  void definesTheClusterOfThePreset(String preset) {
    StarterDefinition.write(preset, file);

    ClusterDefinition definition = new TestParameters().with("preset", preset).toDefinition();
    assertThat(defined().nodes()).isEqualTo(definition.nodes());
    assertThat(defined().partitions()).isEqualTo(definition.partitions());
    assertThat(defined().registry()).isEqualTo(definition.registry());
  }

  @Test
  void commentedKeysWorkWithoutTheCommentSign() throws IOException {
    StarterDefinition.write("cpu", file);
    Files.createDirectories(file.resolveSibling("target"));
    Files.writeString(file.resolveSibling("pom.xml"), "");
    String text = Files.readString(file);
    Files.writeString(
        file,
        text.lines()
            .map(
                line ->
                    line.matches("# ( *- .*|[a-z_]+:.*|  [a-z]+:.*)") ? line.substring(2) : line)
            .collect(Collectors.joining("\n")));

    ClusterDefinition definition = defined();

    assertThat(definition.slurmVersion()).isEqualTo(SlurmVersion.V22_05);
    assertThat(definition.registry()).isPresent();
    assertThat(definition.users()).hasSize(2);
    assertThat(definition.mounts()).hasSize(1);
    assertThat(definition.files()).hasSize(1);
    assertThat(definition.setup()).hasSize(2);
    assertThat(definition.ssh().passwordLogin()).isFalse();
    assertThat(definition.slurmConf()).containsExactly("PriorityType=priority/basic");
  }

  @Test
  void fileThatIsThereIsLeftAsItIs() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "mine");

    assertThatThrownBy(() -> StarterDefinition.write("cpu", file))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(file.toString());
    assertThat(file).hasContent("mine");
  }

  @Test
  void unknownPresetIsRefused() {
    assertThatThrownBy(() -> StarterDefinition.write("huge", file))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("cpu, gpu, multi-node, full");
    assertThat(file).doesNotExist();
  }
}
