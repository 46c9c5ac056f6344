/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalChoiceTest {

  @TempDir private Path directory;

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve(".env"), text);
  }

  @Test
  void readsQuotesAndCommentsAsComposeDoes() throws IOException {
    Path file =
        file(
            """
            # edited
            SLURM_MAVEN_SSH_PORT="2230"
            export SLURM_MAVEN_SLURM_PORT=10017 # and the next ones
            SLURM_MAVEN_SHORTCUT='/tmp/a b'
            """);

    assertThat(LocalChoice.read(file))
        .isEqualTo(new LocalChoice(2230, 10017, Optional.of(Path.of("/tmp/a b"))));
  }

  @Test
  void refusesAPortThatIsNotANumber() throws IOException {
    Path file = file("SLURM_MAVEN_SSH_PORT=ssh\nSLURM_MAVEN_SLURM_PORT=10017\n");

    assertThatThrownBy(() -> LocalChoice.read(file))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(file + " lacks a port, or has one that is no number: run slurm:create again");
  }
}
