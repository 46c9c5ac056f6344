/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.embedded.supervisor.ThisUser;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.TestParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnsupportedFeaturesTest {

  private static final ThisUser BOB = new ThisUser("bob", 1000, 1000);

  private final Path directory;

  UnsupportedFeaturesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private ClusterDefinition cluster(String more) throws IOException {
    Path definition =
        Files.writeString(
            directory.resolve("definition.yaml"),
            "preset: cpu\n" + more.replace("HERE", directory.toString()));
    return new TestParameters().with("definition", definition).toDefinition();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "gpu", "multi-node"})
  void presetsRun(String preset) {
    assertThatCode(
            () ->
                UnsupportedFeatures.check(
                    new TestParameters().with("preset", preset).toDefinition()))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          services: {registry: true}                          | a container registry (withRegistry)
          services: {pyxis: true}                             | jobs in containers (withPyxis)
          users: [alice, bob]                                 | other users (users: alice, bob)
          pbs_commands: true                                  | PBS commands, which are Perl programs (pbsCommands)
          packages: [gcc, make]                               | Debian packages (packages: gcc, make): without containers, jobs have this machine's programs
          slurm_source: /srv/slurm.tar.bz2                    | a Slurm that is compiled for it (slurmSource: /srv/slurm.tar.bz2)
          slurm_source_sha256: '0000000000000000000000000000000000000000000000000000000000000000' | a Slurm that is compiled for it (slurmSourceSha256: 0000000000000000000000000000000000000000000000000000000000000000)
          image: registry.example/slurm:1                     | image: registry.example/slurm:1
          ssh: {bind_address: 0.0.0.0}                        | bindAddress: 0.0.0.0
          mounts: [{source: HERE, target: /opt/data}]         | /opt/data
          files: [{source: HERE, target: /usr/local/bin/tool}] | /usr/local/bin/tool
          files: [{source: HERE, target: /home/slurm}]        | /home/slurm
          """)
  void refusesFeaturesThatNeedContainers(String yaml, String named) throws IOException {
    ClusterDefinition cluster = cluster(yaml);

    assertThatThrownBy(() -> UnsupportedFeatures.check(cluster))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(named)
        .hasMessageContaining("engine=docker");
  }

  @Test
  void namesAllUnsupportedFeaturesAtOnce() throws IOException {
    ClusterDefinition cluster = cluster("users: [alice]\nservices: {registry: true}\n");

    assertThatThrownBy(() -> UnsupportedFeatures.check(cluster))
        .hasMessageContaining("registry")
        .hasMessageContaining("alice");
  }

  @Test
  void accountingRuns() throws IOException {
    ClusterDefinition cluster =
        cluster("accounting: true\nusers: [{name: slurm, accounts: [default]}]\n");

    assertThatCode(() -> UnsupportedFeatures.check(cluster)).doesNotThrowAnyException();
  }

  @Test
  void pathsThatAreOrCanBeThere() throws IOException {
    ClusterDefinition cluster =
        cluster(
            """
            mounts:
              - {source: HERE, target: HERE}
              - {source: HERE, target: /home/slurm/data}
            files:
              - {source: HERE, target: /home/slurm/bin/tool}
            """);

    assertThatCode(() -> UnsupportedFeatures.check(cluster)).doesNotThrowAnyException();
    assertThat(UnsupportedFeatures.differences(cluster, BOB)).isEmpty();
  }

  @Test
  void saysWhatIsDifferent() throws IOException {
    ClusterDefinition cluster =
        cluster(
            """
            mounts: [{source: HERE, target: HERE, read_only: true}]
            setup: [touch here]
            """);

    assertThat(UnsupportedFeatures.differences(cluster, BOB))
        .satisfiesExactly(
            setup -> assertThat(setup).contains("user bob", "not as root"),
            mount -> assertThat(mount).contains(directory.toString(), "read-only"));
    assertThat(UnsupportedFeatures.differences(cluster, new ThisUser("root", 0, 0))).hasSize(1);
  }
}
