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

  @TempDir Path directory;

  /** A command that gives one answer after the other, and the last one from then on. */
  private void command(String name, String... answers) throws IOException {
    Files.write(directory.resolve(name + ".answers"), List.of(answers));
    Path script =
        Files.writeString(
            directory.resolve(name),
            """
            #!/bin/bash
            cd "${0%%/*}" || exit
            head -n 1 %1$s.answers
            (($(wc -l <%1$s.answers) == 1)) || sed -i 1d %1$s.answers
            """
                .formatted(name));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<String> await() throws Exception {
    ProcessBuilder bash =
        new ProcessBuilder(
                "bash",
                "-c",
                Resources.text(Slurm.class, "await.sh"),
                "await",
                "50000",
                ",COMPLETED,FAILED,",
                "7")
            .redirectErrorStream(true);
    bash.environment().merge("PATH", directory.toString(), (path, own) -> own + ":" + path);
    Process process = bash.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.lines().toList();
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
}
