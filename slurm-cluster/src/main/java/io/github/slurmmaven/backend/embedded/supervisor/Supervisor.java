/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.supervisor;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.SlurmClusterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The parent of all of a cluster's processes, which leaves none behind. It is a program of its own
 * (supervisor.c), so a cluster can end with this Java virtual machine or outlive it.
 */
public final class Supervisor {

  private static final String LOCK = "supervisor.lock";
  private static final String STATE = "supervisor.state";
  private static final String CONTROL = "supervisor.control";
  private static final long POLL_MILLIS = 10;

  /**
   * The supervisor reports its start within milliseconds. The limit is for an overloaded machine.
   */
  private static final Duration LONGEST_LAUNCH = Duration.ofSeconds(30);

  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path program;
  private final Path directory;

  /**
   * @param program absolute path of slurm-supervisor
   * @param directory an existing directory for the supervisor's files, which only this cluster
   *     uses, mode 0700
   */
  public Supervisor(Path program, Path directory) {
    this.program = program;
    this.directory = directory;
  }

  /**
   * Starts the supervisor, which then starts the daemons.
   *
   * @throws SlurmClusterException when it cannot run, the plan is wrong, or a supervisor runs
   *     already
   */
  public void start(SupervisorPlan plan) {
    write(plan);
    Process process = launch(List.of(directory.toString()));
    String words = wordsOf(process);
    if (!words.equals("started")) {
      throw new SlurmClusterException("The processes' supervisor did not start: " + words);
    }
  }

  /** Whether the supervisor or a process that it has started still runs. */
  public boolean isAlive() {
    // A file lock belongs to the whole virtual machine, so two threads must not test it at the same
    // time.
    synchronized (Supervisor.class) {
      while (true) {
        try (FileChannel channel = FileChannel.open(file(LOCK), StandardOpenOption.READ);
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
          return lock == null;
        } catch (NoSuchFileException e) {
          return false;
        } catch (OverlappingFileLockException e) {
          // A copy of this class in another class loader holds the lock for a moment.
          Thread.onSpinWait();
        } catch (IOException e) {
          throw new SlurmClusterException(
              "Cannot find out whether a supervisor runs in "
                  + directory
                  + ": "
                  + FileFailure.of(e),
              e);
        }
      }
    }
  }

  /**
   * Returns missing files without which a running supervisor cannot be found or receive commands.
   * Its state is not one of them: each command makes it write the state again.
   */
  public List<Path> lost() {
    return Stream.of(LOCK, CONTROL).map(this::file).filter(path -> !Files.exists(path)).toList();
  }

  /** Whether a supervisor was ever started in this directory. */
  public boolean hasStarted() {
    return Files.exists(file(LOCK));
  }

  /** Whether it can receive commands; otherwise, only signals can end it. */
  public boolean takesCommands() {
    return Files.exists(file(CONTROL));
  }

  /** Returns its last state; empty when no supervisor ran here, or the file is damaged. */
  public Optional<SupervisorState> state() {
    try {
      return SupervisorState.read(Files.readString(file(STATE)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new SlurmClusterException(
          "The supervisor's state cannot be read: " + FileFailure.of(e), e);
    }
  }

  /**
   * Waits until the state meets a condition.
   *
   * @throws SlurmClusterException when it does not in time, or the supervisor has ended
   */
  public SupervisorState await(Predicate<SupervisorState> condition, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      // Read before the state, because the supervisor may write its last state in between.
      boolean alive = isAlive();
      Optional<SupervisorState> wanted = state().filter(condition);
      if (wanted.isPresent()) {
        return wanted.get();
      }
      if (!alive) {
        throw new SlurmClusterException("The supervisor in " + directory + " has ended");
      }
      if (System.nanoTime() > deadline) {
        throw new SlurmClusterException(
            "The processes of the cluster in %s did not reach the requested state within %d s: slurm:status shows what they do, and slurm:logs what they wrote"
                .formatted(directory, timeout.toSeconds()));
      }
      pause();
    }
  }

  /**
   * Ends all processes, and kills those that have not ended in time. Does nothing if none runs.
   *
   * @param timeout grace period, if it is shorter than the plan's
   */
  public void stop(Duration timeout) {
    if (!isAlive()) {
      return;
    }
    try {
      send("stop");
    } catch (NoSuchFileException e) {
      // The supervisor is about to end by itself.
    } catch (IOException e) {
      throw new SlurmClusterException(
          "The supervisor in " + directory + " cannot be reached: " + FileFailure.of(e), e);
    }
    if (!hasEnded(timeout)) {
      state().map(SupervisorState::supervisor).ifPresent(Supervisor::kill);
      if (!hasEnded(LONGEST_LAUNCH)) {
        throw new SlurmClusterException("The processes of " + directory + " cannot be ended");
      }
    }
  }

  /** Ends a daemon, and kills the processes that it has started; returns when that is done. */
  public void stop(String daemon, Duration timeout) {
    command("stop " + daemon, timeout);
    awaitEnd(daemon, timeout);
  }

  /** Kills a daemon and the processes that it has started; returns when that is done. */
  public void kill(String daemon, Duration timeout) {
    command("kill " + daemon, timeout);
    awaitEnd(daemon, timeout);
  }

  /**
   * Starts a daemon again; returns when it is ready.
   *
   * @throws SlurmClusterException when it ends before
   */
  public void start(String daemon, Duration timeout) {
    command("start " + daemon, timeout);
    awaitReady(daemon, timeout);
  }

  /**
   * Waits until a daemon is ready.
   *
   * @throws SlurmClusterException when it ends before, or is not ready in time
   */
  public void awaitReady(String daemon, Duration timeout) {
    awaitReady(daemon, pid -> true, timeout);
  }

  /**
   * Waits until a daemon is ready and a further condition holds.
   *
   * @param sign the condition, for the daemon's process id
   * @throws SlurmClusterException when the daemon ends before, or the condition does not hold in
   *     time
   */
  public void awaitReady(String daemon, LongPredicate sign, Duration timeout) {
    SupervisorState.DaemonState reached =
        await(
                state ->
                    state
                        .daemon(daemon)
                        .filter(
                            each ->
                                each.hasEnded()
                                    || (each.condition()
                                            == SupervisorState.DaemonState.Condition.READY
                                        && sign.test(each.process().pid())))
                        .isPresent(),
                timeout)
            .daemon(daemon)
            .orElseThrow();
    if (reached.hasEnded()) {
      throw new SlurmClusterException(daemon + " " + reached.description());
    }
  }

  /** Replaces the plan: starts new daemons, ends removed ones, and keeps those that are in both. */
  public void reload(SupervisorPlan plan, Duration timeout) {
    write(plan);
    command("reload", timeout);
  }

  /** Makes another process, or none, the owner. */
  public void changeOwner(Optional<ProcessIdentity> owner, Duration timeout) {
    command("owner " + owner.orElse(new ProcessIdentity(0, 0)), timeout);
  }

  /**
   * Kills processes that a killed supervisor may have left.
   *
   * @return the number of these processes
   * @throws SlurmClusterException when a supervisor runs
   */
  public int reap() {
    Process process = launch(List.of("--reap", directory.toString()));
    String words = wordsOf(process);
    try {
      return Integer.parseInt(words);
    } catch (NumberFormatException e) {
      throw new SlurmClusterException("Leftover processes could not be ended: " + words, e);
    }
  }

  private void awaitEnd(String daemon, Duration timeout) {
    await(state -> state.daemon(daemon).filter(each -> !each.hasEnded()).isEmpty(), timeout);
  }

  private boolean hasEnded(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (isAlive()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      pause();
    }
    return true;
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted while waiting for a cluster's processes", e);
    }
  }

  /** Kills the supervisor, which ends all of its processes at once. */
  private static void kill(ProcessIdentity supervisor) {
    if (supervisor.lives()) {
      ProcessHandle.of(supervisor.pid()).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private void command(String command, Duration timeout) {
    String id;
    try {
      id = send(command);
    } catch (IOException e) {
      throw new SlurmClusterException(
          "No supervisor takes commands in " + directory + ": " + FileFailure.of(e), e);
    }
    String answer =
        await(state -> state.answers().containsKey(id), timeout).answers().getOrDefault(id, "");
    if (!answer.equals("ok")) {
      throw new SlurmClusterException(
          "The supervisor refuses '" + command + "': " + answer.replaceFirst("^error ", ""));
    }
  }

  /** Sends a command, and returns the id that its answer will have. */
  private String send(String command) throws IOException {
    String id = UUID.randomUUID().toString();
    // Opened for reading, too: a FIFO that is opened only for writing waits for a reader, for ever
    // if there is none.
    try (FileChannel control =
        FileChannel.open(file(CONTROL), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      control.write(ByteBuffer.wrap((id + " " + command + "\n").getBytes(StandardCharsets.UTF_8)));
    }
    return id;
  }

  private void write(SupervisorPlan plan) {
    Path file = file("supervisor.plan");
    Path fresh = file("supervisor.plan.new");
    try {
      Files.deleteIfExists(fresh);
      Files.createFile(fresh, PRIVATE);
      Files.writeString(fresh, plan.text());
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new SlurmClusterException(
          "The plan " + file + " cannot be written: " + FileFailure.of(e), e);
    }
  }

  private Process launch(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.redirectErrorStream(true);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new SlurmClusterException(
          "The processes' supervisor cannot be run: " + FileFailure.of(e), e);
    }
  }

  /** Reads its output until it closes it, which it does when it has started. */
  private static String wordsOf(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new SlurmClusterException("The output of the processes' supervisor cannot be read", e);
    }
  }

  private Path file(String name) {
    return directory.resolve(name);
  }
}
