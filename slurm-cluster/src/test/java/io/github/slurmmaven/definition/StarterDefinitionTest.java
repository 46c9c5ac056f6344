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
    return new TestParameters().with("definition", file).toSpec();
  }

  @ParameterizedTest
  @FieldSource("PRESETS")
  void isTheCluster(String preset) {
    StarterDefinition.write(preset, file);

    ClusterDefinition spec = new TestParameters().with("preset", preset).toSpec();
    assertThat(defined().nodes()).isEqualTo(spec.nodes());
    assertThat(defined().partitions()).isEqualTo(spec.partitions());
    assertThat(defined().registry()).isEqualTo(spec.registry());
  }

  @Test
  void whatStandsInCommentsWorksWithoutTheMark() throws IOException {
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

    ClusterDefinition spec = defined();

    assertThat(spec.slurmVersion()).isEqualTo(SlurmVersion.V22_05);
    assertThat(spec.registry()).isPresent();
    assertThat(spec.users()).hasSize(2);
    assertThat(spec.mounts()).hasSize(1);
    assertThat(spec.files()).hasSize(1);
    assertThat(spec.setup()).hasSize(2);
    assertThat(spec.ssh().passwordLogin()).isFalse();
    assertThat(spec.slurmConf()).containsExactly("PriorityType=priority/basic");
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
