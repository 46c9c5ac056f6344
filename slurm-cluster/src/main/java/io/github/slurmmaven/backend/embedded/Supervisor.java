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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

final class Supervisor {

  private final Path program;
  private final Path directory;

  Supervisor(Path program, Path directory) {
    this.program = program;
    this.directory = directory;
  }

  boolean isAlive() {
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

  Optional<SupervisorState> state() {
    try {
      ProcessIdentity self = new ProcessIdentity(0, 0);
      SupervisorState.Phase phase = SupervisorState.Phase.STOPPED;
      List<SupervisorState.DaemonState> daemons = new ArrayList<>();
      Map<String, String> answers = new HashMap<>();
      for (String line :
          Files.readAllLines(directory.resolve("supervisor.state"), StandardCharsets.UTF_8)) {
        String[] words = line.split(" ", 7);
        switch (words[0]) {
          case "supervisor" -> {
            self = new ProcessIdentity(Long.parseLong(words[1]), Long.parseLong(words[2]));
            phase = SupervisorState.Phase.valueOf(words[3].toUpperCase(Locale.ROOT));
          }
          case "daemon" ->
              daemons.add(
                  new SupervisorState.DaemonState(
                      words[1],
                      SupervisorState.DaemonState.Condition.valueOf(
                          words[2].toUpperCase(Locale.ROOT)),
                      new ProcessIdentity(Long.parseLong(words[3]), Long.parseLong(words[4])),
                      Instant.ofEpochMilli(Long.parseLong(words[5])),
                      words.length > 6 ? words[6] : ""));
          default -> answers.put(words[1], line.split(" ", 3)[2]);
        }
      }
      return Optional.of(new SupervisorState(self, phase, daemons, answers));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new SlurmClusterException("supervisor.state cannot be read: " + e, e);
    }
  }

  private void write(SupervisorPlan plan) {
    try {
      Files.writeString(directory.resolve("supervisor.plan"), plan.text());
    } catch (IOException e) {
      throw new SlurmClusterException("supervisor.plan cannot be written: " + e, e);
    }
  }

  void start(SupervisorPlan plan) {
    write(plan);
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

  private void command(String text, Duration timeout) {
    String id = "c" + System.nanoTime();
    try {
      Files.writeString(
          directory.resolve("supervisor.control"),
          id + " " + text + "\n",
          StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new SlurmClusterException("The supervisor does not listen: " + e, e);
    }
    await(state -> state.answers().containsKey(id), timeout);
  }

  SupervisorState await(Predicate<SupervisorState> condition, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<SupervisorState> state = state();
      if (state.filter(condition).isPresent()) {
        return state.get();
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SlurmClusterException("Interrupted", e);
      }
    }
    throw new SlurmClusterException("not in time");
  }

  void stop(Duration timeout) {
    if (isAlive()) {
      command("stop", timeout);
      long deadline = System.nanoTime() + timeout.toNanos();
      while (isAlive() && System.nanoTime() < deadline) {
        try {
          Thread.sleep(5);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new SlurmClusterException("Interrupted", e);
        }
      }
    }
  }

  void stop(String daemon, Duration timeout) {
    command("stop " + daemon, timeout);
    await(state -> state.daemon(daemon).orElseThrow().hasEnded(), timeout);
  }

  void kill(String daemon, Duration timeout) {
    command("kill " + daemon, timeout);
    await(state -> state.daemon(daemon).orElseThrow().hasEnded(), timeout);
  }

  void start(String daemon, Duration timeout) {
    command("start " + daemon, timeout);
    await(
        state ->
            state.daemon(daemon).orElseThrow().condition()
                == SupervisorState.DaemonState.Condition.READY,
        timeout);
  }

  void reload(SupervisorPlan plan, Duration timeout) {
    write(plan);
    command("reload", timeout);
  }

  void changeOwner(Optional<ProcessIdentity> owner, Duration timeout) {
    command("owner " + owner.map(o -> o.pid() + " " + o.start()).orElse("0 0"), timeout);
  }

  int reap() {
    try {
      Process process =
          new ProcessBuilder(program.toString(), "--reap", directory.toString()).start();
      String said;
      try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
        said = String.valueOf(reader.readLine());
      }
      process.waitFor();
      return process.exitValue() == 0 ? Integer.parseInt(said.strip()) : 0;
    } catch (IOException e) {
      throw new SlurmClusterException("reap: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }
}
