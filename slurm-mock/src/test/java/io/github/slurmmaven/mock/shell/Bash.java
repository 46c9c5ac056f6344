/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What bash did with a line. */
record Bash(String line, int status, String out, String err) {

  static final Path PROGRAM = Path.of("/bin/bash");
  static final String STDIN = "first line\nsecond\n";

  private static final Path LINES = Path.of("src/test/resources/shell/lines.txt");
  private static final String RECORD = "bash.txt";

  /** The lines that are compared. */
  static List<String> lines() throws IOException {
    return Files.readString(LINES)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> line.replace("¶", "\n"))
        .toList();
  }

  /** Runs a line with this machine's bash, at an empty home. */
  static Bash run(String line, Path home) throws Exception {
    Path stdin = Files.writeString(Files.createTempFile("stdin", ""), STDIN);
    ProcessBuilder builder =
        new ProcessBuilder(PROGRAM.toString(), "-c", line)
            .directory(home.toFile())
            .redirectInput(stdin.toFile());
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "HOME", home.toString(),
                "USER", "me",
                "GREETING", "good day",
                "LC_ALL", "C.UTF-8",
                "PATH", "/usr/local/bin:/usr/bin:/bin"));
    Process bash = builder.start();
    String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(bash.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!bash.waitFor(10, TimeUnit.SECONDS)) {
      throw new AssertionError("bash does not end: " + line);
    }
    Files.delete(stdin);
    // bash names itself by the path that it was called by.
    return new Bash(
        line,
        bash.exitValue(),
        out.replace(home.toString(), "/home/me"),
        err.replace(PROGRAM + ":", "bash:").replace(home.toString(), "/home/me"));
  }

  /** What is written down. */
  static List<Bash> recorded() throws IOException {
    List<Bash> all = new ArrayList<>();
    for (String record : Files.readString(LINES.resolveSibling(RECORD)).split("\u001e\n")) {
      String[] parts = record.split("\u001f\n", -1);
      all.add(new Bash(parts[0], Integer.parseInt(parts[1].strip()), parts[2], parts[3]));
    }
    return all;
  }

  static void record(List<Bash> all, Path directory) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Bash each : all) {
      text.append(
          String.join("\u001f\n", each.line, each.status + "\n", each.out, each.err + "\u001e\n"));
    }
    Files.writeString(directory.resolve(RECORD), text);
  }
}
