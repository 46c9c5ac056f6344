/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The file that a cluster's clock is. Slurm's programs map it and answer from it what time it is;
 * {@code slurmclock.c} of the images reads the same bytes. {@link ClusterClock} is for tests, this
 * is for what creates, starts and stops clusters.
 */
public final class ClockFile {

  /** How fast time can pass, in seconds of the cluster for each second of the machine. */
  public static final int FASTEST = 1000;

  /** Where it is in a cluster's directory. */
  public static final String NAME = "config/clock";

  private static final byte[] MAGIC = "SLURMCLK".getBytes(StandardCharsets.US_ASCII);
  private static final int SIZE = 128;
  private static final int TURN = 8;
  private static final int PACES = 16;
  private static final int PACE_SIZE = 24;
  private static final int SEEN = 64;
  private static final int FASTEST_ALLOWED = 72;
  private static final int RUNNING = 80;
  private static final int ASKED = 88;
  private static final int COPIED = 96;

  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final Path directory;
  private final Path file;

  /**
   * @param directory the cluster's directory
   */
  public ClockFile(Path directory) {
    this.directory = directory;
    file = directory.resolve(NAME);
  }

  /**
   * How time passes: at {@code machine} it was {@code cluster}, and since then it has passed {@code
   * speed} times as fast as the machine's.
   *
   * @param machine nanoseconds since 1970
   * @param cluster nanoseconds since 1970
   * @param speed 1 to {@link #FASTEST}
   */
  record Pace(long machine, long cluster, long speed) {

    long at(long now) {
      long since = now - machine;
      return cluster + (since > 0 ? since * speed : since);
    }
  }

  /**
   * What the file says.
   *
   * @param turn how often the clock was changed
   * @param pace how time passes
   * @param seen the last turn that slurmctld has acted on
   * @param fastest the fastest speed that the cluster's time-outs allow
   * @param running whether the cluster was started, and not stopped since
   * @param asked how many daemons slurmctld has sent a message to that have not answered yet
   * @param copied whether the cluster reads a copy of the file, which changes do not reach
   */
  record State(
      long turn, Pace pace, long seen, int fastest, boolean running, long asked, boolean copied) {}

  /**
   * Makes a clock that shows the machine's time. One that is there keeps its time.
   *
   * @param fastest the fastest speed that the cluster's time-outs allow
   * @throws IOException when the file cannot be written
   */
  public void create(int fastest) throws IOException {
    if (Files.exists(file)) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder());
    bytes.put(MAGIC);
    write(bytes, 0, new Pace(now(), now(), 1));
    bytes.putLong(FASTEST_ALLOWED, fastest);
    Files.createDirectories(file.getParent());
    Path made = Files.createTempFile(file.getParent(), ".clock", null);
    Files.write(made, bytes.array());
    // slurmctld in a container is another user, and the directory above is closed to others.
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-rw-rw-"));
    Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Starts the clock of a cluster that is being started. Its time goes on from where it was; a
   * clock that is missing is made.
   *
   * @param speed how fast time passes, and may pass at most
   */
  public void start(int speed) {
    try {
      create(speed);
    } catch (IOException e) {
      throw failure(e);
    }
    change(speed, true, false, pace -> new Pace(pace.machine(), pace.cluster(), speed));
  }

  /** Slows the clock of a stopped cluster down to the machine's pace. */
  public void stop() {
    if (Files.exists(file)) {
      State state = read();
      change(
          state.fastest(),
          false,
          state.copied(),
          pace -> new Pace(pace.machine(), pace.cluster(), 1));
    }
  }

  /** Notes that the cluster reads a copy of this file, so that each change is refused. */
  public void copied() {
    State state = read();
    change(state.fastest(), true, true, pace -> pace);
  }

  /** Returns whether there is one. */
  public boolean exists() {
    return Files.exists(file);
  }

  Path directory() {
    return directory;
  }

  Path path() {
    return file;
  }

  State read() {
    return uninterrupted(this::readNow);
  }

  private State readNow() {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return state(map(channel, MapMode.READ_ONLY));
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Changes how time passes from now on.
   *
   * @param change gets a pace that begins now
   * @return the turn of the change, and what it was made of
   */
  State change(UnaryOperator<Pace> change) {
    State before = read();
    return change(before.fastest(), before.running(), before.copied(), change);
  }

  private State change(int fastest, boolean running, boolean copied, UnaryOperator<Pace> change) {
    return uninterrupted(() -> changeNow(fastest, running, copied, change));
  }

  private State changeNow(
      int fastest, boolean running, boolean copied, UnaryOperator<Pace> change) {
    // The lock is for other processes; threads of this one would get an exception.
    synchronized (ClockFile.class) {
      try (FileChannel channel =
              FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        MappedByteBuffer bytes = map(channel, MapMode.READ_WRITE);
        State before = state(bytes);
        long now = now();
        long turn = before.turn() + 1;
        Pace pace = change.apply(new Pace(now, before.pace().at(now), before.pace().speed()));
        write(bytes, turn, pace);
        bytes.putLong(FASTEST_ALLOWED, fastest);
        bytes.putLong(RUNNING, running ? 1 : 0);
        bytes.putLong(COPIED, copied ? 1 : 0);
        LONG.setVolatile(bytes, TURN, turn);
        return new State(turn, pace, before.seen(), fastest, running, before.asked(), copied);
      } catch (IOException e) {
        throw failure(e);
      }
    }
  }

  /** An interrupted thread cannot use a channel, and a start that is interrupted ends later. */
  private static State uninterrupted(Supplier<State> action) {
    boolean interrupted = Thread.interrupted();
    try {
      return action.get();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void write(ByteBuffer bytes, long turn, Pace pace) {
    int offset = PACES + PACE_SIZE * (int) (turn & 1);
    bytes.putLong(offset, pace.machine());
    bytes.putLong(offset + 8, pace.cluster());
    bytes.putLong(offset + 16, pace.speed());
  }

  private State state(MappedByteBuffer bytes) {
    long turn = (long) LONG.getVolatile(bytes, TURN);
    Pace pace;
    while (true) {
      int offset = PACES + PACE_SIZE * (int) (turn & 1);
      pace = new Pace(bytes.getLong(offset), bytes.getLong(offset + 8), bytes.getLong(offset + 16));
      long after = (long) LONG.getVolatile(bytes, TURN);
      if (after == turn) {
        break;
      }
      turn = after;
    }
    if (pace.speed() < 1 || pace.speed() > FASTEST) {
      throw damaged("it has the speed " + pace.speed());
    }
    return new State(
        turn,
        pace,
        (long) LONG.getVolatile(bytes, SEEN),
        (int) bytes.getLong(FASTEST_ALLOWED),
        bytes.getLong(RUNNING) != 0,
        (long) LONG.getVolatile(bytes, ASKED),
        bytes.getLong(COPIED) != 0);
  }

  private MappedByteBuffer map(FileChannel channel, MapMode mode) throws IOException {
    if (channel.size() < SIZE) {
      throw damaged("it has " + channel.size() + " bytes instead of " + SIZE);
    }
    MappedByteBuffer bytes = channel.map(mode, 0, SIZE);
    bytes.order(ByteOrder.nativeOrder());
    byte[] magic = new byte[MAGIC.length];
    bytes.get(0, magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw damaged("it does not begin as one");
    }
    return bytes;
  }

  private UserMistakeException damaged(String why) {
    return new UserMistakeException(
        "The clock of the cluster, %s, is damaged: %s. Stop the cluster, remove the file, and run slurm:start"
            .formatted(file, why));
  }

  private RuntimeException failure(IOException e) {
    if (e instanceof NoSuchFileException) {
      return new UserMistakeException(
          "The cluster has no clock: %s is missing. Clusters created by an earlier version of the plugin do not have one. Remove the cluster with slurm:destroy, and create it again"
              .formatted(file),
          e);
    }
    return new SlurmClusterException(
        "The clock of the cluster, %s, cannot be used: %s".formatted(file, FileFailure.of(e)), e);
  }

  /** Returns the machine's time, in nanoseconds since 1970. */
  static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
