/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailedScriptTest {

  @TempDir private Path directory;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(
        directory.resolve("slurm.conf"),
        """
        Epilog=/bin/true
        Prolog=/opt/p.sh
        Epilog=/opt/e.sh
        TaskProlog=/opt/t.sh
        PrologSlurmctld=/opt/c.sh
        """);
  }

  /** What Slurm 22.05 and 24.11 write. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          slurmd: error: epilog: Unable to create list of paths [/opt/e.sh] | line 3 (Epilog=/opt/e.sh): /opt/e.sh is missing; copy it
          slurmd: error: prolog: Unable to create list of paths [/opt/p.sh] | line 2 (Prolog=/opt/p.sh): /opt/p.sh is missing; copy it
          slurmd: error: epilog failed: rc:1 output:                        | line 3 (Epilog=/opt/e.sh): the script fails; correct
          slurmd: error: prolog failed: rc:7 output:no GPU                  | line 2 (Prolog=/opt/p.sh): the script fails; correct
          error: run_command: slurm task_prolog can not be executed (/opt/t.sh) No such file or directory | line 4 (TaskProlog=/opt/t.sh): /opt/t.sh is missing; copy it
          error: run_command: slurm task_prolog can not be executed (/opt/t.sh) Permission denied         | line 4 (TaskProlog=/opt/t.sh): /opt/t.sh cannot be run; make it executable
          slurmstepd: error: TaskProlog failed status=1                     | line 4 (TaskProlog=/opt/t.sh): the script fails; correct
          slurmd: error: prolog killed by signal 9 output:                  | line 2 (Prolog=/opt/p.sh): the script was killed; correct
          slurmctld: error: prolog_slurmctld JobId=2 prolog exit status 1:0 | line 5 (PrologSlurmctld=/opt/c.sh): the script fails; correct
          slurmctld: error: _run_script: JobId=2 prolog_slurmctld exit status 1:0 | line 5 (PrologSlurmctld=/opt/c.sh): the script fails; correct
          slurmctld: error: Invalid PrologSlurmctld(`/opt/c.sh`): No such file or directory | line 5 (PrologSlurmctld=/opt/c.sh): /opt/c.sh is missing; copy it
          """)
  void namesTheLineOfSlurmConfAndQuotesTheDaemon(String said, String told) {
    String log = "slurmd: an earlier line\n" + said + "\nslurmd: a later line\n";

    assertThat(FailedScript.find(directory, Map.of("n1", log), ""))
        .hasValueSatisfying(
            cause ->
                assertThat(cause)
                    .startsWith(directory.resolve("slurm.conf") + ", " + told)
                    .endsWith("Node n1 says: " + said.replaceFirst(".*?(?=error:)", "")));
  }

  @Test
  void namesTheImageThatLacksTheLibraryOfJobClock() {
    String said = "error: jobClock=/usr/local/lib/libjobclock.so is missing";

    assertThat(FailedScript.find(directory, Map.of(), said + "\nsrun: error: task 0 failed"))
        .hasValue(
            "/usr/local/lib/libjobclock.so is missing; use an image that is made from this plugin's,"
                + " or leave jobClock out. A job says: "
                + said);
  }

  @Test
  void namesAMissingPluginScript() {
    String said =
        "error: job_submit/lua: Unable to stat /etc/slurm/job_submit.lua: No such file or directory";

    assertThat(FailedScript.find(directory, Map.of("n1", "slurmctld: " + said), ""))
        .hasValue(
            "/etc/slurm/job_submit.lua is missing; put it into the directory that slurmFiles names, or copy it to /etc/slurm with files. Node n1 says: "
                + said);
  }

  @Test
  void namesAPluginScriptThatIsNotRight() {
    String said =
        "error: job_submit/lua: /etc/slurm/job_submit.lua: /etc/slurm/job_submit.lua:3: '=' expected near 'end'";

    assertThat(FailedScript.find(directory, Map.of("n1", "slurmctld: " + said), ""))
        .hasValue(
            "/etc/slurm/job_submit.lua has an error; correct the script. Node n1 says: " + said);
  }

  /** The scripts that run ours and the user's write it, slurmd quotes it. */
  @Test
  void namesAMissingScriptThatRunsBesideOurs() {
    assertThat(
            FailedScript.find(
                directory,
                Map.of(
                    "n1",
                    "slurmd: error: epilog failed: rc:1 output:error: Epilog=/opt/no.sh is missing"),
                ""))
        .hasValueSatisfying(
            cause ->
                assertThat(cause)
                    .startsWith("/opt/no.sh is missing; copy it")
                    .endsWith("Node n1 says: error: Epilog=/opt/no.sh is missing"));
  }

  @Test
  void quotesTheOutputOfAScriptThatRunsBesideOurs() {
    String said =
        "error: epilog failed: rc:256 output:the disk is full\nerror: Epilog=/opt/e.sh fails with exit code 7";

    assertThat(FailedScript.find(directory, Map.of("n1", "slurmd: " + said + "\n"), ""))
        .hasValueSatisfying(
            cause ->
                assertThat(cause)
                    .contains("/opt/e.sh fails; correct the script.")
                    .endsWith("Node n1 says: " + said));
  }

  @Test
  void readsAlsoWhatAJobWrote() {
    assertThat(
            FailedScript.find(
                directory,
                Map.of("n1", "all is well"),
                "slurmstepd: error: TaskProlog failed status=1"))
        .hasValueSatisfying(
            cause -> assertThat(cause).endsWith("A job says: error: TaskProlog failed status=1"));
  }

  @Test
  void findsNothingInALogWithoutAFailedScript() {
    assertThat(FailedScript.find(directory, Map.of("n1", "error: other"), "srun: error")).isEmpty();
  }

  @Test
  void namesNoLineWhereTheConfigurationCannotBeRead() {
    assertThat(
            FailedScript.find(
                directory.resolve("gone"),
                Map.of("n1", "error: prolog: Unable to create list of paths [/opt/p.sh]"),
                ""))
        .hasValueSatisfying(cause -> assertThat(cause).startsWith("/opt/p.sh is missing; "));
  }
}
