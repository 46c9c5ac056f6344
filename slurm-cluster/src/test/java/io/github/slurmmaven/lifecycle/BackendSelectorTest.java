/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.embedded.EmbeddedBackend;
import io.github.slurmmaven.backend.embedded.bundle.BundleFile;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.RecordingProgress;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.engine.endpoint.NoEngineException;
import io.github.slurmmaven.files.ClusterDirectory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On a machine without a container engine. */
class BackendSelectorTest {

  private static final BundleSource NO_BUNDLE = name -> Optional.empty();
  private static final BundleSource BUNDLE =
      name -> Optional.of(new BundleFile("24.11.5", "", 0, "nowhere", () -> new byte[0]));

  private final RecordingProgress progress = new RecordingProgress();
  private final Path home;
  private final ClusterId id;

  BackendSelectorTest(@TempDir Path home) {
    this.home = home;
    id = new ClusterId("c", home.resolve("clusters/c"));
  }

  private ClusterBackend open(String engine, BundleSource bundles) {
    return open(engine, bundles, Map.of());
  }

  private ClusterBackend open(String engine, BundleSource bundles, Map<String, String> variables) {
    Map<String, String> all = new HashMap<>(variables);
    all.put("HOME", home.toString());
    Environment environment =
        new Environment(all, home, URI.create("unix://" + home.resolve("none.sock")));
    return new BackendSelector(engine, environment, bundles, progress, SlurmCluster.DEFAULT_TIMEOUT)
        .open(id, new ClusterDirectory(id.directory()), () -> SlurmVersion.DEFAULT);
  }

  private void create(String... files) throws IOException {
    Files.createDirectories(id.directory());
    for (String file : List.of(files)) {
      Files.writeString(id.directory().resolve(file), "something\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"podman", "", "Docker"})
  void otherValues(String engine) {
    assertThatThrownBy(() -> open(engine, BUNDLE))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "engine: '%s' is not an engine: use auto, docker or embedded".formatted(engine));
  }

  @Nested
  @DisplayName("A new cluster")
  class NewCluster {

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = "auto")
    void runsOnThisMachineAndIsToldWhy(String engine) {
      assertThat(open(engine, BUNDLE)).isInstanceOf(EmbeddedBackend.class);
      assertThat(progress.steps())
          .singleElement()
          .asString()
          .contains("No container engine can be reached", "engine=embedded");
      assertThat(progress.warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
      "DOCKER_HOST, ssh://me@engine, uses ssh",
      "DOCKER_HOST, unix:///none.sock, no such file",
      "DOCKER_CONTEXT, nowhere, nowhere"
    })
    void warnsOfTheReasonWhenAnEngineWasNamed(String variable, String value, String reason) {
      assertThat(open("auto", BUNDLE, Map.of(variable, value))).isInstanceOf(EmbeddedBackend.class);
      assertThat(progress.warnings()).singleElement().asString().contains(variable, reason);
    }

    @Test
    void isRefusedWithBothReasons() {
      assertThatThrownBy(() -> open("auto", NO_BUNDLE))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining("none.sock")
          .hasMessageContaining("no bundle of Slurm 24.11");
    }

    @Test
    void isWhereItIsAskedToBe() {
      assertThat(open("embedded", BUNDLE)).isInstanceOf(EmbeddedBackend.class);
      assertThat(progress.steps()).isEmpty();
      assertThatThrownBy(() -> open("docker", BUNDLE)).isInstanceOf(NoEngineException.class);
    }
  }

  @Nested
  @DisplayName("A cluster that was created")
  class CreatedCluster {

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"auto", "embedded"})
    void ofProcessesStays(String engine) throws IOException {
      create(".rendered", "cluster.yaml");

      assertThat(open(engine, NO_BUNDLE)).isInstanceOf(EmbeddedBackend.class);
      assertThat(progress.steps()).isEmpty();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"auto", "docker"})
    void ofContainersStays(String engine) throws IOException {
      create(".rendered", "cluster.yaml", "docker-compose.yml");

      assertThatThrownBy(() -> open(engine, BUNDLE)).isInstanceOf(NoEngineException.class);
    }

    @ParameterizedTest
    @CsvSource({"docker, embedded", "embedded, docker"})
    void isWhereItsFilesSay(String recorded, String other) throws IOException {
      create("cluster.yaml");
      // What is there of the other backend's files says nothing.
      if (recorded.equals("embedded")) {
        create("docker-compose.yml");
      }
      Files.writeString(id.directory().resolve(".rendered"), "# backend: " + recorded + "\n");

      assertThatThrownBy(() -> open(other, BUNDLE))
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageContaining("leave it at " + recorded);
    }

    @ParameterizedTest
    @CsvSource({"docker, cluster.yaml, embedded", "embedded, docker-compose.yml, docker"})
    void isNotMoved(String engine, String file, String created) throws IOException {
      create(".rendered", "cluster.yaml", file);

      assertThatThrownBy(() -> open(engine, BUNDLE))
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageStartingWith("engine: '%s' is not what cluster c".formatted(engine))
          .hasMessageContaining("leave it at " + created)
          .hasMessageContaining("slurm:destroy");
    }
  }
}
