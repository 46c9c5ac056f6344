/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.ClusterBackend.CommandResult;
import io.github.slurmmaven.report.SlurmClusterException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A command on this machine with just the variables it is given.
 *
 * @param directory where it runs
 * @param environment its variables; its program is looked for on PATH there
 */
record LocalCommand(Path directory, Map<String, String> environment) {

  /** How long after a command's end its output is waited for, which its children may keep open. */
  private static final Duration REST_OF_OUTPUT = Duration.ofSeconds(1);

  private static final int NOT_FOUND = 127;

  /**
   * Runs it to its end.
   *
   * @param lines hears standard output as it comes
   * @throws SlurmClusterException when it cannot be run, or does not end in time: then it is killed
   *     with all that it has started
   */
  CommandResult run(List<String> command, Consumer<String> lines, Duration timeout) {
    List<String> words = new ArrayList<>(command);
    Path program = program(command.get(0));
    if (!Files.isExecutable(program)) {
      return new CommandResult(NOT_FOUND, "", command.get(0) + ": command not found\n");
    }
    words.set(0, program.toString());
    ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      try {
        process.getOutputStream().close();
        return collect(process, command, lines, timeout);
      } finally {
        if (process.isAlive()) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
        }
      }
    } catch (IOException e) {
      throw new SlurmClusterException(command.get(0) + " cannot be run: " + e.getMessage(), e);
    }
  }

  private static CommandResult collect(
      Process process, List<String> command, Consumer<String> lines, Duration timeout) {
    Output out = new Output(process.getInputStream(), lines);
    Output err = new Output(process.getErrorStream(), line -> {});
    try {
      if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new SlurmClusterException(
            "'%s' did not end within %.1f s"
                .formatted(String.join(" ", command), timeout.toMillis() / 1000.0));
      }
      return new CommandResult(process.exitValue(), out.text(), err.text());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted while running " + command.get(0), e);
    }
  }

  /** Java itself would look for it on the PATH of this process. */
  private Path program(String name) {
    if (name.contains("/")) {
      return directory.resolve(name);
    }
    for (String folder : environment.getOrDefault("PATH", "").split(":", -1)) {
      Path file = directory.resolve(folder).resolve(name);
      if (Files.isExecutable(file) && Files.isRegularFile(file)) {
        return file;
      }
    }
    return directory.resolve(name);
  }

  /** One of the two streams, read by a thread of its own. */
  private static final class Output {

    private final StringBuilder text = new StringBuilder();
    private final Thread thread;

    Output(InputStream stream, Consumer<String> lines) {
      thread = new Thread(() -> read(stream, lines), "slurm-command-output");
      thread.setDaemon(true);
      thread.start();
    }

    private void read(InputStream stream, Consumer<String> lines) {
      try (BufferedReader reader =
          new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          synchronized (text) {
            text.append(line).append('\n');
          }
          lines.accept(line);
        }
      } catch (IOException e) {
        // Closed at the command's end.
        return;
      }
    }

    String text() throws InterruptedException {
      thread.join(REST_OF_OUTPUT.toMillis());
      synchronized (text) {
        return text.toString();
      }
    }
  }
}
