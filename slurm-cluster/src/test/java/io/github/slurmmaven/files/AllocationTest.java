/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code .env} keeps of the machine that a cluster runs on. */
class AllocationTest {

  @TempDir private Path directory;

  private Optional<Allocation> allocation(String text) throws IOException {
    Files.writeString(directory.resolve(".env"), text);
    return new ClusterFiles(new ClusterId("c", directory)).allocation();
  }

  @Test
  void readsQuotesAndCommentsOfContainersAsComposeDoes() throws IOException {
    assertThat(
            allocation(
                """
                SLURM_MAVEN_SSH_PORT="2230"
                SLURM_MAVEN_SUBNET=198.18.7 # of the laboratory
                OTHER=1
                """))
        .contains(new Allocation.Containers("198.18.7", 2230, 0, 0));
  }

  @Test
  void readsQuotesAndCommentsOfProcessesAsComposeDoes() throws IOException {
    assertThat(
            allocation(
                """
                # edited
                SLURM_MAVEN_SSH_PORT="2230"
                export SLURM_MAVEN_SLURM_PORT=10017 # and the next ones
                SLURM_MAVEN_SLURMDBD_PORT=18000
                SLURM_MAVEN_SHORTCUT='/tmp/a b'
                """))
        .contains(
            new Allocation.Processes(2230, 10017, 18000, 0, Optional.of(Path.of("/tmp/a b"))));
  }

  @Test
  void namesFileAndLineOfAMistake() {
    assertThatThrownBy(() -> allocation("A=1\nSLURM_MAVEN_SSH_PORT=\"2230\n"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(".env, line 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "SLURM_MAVEN_SSH_PORT=ssh\nSLURM_MAVEN_SLURM_PORT=10017\n",
        "SLURM_MAVEN_SSH_PORT=2222\n",
        "SLURM_MAVEN_SSH_PORT=1\nSLURM_MAVEN_SLURM_PORT=2\nSLURM_MAVEN_SLURMDBD_PORT=no\n"
      })
  void isEmptyWithoutAllItsPorts(String text) throws IOException {
    assertThat(allocation(text)).isEmpty();
  }

  @Test
  void isEmptyBeforeThereIsAFile() {
    assertThat(new ClusterFiles(new ClusterId("c", directory)).allocation()).isEmpty();
  }
}
