/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.report.SlurmClusterException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The process that is the parent of all of a cluster's; see slurm-supervisor's own description.
 *
 * @param directory the cluster's directory
 */
record Supervisor(Path directory) {

  private static final Duration POLL = Duration.ofMillis(5);
  private static final Duration COMMAND = Duration.ofSeconds(10);

  /**
   * A daemon.
   *
   * @param state waiting, starting, ready, exited, killed or failed
   */
  record Daemon(String name, String state, long pid, Instant since, String detail) {
    boolean hasEnded() {
      return state.equals("exited") || state.equals("killed") || state.equals("failed");
    }
  }

  record State(long pid, String phase, List<Daemon> daemons, List<String> answers) {
    static final State NONE = new State(0, "stopped", List.of(), List.of());

    Optional<Daemon> daemon(String name) {
      return daemons.stream().filter(daemon -> daemon.name().equals(name)).findFirst();
    }
  }

  boolean isRunning() {
    Path file = directory.resolve("supervisor.lock");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      try (FileLock lock = channel.tryLock()) {
        return lock == null;
      }
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new SlurmClusterException(file + " cannot be read: " + e, e);
    }
  }

  State state() {
    try {
      long pid = 0;
      String phase = "stopped";
      List<Daemon> daemons = new ArrayList<>();
      List<String> answers = new ArrayList<>();
      for (String line :
          Files.readAllLines(directory.resolve("supervisor.state"), StandardCharsets.UTF_8)) {
        String[] words = line.split(" ", 7);
        switch (words[0]) {
          case "supervisor" -> {
            pid = Long.parseLong(words[1]);
            phase = words[3];
          }
          case "daemon" ->
              daemons.add(
                  new Daemon(
                      words[1],
                      words[2],
                      Long.parseLong(words[3]),
                      Instant.ofEpochMilli(Long.parseLong(words[5])),
                      words.length > 6 ? words[6] : ""));
          default -> answers.add(line.substring("answer ".length()));
        }
      }
      return new State(pid, phase, daemons, answers);
    } catch (NoSuchFileException e) {
      return State.NONE;
    } catch (IOException e) {
      throw new SlurmClusterException("supervisor.state cannot be read: " + e, e);
    }
  }

  void start(Path program) {
    try {
      Process process =
          new ProcessBuilder(program.toString(), directory.toString())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String said = "";
      try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
        said = String.valueOf(reader.readLine());
      }
      if (!said.equals("started")) {
        process.waitFor(1, TimeUnit.SECONDS);
        throw new SlurmClusterException("The supervisor could not start: " + said);
      }
    } catch (IOException e) {
      throw new SlurmClusterException("The supervisor could not start: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted", e);
    }
  }

  void command(String text) {
    String id = "c" + System.nanoTime();
    try {
      Files.writeString(
          directory.resolve("supervisor.control"),
          id + " " + text + "\n",
          StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new SlurmClusterException("The supervisor does not listen: " + e, e);
    }
    await(
        state -> state.answers().stream().anyMatch(answer -> answer.startsWith(id + " ")), COMMAND);
  }

  boolean await(Predicate<State> condition, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (System.nanoTime() < deadline) {
      if (condition.test(state())) {
        return true;
      }
      try {
        Thread.sleep(POLL.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SlurmClusterException("Interrupted", e);
      }
    }
    return false;
  }

  void stop() {
    if (isRunning()) {
      command("stop");
      await(state -> !isRunning(), COMMAND);
    }
  }

  void reap(Path program) {
    try {
      new ProcessBuilder(program.toString(), "--reap", directory.toString()).start().waitFor();
    } catch (IOException e) {
      throw new SlurmClusterException("reap: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
