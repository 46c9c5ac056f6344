/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A project reads as Docker Compose 2.26.1 reads it, as recorded by its config command")
class ComposeConfigTest {

  static List<String> samples() {
    return ComposeConfig.SAMPLES;
  }

  @ParameterizedTest
  @MethodSource("samples")
  void sample(String name) throws IOException {
    Path directory = ComposeConfig.sample(name);
    String recorded =
        Files.readString(directory.resolve("compose-config.json"))
            .replace("@DIR@", directory.toString())
            .replace("@PARENT@", Objects.toString(directory.getParent()));

    ComposeProject project = ComposeProject.read(directory, ComposeConfig.ENVIRONMENT);

    assertThat(ComposeConfig.of(project)).isEqualTo(ComposeConfig.of(recorded));
  }
}
