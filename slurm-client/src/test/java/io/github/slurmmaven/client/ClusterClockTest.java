/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ClusterClockTest {

  private static final int TURN = 8;
  private static final int SPEED = 32;
  private static final int SEEN = 64;

  @TempDir private Path cluster;

  private ClockFile file;
  private Thread slurmctld;

  @BeforeEach
  void createClock() throws IOException {
    Files.createDirectory(cluster.resolve("config"));
    file = new ClockFile(cluster);
    file.create(20);
  }

  /** Acts on each turn of the clock, as slurmctld does. */
  private void runSlurmctld() throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.path().toFile(), "rw")) {
      var bytes = open.getChannel().map(MapMode.READ_WRITE, 0, 128).order(ByteOrder.nativeOrder());
      slurmctld =
          new Thread(
              () -> {
                while (!Thread.interrupted()) {
                  bytes.putLong(SEEN, bytes.getLong(TURN));
                  Thread.onSpinWait();
                }
              });
      slurmctld.start();
    }
  }

  @AfterEach
  void endSlurmctld() throws InterruptedException {
    if (slurmctld != null) {
      slurmctld.interrupt();
      slurmctld.join();
    }
  }

  private ClusterClock started(int speed) throws IOException {
    runSlurmctld();
    file.start(speed);
    return ClusterClock.of(cluster);
  }

  private void overwrite(long position, long value) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.path().toFile(), "rw")) {
      open.seek(position);
      open.writeLong(Long.reverseBytes(value));
    }
  }

  @Test
  void showsTheTimeOfTheMachineAtFirst() {
    Instant before = Instant.now();

    Instant now = ClusterClock.of(cluster).now();

    assertThat(now).isBetween(before, Instant.now());
    assertThat(ClusterClock.of(cluster).speed()).isEqualTo(1);
  }

  @Test
  void movesForwardByADuration() throws IOException {
    ClusterClock clock = started(1);
    Instant before = clock.now();

    clock.advance(Duration.ofDays(3));

    assertThat(clock.now()).isAfterOrEqualTo(before.plus(Duration.ofDays(3)));
    assertThat(clock.now()).isBefore(Instant.now().plus(Duration.ofDays(4)));
  }

  @Test
  void movesForwardToATime() throws IOException {
    ClusterClock clock = started(1);
    Instant time = clock.now().plus(Duration.ofHours(5));

    clock.advanceTo(time);

    assertThat(clock.now()).isAfterOrEqualTo(time);
  }

  @Test
  void passesAsFastAsItsSpeed() throws IOException {
    ClusterClock clock = started(20);
    long machine = System.nanoTime();
    Instant before = clock.now();

    while (System.nanoTime() - machine < 50_000_000) {
      Thread.onSpinWait();
    }

    assertThat(Duration.between(before, clock.now())).isGreaterThan(Duration.ofMillis(900));
  }

  @Test
  void keepsItsTimeWhenTheClusterStopsAndStartsAgain() throws IOException {
    ClusterClock clock = started(20);
    clock.advance(Duration.ofDays(1));
    Instant before = clock.now();

    file.stop();
    assertThat(clock.speed()).isEqualTo(1);
    file.create(5);
    file.start(5);

    assertThat(clock.now()).isAfterOrEqualTo(before);
    assertThat(clock.speed()).isEqualTo(5);
  }

  @Test
  void neverRunsBackwards() throws IOException {
    ClusterClock clock = started(1);
    Instant past = clock.now().minusSeconds(1);

    assertThatThrownBy(() -> clock.advance(Duration.ofSeconds(-1)))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "advance: 'PT-1S' is negative, and the clock never runs backwards: use 0 or more");
    assertThatThrownBy(() -> clock.advanceTo(past))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("is before the cluster's time, ")
        .hasMessageEndingWith("the clock never runs backwards: name a later time");
    assertThat(clock.now()).isAfter(past);
  }

  @Test
  void endsInTheYear2200() throws IOException {
    ClusterClock clock = started(1);

    assertThatThrownBy(() -> clock.advance(Duration.ofDays(80_000)))
        .hasMessage("advance: 'PT1920000H' is too far: the clock goes to the year 2200");
    assertThatThrownBy(() -> clock.advance(Duration.ofSeconds(Long.MAX_VALUE / 10)))
        .hasMessageEndingWith("is too far: the clock goes to the year 2200");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1001})
  void refusesWhatIsNotASpeed(int speed) throws IOException {
    ClusterClock clock = started(20);

    assertThatThrownBy(() -> clock.setSpeed(speed))
        .hasMessage("speed: '%d' is not a speed: use 1 to 20, the cluster's clockSpeed", speed);
  }

  @Test
  void refusesASpeedThatTimeOutsDoNotAllow() throws IOException {
    ClusterClock clock = started(20);

    assertThatThrownBy(() -> clock.setSpeed(21))
        .hasMessage(
            "speed: '21' is faster than the cluster's time-outs allow: use 1 to 20, or create the"
                + " cluster with clockSpeed=21");
  }

  @Test
  void theClockOfAStoppedClusterCannotBeChanged() {
    ClusterClock clock = ClusterClock.of(cluster);

    assertThatThrownBy(() -> clock.advance(Duration.ofHours(1)))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(
            "The clock cannot be changed, as the cluster in %s is stopped: start it first",
            cluster);
    assertThatThrownBy(() -> clock.setSpeed(2)).hasMessageContaining("start it first");
  }

  @Test
  void theClockThatAClusterHasACopyOfCannotBeChanged() {
    file.copied();
    ClusterClock clock = ClusterClock.of(cluster);

    assertThat(clock.now()).isCloseTo(Instant.now(), within(5, ChronoUnit.SECONDS));
    assertThatThrownBy(() -> clock.advance(Duration.ofHours(1)))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(
            "The clock cannot be changed, because the cluster in %s runs in a container that has a copy of"
                + " it, as every SlurmContainer does: use a cluster of the Maven plugin or of"
                + " @SlurmTest",
            cluster);
    assertThatThrownBy(() -> clock.setSpeed(2)).hasMessageContaining("that has a copy of it");

    file.start(20);
    assertThat(file.read().copied()).isFalse();
  }

  @Test
  void anOldClusterHasNoClock() throws IOException {
    Files.delete(file.path());

    assertThatThrownBy(() -> ClusterClock.of(cluster))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageStartingWith("The cluster has no clock: " + file.path() + " is missing.")
        .hasMessageEndingWith("slurm:destroy, and create it again");
  }

  @Test
  void reportsADamagedFile() throws IOException {
    overwrite(SPEED, 0);
    assertThatThrownBy(() -> ClusterClock.of(cluster))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(
            "The clock of the cluster, %s, is damaged: it has the speed 0. Stop the cluster, remove"
                + " the file, and run slurm:start",
            file.path());

    overwrite(0, 0);
    assertThatThrownBy(() -> ClusterClock.of(cluster))
        .hasMessageContaining("does not begin as one");

    Files.write(file.path(), new byte[3]);
    assertThatThrownBy(() -> ClusterClock.of(cluster))
        .hasMessageContaining("it has 3 bytes instead of 128");
  }
}
