/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.Taken;
import io.github.slurmmaven.backend.embedded.bundle.BundleFile;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.TestParameters;
import io.github.slurmmaven.files.ClusterFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddedBackendTest {

  private final ClusterId id;
  private final EmbeddedBackend backend;

  EmbeddedBackendTest(@TempDir Path temporary) throws IOException {
    id = new ClusterId("c", Files.createDirectories(temporary.resolve("c")));
    backend =
        new EmbeddedBackend(
            name -> Optional.empty(),
            Map.of("XDG_CACHE_HOME", temporary.resolve("cache").toString()),
            Duration.ofMinutes(1));
  }

  @ParameterizedTest
  @CsvSource({"rest", "accounting"})
  void aClusterWhosePortWasRemovedFromItsFilesDoesNotStartWithoutTheDaemon(String daemon)
      throws IOException {
    Files.writeString(
        id.directory().resolve(".env"),
        "SLURM_MAVEN_SSH_PORT=2230\nSLURM_MAVEN_SLURM_PORT=10017\n");
    Files.writeString(
        id.directory().resolve("cluster.yaml"),
        ClusterYaml.write(new TestParameters().with(daemon, true).toDefinition()));

    assertThatThrownBy(
            () -> backend.provisioner().up(new ClusterFiles(id), Owner.byHand(), Progress.SILENT))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(".env lacks a port");
  }

  @Test
  void jobClockIsRefusedWithABundleThatLacksItsLibrary(@TempDir Path cache) throws IOException {
    Files.writeString(
        id.directory().resolve("cluster.yaml"),
        ClusterYaml.write(new TestParameters().with("jobClock", true).toDefinition()));
    BundleFile bundle = TestBundle.file(TestBundle.archive());
    EmbeddedBackend earlier =
        new EmbeddedBackend(
            name -> Optional.of(bundle),
            Map.of("XDG_CACHE_HOME", cache.toString()),
            Duration.ofMinutes(1));

    assertThatThrownBy(() -> earlier.provisioner().prepare(new ClusterFiles(id), Progress.SILENT))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageStartingWith(
            "jobClock: 'true' needs a library that the bundle of Slurm 24.11.5 lacks")
        .hasMessageEndingWith("use a later build of the bundle, or leave jobClock out");
  }

  @Test
  void aPortOfSlurmrestdThatThisUserMayNotBindIsNotSaidToBeTaken() {
    int port = 1;
    assumeFalse(mayBind(port), "this user may bind every port");

    assertThatThrownBy(
            () ->
                backend
                    .planner()
                    .allocate(
                        id,
                        new TestParameters()
                            .with("rest", true)
                            .with("restPort", port)
                            .toDefinition(),
                        Optional.empty(),
                        Taken.NOTHING))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageStartingWith("restPort: '1' needs a privilege that this user does not have");
  }

  private static boolean mayBind(int port) {
    try (ServerSocket socket = new ServerSocket(port, 5, InetAddress.getLoopbackAddress())) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
