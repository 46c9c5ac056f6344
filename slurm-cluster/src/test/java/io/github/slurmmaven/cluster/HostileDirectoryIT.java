/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.common.FileContent;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.TestParameters;
import io.github.slurmmaven.files.BackendKind;
import io.github.slurmmaven.files.ClusterDirectory;
import io.github.slurmmaven.hostile.HostileText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A directory with a hostile name")
class HostileDirectoryIT {

  @TempDir Path temporary;

  @Test
  @DisplayName("is refused by name, or is where OpenSSH and Java look for the keys")
  void isRefusedOrFound() throws Exception {
    ClusterDefinition definition = new TestParameters().toDefinition();
    int used = 0;
    int refused = 0;
    for (String name : HostileText.PIECES) {
      Path directory;
      try {
        directory = temporary.resolve("d" + name).resolve("x").normalize();
      } catch (InvalidPathException e) {
        continue; // Maven makes the path, and refuses it
      }
      ClusterDirectory files = new ClusterDirectory(directory);
      try {
        files.write(
            BackendKind.DOCKER, Map.of("cluster.yaml", FileContent.of("")), definition, false);
      } catch (InvalidParameterException e) {
        assertThat(e).hasMessageStartingWith("outputDirectory: ");
        refused++;
        continue;
      }
      Connection connection =
          files
              .connectionFiles()
              .write(
                  definition,
                  "slurm",
                  Optional.of("pass word"),
                  new Address("127.0.0.1", 2222),
                  Optional.empty(),
                  Optional.empty());
      assertThat(files.connectionFiles().read()).as(name).contains(connection);
      assertThat(settings(directory.resolve("ssh/config")))
          .as(name)
          .contains("hostname 127.0.0.1", "port 2222", "user slurm")
          .containsAnyOf(shown("identityfile", connection.sshPrivateKey()))
          .containsAnyOf(shown("userknownhostsfile", connection.sshKnownHosts()));
      used++;
    }
    assertThat(used).isGreaterThan(80);
    assertThat(refused).isGreaterThan(8);
  }

  /** OpenSSH shows some names of files before it replaces their percent signs. */
  private static String[] shown(String key, Path file) {
    return new String[] {key + " " + file, key + " " + file.toString().replace("%", "%%")};
  }

  /** As OpenSSH reads them. */
  private static List<String> settings(Path config) throws IOException, InterruptedException {
    Process ssh =
        new ProcessBuilder("ssh", "-G", "-F", config.toString(), "slurm")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(ssh.waitFor()).isZero();
    return output.lines().toList();
  }
}
