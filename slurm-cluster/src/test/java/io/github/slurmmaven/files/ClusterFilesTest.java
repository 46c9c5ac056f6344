/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterFilesTest {

  @TempDir private Path directory;

  @Test
  void readsQuotesAndCommentsOfDotEnvAsComposeDoes() throws IOException {
    Files.writeString(
        directory.resolve(".env"),
        """
        SLURM_MAVEN_SSH_PORT="2230"
        SLURM_MAVEN_SUBNET=198.18.7 # of the laboratory
        OTHER=1
        """);

    assertThat(new ClusterFiles(directory).allocation())
        .hasValueSatisfying(
            allocation ->
                assertThat(allocation.variables())
                    .containsOnly(
                        java.util.Map.entry("SLURM_MAVEN_SSH_PORT", "2230"),
                        java.util.Map.entry("SLURM_MAVEN_SUBNET", "198.18.7")));
  }

  @Test
  void namesFileAndLineOfAMistakeInDotEnv() throws IOException {
    Files.writeString(directory.resolve(".env"), "A=1\nSLURM_MAVEN_SSH_PORT=\"2230\n");

    assertThatThrownBy(() -> new ClusterFiles(directory).allocation())
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(".env, line 2");
  }

  @Test
  void hasNoAllocationBeforeThereIsAFile() {
    assertThat(new ClusterFiles(directory).allocation()).isEmpty();
  }
}
