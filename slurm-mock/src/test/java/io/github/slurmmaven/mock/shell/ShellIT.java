/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * This machine's bash does what is written down, which is what {@link ShellTest} holds the mock's
 * shell to. {@code -Dshell.record=<directory>} writes it down anew.
 */
class ShellIT {

  @Test
  @DisplayName("bash does as it did")
  void asBefore(@TempDir Path directory) throws Exception {
    assumeTrue(Files.isExecutable(Bash.PROGRAM));
    List<Bash> all = new ArrayList<>();
    for (String line : Bash.lines()) {
      all.add(Bash.run(line, Files.createTempDirectory(directory, "home")));
    }
    String record = System.getProperty("shell.record");
    if (record != null) {
      Bash.record(all, Path.of(record));
      return;
    }
    assertThat(all).isEqualTo(Bash.recorded());
  }
}
