/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.resource.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What await.sh makes of Slurm's answers that belong to different moments. */
@Timeout(120)
class AwaitScriptTest {

  private static final String WITH_ACCOUNTING =
      "AccountingStorageType = accounting_storage/slurmdbd";

  @TempDir Path directory;

  /**
   * A command that gives one answer after the other, and the last one from then on. It fails with
   * an answer that says "error".
   */
  private void command(String name, String... answers) throws IOException {
    Files.write(directory.resolve(name + ".answers"), List.of(answers));
    Path script =
        Files.writeString(
            directory.resolve(name),
            """
            #!/bin/bash
            cd "${0%%/*}" || exit
            read -r answer <%1$s.answers
            (($(wc -l <%1$s.answers) == 1)) || sed -i 1d %1$s.answers
            if [[ $answer == *error* ]]; then
              echo "$answer" >&2
              exit 1
            fi
            [ -z "$answer" ] || echo "$answer"
            """
                .formatted(name));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private record Answer(int status, List<String> lines) {}

  private Answer await(int milliseconds) throws Exception {
    ProcessBuilder bash =
        new ProcessBuilder(
                "bash",
                "-c",
                Resources.text(Slurm.class, "await.sh"),
                "await",
                Integer.toString(milliseconds),
                ",COMPLETED,FAILED,",
                "7",
                "JobID,State")
            .redirectErrorStream(true);
    bash.environment().merge("PATH", directory.toString(), (path, own) -> own + ":" + path);
    Process process = bash.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(process.waitFor(), said.lines().toList());
  }

  private List<String> await() throws Exception {
    Answer answer = await(50_000);
    assertThat(answer.status()).as("%s", answer.lines()).isZero();
    return answer.lines();
  }

  private static String record(String state) {
    return "JobId=7 JobName=j JobState=" + state + " Reason=None";
  }

  @Test
  void aJobThatIsQueuedAgainSinceItsEndIsWaitedFor() throws Exception {
    command("squeue", "7 FAILED NonZeroExitCode", "7 PENDING BeginTime", "7 COMPLETED None");
    command("scontrol", record("PENDING"), record("PENDING"), record("COMPLETED"));

    assertThat(await()).containsExactly(record("PENDING"), record("COMPLETED"));
  }

  @Test
  void eachStateIsShownOnce() throws Exception {
    command("squeue", "7 RUNNING None", "7 COMPLETED None");
    command("scontrol", record("COMPLETED"));

    assertThat(await()).containsExactly(record("COMPLETED"));
  }

  /** slurmctld does not know the job, and accounting gives such answers. */
  private void forgotten(String... answers) throws IOException {
    command("squeue", "");
    command("scontrol", WITH_ACCOUNTING);
    command("sacct", answers);
  }

  @Test
  void aForgottenJobIsAskedForUntilAccountingAnswers() throws Exception {
    forgotten("sacct: error: Connection refused", "7|a|b|c|d|COMPLETED|");

    assertThat(await(50_000)).isEqualTo(new Answer(4, List.of("record 7|a|b|c|d|COMPLETED|")));
  }

  @Test
  void aForgottenJobIsNotUnknownWhileAccountingIsAway() throws Exception {
    forgotten("sacct: error: Connection refused");

    assertThat(await(10))
        .isEqualTo(
            new Answer(
                3,
                List.of(
                    "slurmctld has forgotten a job of 7, and accounting does not answer:"
                        + " sacct: error: Connection refused")));
  }

  @Test
  void aJobThatAccountingDoesNotKnowIsUnknown() throws Exception {
    forgotten("");

    assertThat(await(50_000)).isEqualTo(new Answer(4, List.of()));
  }

  @Test
  void aTaskThatSlurmctldKnowsNeedsNoAccounting() throws Exception {
    command("squeue", "7_1 COMPLETED None");
    command("scontrol", record("COMPLETED"), WITH_ACCOUNTING);
    command("sacct", "sacct: error: Connection refused");

    assertThat(await()).containsExactly(record("COMPLETED"));
  }
}
