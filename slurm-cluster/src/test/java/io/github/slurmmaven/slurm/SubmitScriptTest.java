/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.resource.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script that submits, with an sbatch and a squeue that answer what a test says. */
@EnabledOnOs(OS.LINUX)
@Timeout(60)
class SubmitScriptTest {

  private final Path directory;
  private final Path script;

  SubmitScriptTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    script = Files.writeString(directory.resolve("job.sh"), "#!/bin/sh\n");
    program(
        "squeue",
        """
        echo asked >> questions
        case "$*" in
          *%%A) echo 5; echo 6 ;;
          *) echo "6 %1$s"; [ ! -e submitted ] || echo "7 %1$s" ;;
        esac
        """
            .formatted(script));
  }

  private void program(String name, String text) throws IOException {
    Files.setPosixFilePermissions(
        Files.writeString(
            directory.resolve(name), "#!/bin/sh\ncd '" + directory + "' || exit\n" + text),
        PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String submit(String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                Resources.text(Slurm.class, "submit.sh"),
                directory + ":" + System.getenv("PATH"),
                directory.toString(),
                script.toString(),
                "30000"));
    command.addAll(List.of(options));
    command.add(script.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  @Test
  void asksSlurmNothingElseWhereSbatchPrintsTheId() throws Exception {
    program("sbatch", "sleep 1; echo 7");

    assertThat(submit("--partition=gpu", "--job-name", "Quiet")).startsWith("job 7 ");
    assertThat(directory.resolve("questions")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--quiet", "--qui", "-Q", "-HQ", "--wait", "-W"})
  void findsTheJobThatSbatchDoesNotPrintAndNoEarlierOne(String option) throws Exception {
    program("sbatch", "sleep 1; touch submitted; sleep 1");

    assertThat(submit(option)).startsWith("job 7 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"#SBATCH --quiet", "#SBATCH --hold -WQ", "#SBATCH -Q"})
  void knowsTheOptionsInTheScript(String line) throws Exception {
    Files.writeString(script, "#!/bin/sh\n" + line + "\n");
    program("sbatch", "touch submitted");

    assertThat(submit()).startsWith("job 7 ");
  }
}
