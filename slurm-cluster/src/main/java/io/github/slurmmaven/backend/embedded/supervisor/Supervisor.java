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
 * The process that is the parent of all of a cluster's processes, and leaves none behind. It is a
 * program of its own (supervisor.c), so that a cluster outlives this Java virtual machine where it
 * is to, and dies with it where it is not.
 */
public final class Supervisor {

  private static final String LOCK = "supervisor.lock";
  private static final String STATE = "supervisor.state";
  private static final String CONTROL = "supervisor.control";
  private static final long POLL_MILLIS = 10;

  /** The supervisor has its first word within milliseconds; this is for a machine out of breath. */
  private static final Duration LONGEST_LAUNCH = Duration.ofSeconds(30);

  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path program;
  private final Path directory;

  /**
   * @param program absolute path of slurm-supervisor
   * @param directory an existing directory of this cluster alone, mode 0700, where the supervisor
   *     has its files
   */
  public Supervisor(Path program, Path directory) {
    this.program = program;
    this.directory = directory;
  }

  /**
   * Starts the supervisor, which then starts the daemons.
   *
   * @throws SlurmClusterException when it cannot run, the plan is wrong, or one runs already
   */
  public void start(SupervisorPlan plan) {
    write(plan);
    Process process = launch(List.of(directory.toString()));
    String words = wordsOf(process);
    if (!words.equals("started")) {
      throw new SlurmClusterException("The processes' supervisor did not start: " + words);
    }
  }

  /** Whether it, or anything that it has started and not ended yet, runs. */
  public boolean isAlive() {
    // A file lock is the whole virtual machine's: two threads that look at once would collide.
    synchronized (Supervisor.class) {
      while (true) {
        try (FileChannel channel = FileChannel.open(file(LOCK), StandardOpenOption.READ);
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
          return lock == null;
        } catch (NoSuchFileException e) {
          return false;
        } catch (OverlappingFileLockException e) {
          // Another class loader's copy of this class looks too.
          Thread.onSpinWait();
        } catch (IOException e) {
          throw new SlurmClusterException(
              "It cannot be seen whether a supervisor runs in "
                  + directory
                  + ": "
                  + FileFailure.of(e),
              e);
        }
      }
    }
  }

  /**
   * Returns the missing files without which a running supervisor can neither be seen nor take
   * commands. Its state is not among them: each command makes it write that anew.
   */
  public List<Path> lost() {
    return Stream.of(LOCK, CONTROL).map(this::file).filter(path -> !Files.exists(path)).toList();
  }

  /** Whether one was ever started here. */
  public boolean hasStarted() {
    return Files.exists(file(LOCK));
  }

  /** Whether commands reach it; if not, it can still be ended by signals. */
  public boolean takesCommands() {
    return Files.exists(file(CONTROL));
  }

  /** What it last said; empty when there has been none here, or the file was damaged since. */
  public Optional<SupervisorState> state() {
    try {
      return SupervisorState.read(Files.readString(file(STATE)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new SlurmClusterException(
          "What the supervisor says cannot be read: " + FileFailure.of(e), e);
    }
  }

  /**
   * Waits until the state is as wanted.
   *
   * @throws SlurmClusterException when it is not in time, or the supervisor has ended otherwise
   */
  public SupervisorState await(Predicate<SupervisorState> condition, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      // Before the look at the state: it may have said its last word in between.
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
            "The processes of the cluster in %s did not come to the state that was asked for within %d s: slurm:status shows what they do, and slurm:logs what they wrote"
                .formatted(directory, timeout.toSeconds()));
      }
      pause();
    }
  }

  /**
   * Ends everything in order, and what has not ended in time by force; nothing happens when nothing
   * runs.
   *
   * @param timeout for the orderly end, where it is shorter than the plan's grace
   */
  public void stop(Duration timeout) {
    if (!isAlive()) {
      return;
    }
    try {
      send("stop");
    } catch (NoSuchFileException e) {
      // It is about to end by itself.
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

  /** Ends a daemon in order and all that it has started by force; returns when that is done. */
  public void stop(String daemon, Duration timeout) {
    command("stop " + daemon, timeout);
    awaitEnd(daemon, timeout);
  }

  /** Kills a daemon and all that it has started; returns when that is done. */
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
   * Waits until a daemon is ready and gives a further sign.
   *
   * @param sign whether the process with this id gives it
   * @throws SlurmClusterException when it ends before, or does not give it in time
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

  /** Gives it another plan: what is new starts, what is gone ends, what is in both stays. */
  public void reload(SupervisorPlan plan, Duration timeout) {
    write(plan);
    command("reload", timeout);
  }

  /** Hands everything to another process, or to none. */
  public void changeOwner(Optional<ProcessIdentity> owner, Duration timeout) {
    command("owner " + owner.orElse(new ProcessIdentity(0, 0)), timeout);
  }

  /**
   * Kills what a supervisor that was itself killed may have left.
   *
   * @return how many processes there were
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

  /** Ends the supervisor, and by that, at once, everything below it. */
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

  /** Returns the id that the answer will have. */
  private String send(String command) throws IOException {
    String id = UUID.randomUUID().toString();
    // To open a FIFO for writing alone would wait for a reader, for ever when none is left.
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

  /** What it writes until it closes its output, which it does when it has started. */
  private static String wordsOf(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new SlurmClusterException("The processes' supervisor cannot be heard", e);
    }
  }

  private Path file(String name) {
    return directory.resolve(name);
  }
}
