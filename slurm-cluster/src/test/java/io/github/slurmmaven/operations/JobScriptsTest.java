/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.slurmmaven.client.InvalidParameterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobScriptsTest {

  @TempDir private Path directory;

  private Path file(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  @Test
  void aDirectoryStandsForTheScriptsBelowIt() throws IOException {
    Path second = file("b.sh", "#!/bin/sh\n");
    Path first = file("a/job.slurm", "#!/bin/bash\r\n#SBATCH -n 1\r\n");
    Path withoutInterpreter = file("c.txt", "# a job\n#SBATCH -n 1\n");
    file("README.md", "Write #SBATCH and #! into each script.\n");
    file(".git/hooks/update", "#!/bin/sh\n");
    file("empty", "");
    Files.write(directory.resolve("data"), new byte[] {0, -1, 2});

    assertThat(JobScripts.of(directory)).containsExactly(first, second, withoutInterpreter);
  }

  @Test
  void aFileStandsForItself() throws IOException {
    Path file = file("notes", "no script\n");

    assertThat(JobScripts.of(file)).containsExactly(file);
  }

  @Test
  void aDirectoryWithoutScriptsIsRefused() throws IOException {
    file("README.md", "no script\n");

    assertThatExceptionOfType(InvalidParameterException.class)
        .isThrownBy(() -> JobScripts.of(directory))
        .satisfies(e -> assertThat(e.problem()).startsWith("has no job script: "));
  }

  @Test
  void whatIsNotThereIsRefused() {
    assertThatExceptionOfType(InvalidParameterException.class)
        .isThrownBy(() -> JobScripts.of(directory.resolve("none")))
        .satisfies(e -> assertThat(e.problem()).startsWith("does not exist: "));
  }
}
