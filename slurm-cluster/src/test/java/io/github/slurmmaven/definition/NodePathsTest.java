/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodePathsTest {

  @TempDir private Path directory;

  private ClusterDefinition read(String text) throws IOException {
    Files.writeString(directory.resolve("tool"), "tool");
    Path file = Files.writeString(directory.resolve("own.yaml"), "preset: cpu\n" + text + "\n");
    return new TestParameters(directory).with("definition", file).toDefinition();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/slurm",
        "/etc/slurm/",
        "/etc//slurm/job_submit.lua",
        "/run/slurm-cluster/munge.key"
      })
  void refusesAMountInWhatTheClusterMounts(String target) {
    assertThatThrownBy(() -> read("mounts: [{source: tool, target: %s}]".formatted(target)))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("own.yaml, line 2, column ")
        .hasMessageContaining(
            "mounts[0].target: '%s' is in a directory that the cluster".formatted(target))
        .hasMessageContaining("copy files into /etc/slurm with files");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {source: tool, target: /etc/slurm/slurm.conf}            | is made from the cluster's definition: use slurm_conf
          {source: tool, target: /etc/slurm}                       | is a directory that the cluster mounts itself
          {source: tool, target: /run/slurm-cluster/munge.key}     | is a directory that the cluster mounts itself
          {source: tool, target: /etc/slurm/x.sh, on: controller}  | which all nodes share: leave it out
          """)
  void refusesAFileThatCannotBeInSlurmsConfiguration(String file, String problem) {
    assertThatThrownBy(() -> read("files: [" + file + "]"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void takesAFileBelowSlurmsConfiguration() throws IOException {
    assertThat(read("files: [{source: tool, target: /etc/slurm/prolog.d/a.sh}]").files())
        .extracting(FileCopy::configurationFile)
        .singleElement()
        .satisfies(file -> assertThat(file).contains("prolog.d/a.sh"));
  }

  @Test
  void readsAUserWithUidBehindAColon() throws IOException {
    assertThat(read("users: [alice, 'ci:1500']").users())
        .containsExactly(new UserDefinition("alice", 1001), new UserDefinition("ci", 1500));
  }

  @Test
  void refusesAUserWithAUidThatIsNotANumber() {
    assertThatThrownBy(() -> read("users: ['ci:many']"))
        .hasMessageContaining("users[0].name: 'ci:many' is not a user name")
        .hasMessageContaining("as in ci:1001");
  }
}
