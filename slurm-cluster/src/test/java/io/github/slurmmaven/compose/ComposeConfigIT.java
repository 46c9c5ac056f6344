/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A project reads as the Docker Compose that COMPOSE_BINARY names reads it")
class ComposeConfigIT {

  static List<String> samples() {
    return ComposeConfig.SAMPLES;
  }

  @ParameterizedTest
  @MethodSource("samples")
  void sample(String name) throws IOException {
    String binary = System.getenv("COMPOSE_BINARY");
    assumeTrue(binary != null, "COMPOSE_BINARY names no docker-compose");
    Path directory = ComposeConfig.sample(name);

    ComposeProject project = ComposeProject.read(directory, ComposeConfig.ENVIRONMENT);

    assertThat(ComposeConfig.of(project))
        .isEqualTo(
            ComposeConfig.of(ComposeConfig.config(binary, directory, ComposeConfig.ENVIRONMENT)));
  }
}
