/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.common.CommandLine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Where and how commands run on this machine: with just the variables that they are given.
 *
 * @param directory where they run
 * @param environment their variables; their program is looked for on PATH there
 */
record LocalCommand(Path directory, Map<String, String> environment) {

  /** How long after a command's end its output is waited for, which its children may keep open. */
  private static final Duration REST_OF_OUTPUT = Duration.ofSeconds(5);

  /** What a shell says of a command that there is not. */
  private static final int NOT_FOUND = 127;

  private static final int CHUNK = 8192;

  /** A process that the kernel does not let go in this time is waited for no longer. */
  private static final long LONGEST_DEATH_MILLIS = 1000;

  /**
   * Runs a command to its end.
   *
   * @return exit status
   * @throws SlurmClusterException when it does not end in time, or the thread is interrupted: then
   *     it is killed with all that it has started
   */
  int run(List<String> command, CommandOutput output, Duration timeout) {
    Optional<Path> program = program(command.get(0));
    if (program.isEmpty()) {
      output.stderr((command.get(0) + ": command not found\n").getBytes(StandardCharsets.UTF_8));
      return NOT_FOUND;
    }
    Process process = start(program.get(), command);
    try {
      process.getOutputStream().close();
      return await(process, command, output, timeout);
    } catch (IOException e) {
      throw new SlurmClusterException(command.get(0) + " could not be run: " + e.getMessage(), e);
    } finally {
      kill(process);
    }
  }

  /** Starts a command whose streams the caller serves, and which the caller ends. */
  Process start(Path program, List<String> command) {
    List<String> words = new ArrayList<>(command);
    words.set(0, program.toString());
    ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new SlurmClusterException(command.get(0) + " could not be run: " + e.getMessage(), e);
    }
  }

  /** Kills a command with all that it has started, and waits for their end. */
  static void kill(Process process) {
    if (!process.isAlive()) {
      return;
    }
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    // Not interruptible: often an interrupt is why it is killed.
    all.forEach(
        each -> each.onExit().completeOnTimeout(each, LONGEST_DEATH_MILLIS, MILLISECONDS).join());
  }

  private static int await(
      Process process, List<String> command, CommandOutput output, Duration timeout) {
    Thread out = reader(process.getInputStream(), output, output::stdout);
    Thread err = reader(process.getErrorStream(), output, output::stderr);
    try {
      if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new SlurmClusterException(
            "'%s' did not end within %.1f s"
                .formatted(CommandLine.shown(command), timeout.toMillis() / 1000.0));
      }
      out.join(REST_OF_OUTPUT.toMillis());
      err.join(REST_OF_OUTPUT.toMillis());
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted while running " + command.get(0), e);
    }
  }

  /** Passes a stream on in a thread of its own; one stream at a time. */
  private static Thread reader(InputStream stream, Object lock, Consumer<byte[]> pieces) {
    Thread thread =
        new Thread(
            () -> {
              byte[] buffer = new byte[CHUNK];
              try (stream) {
                for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                  synchronized (lock) {
                    pieces.accept(Arrays.copyOf(buffer, n));
                  }
                }
              } catch (IOException e) {
                // The command was killed.
                return;
              }
            },
            "slurm-command-output");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Finds a program as a shell would; Java itself looks on the PATH of this very process. */
  Optional<Path> program(String name) {
    if (name.contains("/")) {
      return Optional.of(directory.resolve(name)).filter(LocalCommand::isProgram);
    }
    return Arrays.stream(environment.getOrDefault("PATH", "").split(":", -1))
        .map(folder -> directory.resolve(folder).resolve(name))
        .filter(LocalCommand::isProgram)
        .findFirst();
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
