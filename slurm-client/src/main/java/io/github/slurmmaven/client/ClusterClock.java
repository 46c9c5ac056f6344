/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import io.github.slurmmaven.client.ClockFile.Pace;
import io.github.slurmmaven.client.ClockFile.State;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * The clock of a cluster. Slurm's daemons and commands read it instead of the machine's, so that a
 * test can let hours pass in a moment: a job reaches its time limit, one with {@code --begin}
 * starts, a reservation begins. The clock never runs backwards. SSH sessions see the machine's
 * time, and so do programs of jobs, unless the cluster has {@code jobClock}.
 */
public final class ClusterClock {

  /** How long slurmctld has for its next look at the clock. An idle one takes 0.05 s. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Slurm's programs take later times for this one. */
  private static final Instant END = Instant.parse("2200-01-01T00:00:00Z");

  /** How long a daemon has for its answer to slurmctld. */
  private static final Duration ANSWERS = Duration.ofSeconds(6);

  private final ClockFile file;

  private ClusterClock(ClockFile file) {
    this.file = file;
  }

  /**
   * Returns the clock of a cluster of this machine.
   *
   * @param directory the cluster's directory, for example {@link Connection#directory}
   * @throws UserMistakeException if the cluster has no clock
   */
  public static ClusterClock of(Path directory) {
    ClockFile file = new ClockFile(directory);
    file.read();
    return new ClusterClock(file);
  }

  /** Returns the time of the cluster. */
  public Instant now() {
    return instant(file.read().pace().at(ClockFile.now()));
  }

  /**
   * Moves the clock forward. Returns when slurmctld has acted on the new time: it has ended jobs at
   * their limits and looked for jobs that can start. Their end and start take Slurm a moment more.
   * slurmctld checks time limits each 30 seconds of its time.
   *
   * @param duration 0 or more
   * @throws InvalidParameterException if it is negative
   * @throws UserMistakeException if the cluster is stopped, or has a copy of the clock
   * @throws SlurmClusterException if slurmctld does not follow the clock
   */
  public void advance(Duration duration) {
    if (duration.isNegative()) {
      throw new InvalidParameterException(
          "advance", duration, "is negative, and the clock never runs backwards: use 0 or more");
    }
    awaitAnswers();
    acted(
        file.change(
            pace ->
                new Pace(
                    pace.machine(), nanoseconds(pace.cluster(), duration), running(pace).speed())));
  }

  /**
   * Moves the clock forward to a time, as {@link #advance} does.
   *
   * @param time not before {@link #now}
   * @throws InvalidParameterException if it has passed
   */
  public void advanceTo(Instant time) {
    awaitAnswers();
    acted(
        file.change(
            pace -> {
              running(pace);
              Instant now = instant(pace.cluster());
              if (time.isBefore(now)) {
                throw new InvalidParameterException(
                    "advanceTo",
                    time,
                    "is before the cluster's time, %s, and the clock never runs backwards: name a later time"
                        .formatted(now));
              }
              return new Pace(
                  pace.machine(),
                  nanoseconds(pace.cluster(), Duration.between(now, time)),
                  pace.speed());
            }));
  }

  /** Returns how many seconds pass in the cluster for each second of the machine. */
  public int speed() {
    return (int) file.read().pace().speed();
  }

  /**
   * Changes how fast time passes from now on.
   *
   * @param speed 1 to the cluster's {@code clockSpeed}, for which its time-outs were made
   * @throws InvalidParameterException if it is another
   * @throws UserMistakeException if the cluster is stopped, or has a copy of the clock
   */
  public void setSpeed(int speed) {
    int fastest = file.read().fastest();
    if (speed < 1 || speed > fastest) {
      throw new InvalidParameterException(
          "speed",
          speed,
          speed > fastest && speed <= ClockFile.FASTEST
              ? "is faster than the cluster's time-outs allow: use 1 to %d, or create the cluster with clockSpeed=%d"
                  .formatted(fastest, speed)
              : "is not a speed: use 1 to %d, the cluster's clockSpeed".formatted(fastest));
    }
    acted(file.change(pace -> new Pace(running(pace).machine(), pace.cluster(), speed)));
  }

  /** A pace that may be changed. */
  private Pace running(Pace pace) {
    State state = file.read();
    if (state.copied()) {
      throw new UserMistakeException(
          "The clock cannot be changed, because the cluster in %s runs in a container that has a copy of it, as every SlurmContainer does: use a cluster of the Maven plugin or of @SlurmTest"
              .formatted(file.directory()));
    }
    if (!state.running()) {
      throw new UserMistakeException(
          "The clock cannot be changed, as the cluster in %s is stopped: start it first"
              .formatted(file.directory()));
    }
    return pace;
  }

  /**
   * Waits until slurmctld has the answers to the messages that it has sent, of which it would
   * otherwise believe that they take too long. A daemon that never answers is not waited for.
   */
  private void awaitAnswers() {
    long deadline = System.nanoTime() + ANSWERS.toNanos();
    while (file.read().asked() > 0 && System.nanoTime() - deadline < 0) {
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("The wait for slurmctld was interrupted", e);
    }
  }

  private void acted(State change) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (file.read().seen() < change.turn()) {
      if (System.nanoTime() - deadline > 0) {
        throw new SlurmClusterException(
            "The clock was changed, but slurmctld has not acted on it within %d s. Does it run (slurm:status), and is its image one that has a clock?"
                .formatted(PATIENCE.toSeconds()));
      }
      pause();
    }
  }

  private static long nanoseconds(long begin, Duration more) {
    if (more.compareTo(Duration.between(instant(begin), END)) > 0) {
      throw new InvalidParameterException(
          "advance", more, "is too far: the clock goes to the year 2200");
    }
    return begin + more.toNanos();
  }

  private static Instant instant(long nanoseconds) {
    return Instant.ofEpochSecond(0, nanoseconds);
  }
}
