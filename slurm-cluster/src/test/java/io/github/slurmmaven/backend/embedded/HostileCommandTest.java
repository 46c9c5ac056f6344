/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.common.CollectedOutput;
import io.github.slurmmaven.hostile.HostileText;
import io.github.slurmmaven.slurm.Slurm;
import io.github.slurmmaven.slurm.Submission;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real shells, and a program that prints its arguments, on this machine. */
@DisplayName("A hostile argument comes to the program as it is")
class HostileCommandTest {

  private static final int CASES = 1500;

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final long seed = HostileText.seed();

  @TempDir Path directory;

  private LocalCommand machine;

  /** Writes each argument, with a NUL behind it, to a file. */
  @BeforeEach
  void makeAProgram() throws IOException {
    Path program =
        Files.writeString(
            directory.resolve("sbatch"),
            "#!/bin/sh\nprintf '%s\\0' \"$@\" >'" + directory + "/told'\necho 12\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    String path = directory + ":" + System.getenv("PATH");
    machine = new LocalCommand(directory, Map.of("PATH", path, "HOME", directory.toString()));
  }

  private List<String> arguments() {
    HostileText texts = new HostileText(seed);
    List<String> arguments = new ArrayList<>(HostileText.PIECES);
    int length = 0;
    while (arguments.size() < CASES) {
      String text = texts.next("harmless");
      length += text.length();
      arguments.add(length < 500_000 ? text : "harmless");
    }
    // A NUL is refused before, and what is no Unicode has no bytes.
    arguments.removeIf(text -> text.indexOf('\0') >= 0 || !HostileText.isWellFormed(text));
    return arguments;
  }

  private List<String> told() throws IOException {
    return Arrays.asList(Files.readString(directory.resolve("told")).split("\0", -1));
  }

  @Test
  @DisplayName("with slurm:exec")
  void execPassesOnHostileArguments() throws IOException {
    List<String> command = new ArrayList<>(List.of("sbatch"));
    command.addAll(arguments());

    assertThat(machine.run(command, new CollectedOutput(), TIMEOUT)).isZero();

    command.set(0, "");
    assertThat(told().subList(0, command.size() - 1))
        .as("with -Dhostile.seed=" + seed)
        .isEqualTo(command.subList(1, command.size()));
  }

  @Test
  @DisplayName("with slurm:submit")
  void submitPassesOnHostileArguments() throws IOException {
    Slurm slurm =
        new Slurm(
            (user, command, lines, timeout) -> {
              CollectedOutput output = new CollectedOutput();
              int status = machine.run(command, output, timeout);
              return new CommandResult(status, output.stdout(), output.stderr());
            });
    List<String> arguments = arguments();
    List<String> options = arguments.subList(0, 200);

    JobId job =
        slurm.submit(
            Submission.of("/tmp/a 'script'.sh").withOptions(options).withArguments(arguments));

    List<String> expected = new ArrayList<>(List.of("--parsable"));
    expected.addAll(options);
    expected.add("/tmp/a 'script'.sh");
    expected.addAll(arguments);
    assertThat(told().subList(0, expected.size()))
        .as("with -Dhostile.seed=" + seed)
        .isEqualTo(expected);
    assertThat(job).isEqualTo(JobId.of("12"));
    assertThat(directory.resolve("pwned")).doesNotExist();
  }
}
