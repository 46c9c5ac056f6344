/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** What takes the place of GNU parallel, called as enroot's scripts do. */
@EnabledIf("pythonIsHere")
class ParallelReplacementTest {

  private final Path directory;

  ParallelReplacementTest(@TempDir Path directory) {
    this.directory = directory;
  }

  static boolean pythonIsHere() {
    return LayerMergeTest.pythonIsHere();
  }

  @BeforeEach
  void install() throws IOException {
    try (InputStream script =
        Objects.requireNonNull(
            ClusterImages.class.getResourceAsStream(
                "/io/github/slurmmaven/images/pyxis/parallel/parallel"))) {
      Files.copy(script, directory.resolve("parallel"));
    }
  }

  private record Ended(int status, List<String> lines) {}

  private Ended run(Map<String, String> environment, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("/usr/bin/python3", "-I", "parallel"));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes()).lines().sorted().toList();
    return new Ended(process.waitFor(), lines);
  }

  @Test
  void fillsArgumentAndNumberIntoACommandLine() throws Exception {
    assertThat(
            run(Map.of(), "--plain", "-j", "2", "echo", "{#};", "echo", "'at {}'", ":::", "a", "b"))
        .isEqualTo(new Ended(0, List.of("1", "2", "at a", "at b")));
  }

  @Test
  void quotesWhatIsToBeTakenAsItIs() throws Exception {
    Path functions =
        Files.writeString(
            directory.resolve("functions"), "show::each() { printf '<%s><%s>\\n' \"$@\"; }\n");

    assertThat(
            run(
                Map.of("BASH_ENV", functions.toString()),
                "--plain",
                "--bar",
                "--shuf",
                "--retries",
                "2",
                "-j",
                "10",
                "-q",
                "show::each",
                "{}",
                "a $b; c",
                ":::",
                "one",
                "two"))
        .isEqualTo(new Ended(0, List.of("<one><a $b; c>", "<two><a $b; c>")));
  }

  @Test
  void triesAgainAndCountsWhatFailed() throws Exception {
    assertThat(
            run(
                Map.of(),
                "--retries",
                "3",
                "echo",
                "x",
                ">>",
                "{};",
                "[",
                "{}",
                "=",
                "good",
                "]",
                ":::",
                "good",
                "bad",
                "worse"))
        .isEqualTo(new Ended(2, List.of()));
    assertThat(directory.resolve("good")).hasContent("x");
    assertThat(directory.resolve("bad")).hasContent("x\nx\nx");
  }

  @Test
  void refusesWhatItDoesNotKnow() throws Exception {
    assertThat(run(Map.of(), "--pipe", "cat", ":::", "a").status()).isEqualTo(255);
    assertThat(run(Map.of(), "echo", "no arguments").status()).isEqualTo(255);
  }
}
