/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ShellTest {

  private record Result(int status, String out, String err) {}

  @TempDir private Path root;
  private final List<String> notFound = new ArrayList<>();
  private Shell shell;

  @BeforeEach
  void makeShell() throws IOException {
    Files.createDirectories(root.resolve("home/me"));
    Files.createDirectories(root.resolve("tmp"));
    Files.createFile(Files.createDirectories(root.resolve("dev")).resolve("null"));
    shell =
        new Shell(
            new RemoteFiles(root),
            Map.of(),
            new Shell.Observer() {
              @Override
              public int run(Call call, Program program) throws IOException {
                return program.run(call);
              }

              @Override
              public Optional<Program> find(String name) {
                return Optional.empty();
              }

              @Override
              public void notFound(Call call) {
                notFound.add(call.name());
              }
            });
  }

  private Result run(String line, String stdin) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        shell.run(
            line,
            Map.of("HOME", "/home/me", "USER", "me", "GREETING", "good day"),
            "/home/me",
            new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Result(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  static List<Bash> recorded() throws IOException {
    return Bash.recorded();
  }

  @ParameterizedTest
  @MethodSource("recorded")
  @DisplayName("does as bash did")
  void doesAsBash(Bash bash) {
    Result result = run(bash.line(), Bash.STDIN);

    assertThat(new Bash(bash.line(), result.status(), result.out(), result.err())).isEqualTo(bash);
  }

  @Test
  @DisplayName("what it does not know is bash's 127, and is told")
  void commandNotFound() {
    Result result = run("true && qhold --all | cat; echo $?", "");

    assertThat(result.err()).isEqualTo("bash: line 1: qhold: command not found\n");
    assertThat(result.out()).isEqualTo("0\n");
    assertThat(notFound).containsExactly("qhold");
  }

  @ParameterizedTest
  @CsvSource({
    "rm -rf ../../../../etc /home/me/x, 0",
    "cat ../../../../../etc/passwd, 1",
    "rm -rf /, 1",
  })
  @DisplayName("never leaves its directory")
  void staysInside(String line, int status) throws IOException {
    Files.createDirectories(root.resolve("etc"));

    assertThat(run(line, "").status()).isEqualTo(status);
    assertThat(root).isDirectory();
    assertThat(Path.of("/etc/passwd")).exists();
  }

  @Test
  @DisplayName("runs a script with a shell's first line, and no other")
  void scripts() {
    run("printf '#!/bin/bash\\necho \"$1 from $0\"\\nexit 4\\n' > run.sh; chmod +x run.sh", "");
    run("printf '#!/usr/bin/python3\\nprint(1)\\n' > run.py; chmod +x run.py", "");

    assertThat(run("./run.sh hello; echo $?", "").out()).startsWith("hello from ").endsWith("4\n");
    assertThat(run("./run.py", "").status()).isEqualTo(127);
    assertThat(notFound).containsExactly("/usr/bin/python3");
    assertThat(run("./missing.sh", ""))
        .isEqualTo(new Result(127, "", "bash: line 1: ./missing.sh: No such file or directory\n"));
  }
}
