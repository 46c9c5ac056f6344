/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.resource.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What define-accounts makes of sacctmgr's answers, with no other program than it needs. */
@Timeout(60)
class DefineAccountsTest {

  private static final String LINES = "add qos low\nmodify user alice set qos=low\n";

  @TempDir Path directory;

  @BeforeEach
  void giveGrep() throws IOException {
    command("grep", "exec \"$(PATH=/usr/bin:/bin type -P grep)\" \"$@\"");
  }

  private void command(String name, String lines) throws IOException {
    Path script = Files.writeString(directory.resolve(name), "#!/bin/bash\n" + lines + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /**
   * A sacctmgr that answers a line which says "alice", after the prompts that it shows for what is
   * not from a terminal.
   */
  private void sacctmgr(int status, String answer) throws IOException {
    command(
        "sacctmgr",
        """
        said=
        while IFS= read -r line; do
          echo "sacctmgr: $line"
          [[ $line != *alice* ]] || said=yes
        done
        if [[ $said ]]; then
          echo '%s' >&2
          exit %d
        fi
        """
            .formatted(answer.replace("'", "'\\''"), status));
  }

  private record Outcome(int status, String said) {}

  private Outcome define() throws Exception {
    Path file = Files.writeString(directory.resolve("sacctmgr.txt"), "# comment\n" + LINES);
    ProcessBuilder bash =
        new ProcessBuilder(
                "/bin/bash",
                "-c",
                Resources.text(
                    ImageAddition.class, "/io/github/slurmmaven/images/accounting/define-accounts"),
                "define-accounts",
                file.toString())
            .redirectErrorStream(true);
    bash.environment().put("PATH", directory.toString());
    Process process = bash.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), said);
  }

  @Test
  void linesThatSacctmgrTakesAreNotNamed() throws Exception {
    sacctmgr(0, " Modified user associations...");

    assertThat(define()).isEqualTo(new Outcome(0, ""));
  }

  @Test
  void aRefusedLineIsNamedWithAllWordsOfSacctmgr() throws Exception {
    sacctmgr(1, " This request is refused.\n Please ask for less.");

    assertThat(define())
        .isEqualTo(
            new Outcome(
                1,
                "'modify user alice set qos=low' of config/sacctmgr.txt"
                    + " (This request is refused.  Please ask for less.)\n"));
  }

  @Test
  void aLineThatSlurm2205RefusesInWordsAloneIsNamed() throws Exception {
    sacctmgr(0, " These associations don't have access to their default qos.");

    assertThat(define())
        .isEqualTo(
            new Outcome(
                1,
                "'modify user alice set qos=low' of config/sacctmgr.txt"
                    + " (These associations don't have access to their default qos.)\n"));
  }

  @Test
  void aLineWithNothingToDoIsNotRefused() throws Exception {
    sacctmgr(1, " Nothing new added.");

    assertThat(define()).isEqualTo(new Outcome(0, ""));
  }
}
