/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.JobId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the scripts of batch jobs come from: slurmctld's files, and scontrol for the rest. */
class BatchScriptsTest {

  private static final String SCRIPT = "#!/bin/sh\necho größe\n";

  @TempDir Path directory;

  private CommandResult run(
      String user, List<String> command, Consumer<String> lines, Duration timeout) {
    try {
      ProcessBuilder bash = new ProcessBuilder(command).redirectErrorStream(true);
      bash.environment().merge("PATH", directory.toString(), (path, own) -> own + ":" + path);
      Process process = bash.start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new CommandResult(process.waitFor(), out, "");
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Job 12, an array, has a file; scontrol writes the script of job 7 and knows no other. */
  private void slurmctld() throws IOException {
    Path job = Files.createDirectories(directory.resolve("hash.2/job.12"));
    Files.writeString(job.resolve("script"), SCRIPT + "\0");
    Path scontrol =
        Files.writeString(
            directory.resolve("scontrol"),
            """
            #!/bin/bash
            if [ "$1" = show ]; then
              echo 'StateSaveLocation       = %s'
              exit
            fi
            while read -r _ _ job file; do
              [ "$job" != 7 ] || printf '#!/bin/sh\\ntrue\\n' >"$file"
            done
            """
                .formatted(directory));
    Files.setPosixFilePermissions(scontrol, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void readsThemFromFilesAndFromScontrol() throws IOException {
    slurmctld();
    List<JobId> ids = List.of(JobId.task(12, 0), JobId.of(7), JobId.task(12, 1), JobId.of(9));

    assertThat(new Slurm(this::run).batchScripts(ids, 1000))
        .isEqualTo(
            Map.of(
                JobId.task(12, 0), whole(SCRIPT),
                JobId.task(12, 1), whole(SCRIPT),
                JobId.of(7), whole("#!/bin/sh\ntrue\n")));
  }

  @Test
  void readsTheBeginningOfALongOne() throws IOException {
    slurmctld();

    Excerpt beginning =
        new Slurm(this::run).batchScripts(List.of(JobId.task(12, 0)), 9).get(JobId.task(12, 0));

    assertThat(beginning.text()).isEqualTo("#!/bin/sh");
    assertThat(beginning.size()).isEqualTo(23);
    assertThat(beginning.whole()).isFalse();
  }

  private static Excerpt whole(String text) {
    return new Excerpt(text.getBytes(StandardCharsets.UTF_8).length, text, true);
  }
}
