/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.JobState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The mock answers as real clusters did; {@link FidelityIT} compares real clusters with the same
 * answers, and writes them down with {@code -Dfidelity.record=<directory>}.
 */
class FidelityTest {

  @ParameterizedTest
  @ValueSource(strings = {"22.05", "24.11"})
  @DisplayName("answers what real Slurm answers, but for what docs/mock.md lists")
  void answersAsRealSlurm(String version) throws Exception {
    try (MockSlurm mock =
        MockSlurm.builder().slurmVersion(version).firstJobId(Transcript.FIRST_JOB).start()) {
      mock.on("run").then(JobState.RUNNING);
      mock.on("bad").then(JobState.RUNNING).then(JobState.FAILED).exit(3);
      mock.on("killed").then(JobState.RUNNING).then(JobState.FAILED).signal(9);
      // Without SSH, which is not what is compared.
      Map<String, String> mocked =
          Transcript.of(
              (line, stdin) -> {
                RecordedCommand command = mock.run(line, stdin);
                return new Ssh.Result(command.exitCode(), command.stdout(), command.stderr());
              });
      Map<String, String> real = read(Transcript.resource("slurm-" + version + ".txt"));
      List<String> known = differences();

      Map<String, String> expected = new LinkedHashMap<>(real);
      Map<String, String> actual = new LinkedHashMap<>(mocked);
      known.forEach(
          command -> {
            expected.remove(command);
            actual.remove(command);
          });

      assertThat(actual).hasSizeGreaterThan(150);
      assertThat(write(actual)).isEqualTo(write(expected));
    }
  }

  /** The commands whose answer is another one, as the documentation lists them. */
  private static List<String> differences() throws Exception {
    List<String> commands = new ArrayList<>();
    String document = Files.readString(Path.of("..", "docs", "mock.md"));
    String section = document.substring(document.indexOf("## Differences"));
    for (String line : section.lines().toList()) {
      if (line.startsWith("    $ ")) {
        commands.add(line.substring(6));
      }
    }
    List<String> sent = Transcript.resource("commands.txt").lines().toList();
    assertThat(sent).as("commands that docs/mock.md lists").containsAll(commands);
    return commands;
  }

  static String write(Map<String, String> answers) {
    StringBuilder text = new StringBuilder();
    answers.forEach(
        (command, answer) -> text.append("$ ").append(command).append('\n').append(answer));
    return text.toString();
  }

  static Map<String, String> read(String text) {
    Map<String, String> answers = new LinkedHashMap<>();
    String command = "";
    for (String line : text.lines().toList()) {
      if (line.startsWith("$ ")) {
        command = line.substring(2);
      } else {
        answers.merge(command, line + "\n", String::concat);
      }
    }
    return answers;
  }
}
