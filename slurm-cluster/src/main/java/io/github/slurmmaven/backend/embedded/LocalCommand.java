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
 * Runs commands on this machine, with the given variables only.
 *
 * @param directory working directory
 * @param environment variables of the commands; its PATH is searched for their programs
 */
record LocalCommand(Path directory, Map<String, String> environment) {

  /**
   * How long to wait for output after a command's end, because its children may keep the stream
   * open.
   */
  private static final Duration REST_OF_OUTPUT = Duration.ofSeconds(5);

  /** Exit status of a shell for a command that does not exist. */
  private static final int NOT_FOUND = 127;

  private static final int CHUNK = 8192;

  /** How long to wait until the kernel has ended a killed process. */
  private static final long LONGEST_DEATH_MILLIS = 1000;

  /**
   * Runs a command to its end.
   *
   * @return exit status
   * @throws SlurmClusterException when it does not end in time, or the thread is interrupted; it is
   *     then killed with all processes that it has started
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

  /** Starts a command. The caller reads and writes its streams, and ends it. */
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

  /** Kills a command with all processes that it has started, and waits for their end. */
  static void kill(Process process) {
    if (!process.isAlive()) {
      return;
    }
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    // Not interruptible, because the command is often killed after an interrupt.
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

  /**
   * Passes on a stream in a thread of its own. The lock makes sure that only one stream is passed
   * on at a time.
   */
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

  /** Finds a program as a shell would. Java itself would search the PATH of this process. */
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
