/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.ClockFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The library that programs of jobs load where {@code jobClock} is set. */
@Timeout(60)
class JobClockTest {

  private static final Path LIBRARY_SOURCE =
      Path.of(
          "../slurm-cluster-images/src/main/resources/io/github/slurmmaven/images/clock/jobclock.c");
  private static final Path PROGRAM_SOURCE = Path.of("src/test/c/waits.c");

  /** Seconds of the cluster that each wait takes. */
  private static final long WAIT = 1000;

  private static final List<String> WAITS =
      List.of(
          "sleep",
          "nanosleep",
          "clock_nanosleep",
          "poll",
          "ppoll",
          "select",
          "pselect",
          "epoll_wait",
          "sigtimedwait",
          "sem_timedwait",
          "sem_clockwait",
          "pthread_mutex_timedlock",
          "pthread_cond_timedwait",
          "pthread_cond_timedwait_of_CLOCK_MONOTONIC",
          "pthread_cond_clockwait",
          "FUTEX_WAIT",
          "FUTEX_WAIT_BITSET");

  private static final List<String> TIMERS =
      List.of("alarm", "timer_settime", "timer_settime_TIMER_ABSTIME", "timerfd_settime");

  private final Path cluster;
  private final ClockFile clock;

  JobClockTest(@TempDir Path cluster) {
    this.cluster = cluster;
    clock = new ClockFile(cluster);
    clock.start(1);
  }

  private Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "LD_PRELOAD",
                CompiledProgram.library(LIBRARY_SOURCE).toString(),
                "SLURM_JOB_CLOCK",
                cluster.resolve(ClockFile.NAME).toString()));
    return builder.start();
  }

  private Map<String, Process> startAll(List<String> waits) throws IOException {
    Map<String, Process> processes = new LinkedHashMap<>();
    for (String wait : waits) {
      processes.put(
          wait,
          start(
              List.of(CompiledProgram.of(PROGRAM_SOURCE).toString(), wait, String.valueOf(WAIT))));
    }
    return processes;
  }

  private static String outputOf(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void assertAllWaited(Map<String, Process> processes)
      throws IOException, InterruptedException {
    for (Map.Entry<String, Process> process : processes.entrySet()) {
      String output = outputOf(process.getValue());
      assertThat(process.getValue().waitFor()).as(process.getKey() + ": " + output).isZero();
      assertThat(Long.parseLong(output.strip()))
          .as(process.getKey())
          .isGreaterThanOrEqualTo(WAIT - 1);
    }
  }

  @Test
  void waitsEndSoonerWhenTheClockBecomesFaster() throws IOException, InterruptedException {
    Map<String, Process> processes = startAll(WAITS);
    Thread.sleep(200);
    assertThat(processes).allSatisfy((wait, process) -> assertThat(process.isAlive()).isTrue());

    clock.start(ClockFile.FASTEST);

    assertAllWaited(processes);
  }

  @Test
  void timersRunAtThePaceAtWhichTheyAreSet() throws IOException, InterruptedException {
    clock.start(ClockFile.FASTEST);

    assertAllWaited(startAll(TIMERS));
  }

  @Test
  void aClockThatIsMissingEndsTheProgram() throws IOException, InterruptedException {
    Files.delete(cluster.resolve(ClockFile.NAME));

    Process process = start(List.of("/bin/true"));

    assertThat(outputOf(process))
        .isEqualTo(
            "slurm-clock: the clock of the cluster, "
                + cluster.resolve(ClockFile.NAME)
                + ", cannot be read\n");
    assertThat(process.waitFor()).isEqualTo(1);
  }
}
