/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.ClockFile;
import io.github.slurmmaven.client.ClusterClock;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.cluster.TestBundles;
import io.github.slurmmaven.ssh.SshConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Times jobs, and the passing of simulated hours.
 *
 * <p>Arguments: what (latency or hours), directory of slurm-embedded's bundles; then, for latency,
 * number of rounds and engines, for hours, numbers of compute nodes.
 */
public final class ClockBenchmark {

  /**
   * Where the clock's file has the number that turns off what ends slurmctld's wait for its next
   * second: "patient" in clock.h.
   */
  private static final int PATIENT = 104;

  private static final int JOBS = 20;
  private static final int IN_A_ROW = 100;
  private static final int HOURS = 12;
  private static final Duration IDLE = Duration.ofSeconds(60);

  /** Prints for each job, one after another, the nanoseconds until it is COMPLETED. */
  private static final String ONE_BY_ONE =
      """
      for i in $(seq %d); do
        begin=$(date +%%s%%N)
        job=$(sbatch --parsable --output=/dev/null --wrap=true)
        until scontrol show job "$job" | grep -q JobState=COMPLETED; do :; done
        echo $(($(date +%%s%%N) - begin))
      done
      """
          .formatted(JOBS);

  /** Prints the nanoseconds that {@code sbatch --wait} takes. */
  private static final String WAIT =
      """
      for i in $(seq 5); do
        begin=$(date +%s%N)
        sbatch --quiet --wait --output=/dev/null --wrap=true
        echo $(($(date +%s%N) - begin))
      done
      """;

  /** Prints the nanoseconds from the last of many submissions until no job is left. */
  private static final String ROW =
      """
      for i in $(seq %d); do sbatch --quiet --output=/dev/null --wrap=true; done
      begin=$(date +%%s%%N)
      while [ -n "$(squeue --noheader)" ]; do :; done
      echo $(($(date +%%s%%N) - begin))
      """
          .formatted(IN_A_ROW);

  /**
   * Waits until no job starts or ends. One whose script had not begun at its time limit ends only
   * when KillWait has passed, so the clock must go on.
   */
  private static final String SETTLE =
      """
      for i in $(seq 20); do
        [ -n "$(squeue --noheader --states=CF,CG)" ] || break
        sleep 0.05
      done
      """;

  private final BundleSource bundles;
  private final Path work;

  /** Seconds by what was timed. */
  private final Map<String, List<Double>> figures = new LinkedHashMap<>();

  private ClockBenchmark(BundleSource bundles, Path work) {
    this.bundles = bundles;
    this.work = work;
  }

  public static void main(String[] arguments) throws Exception {
    ClockBenchmark benchmark =
        new ClockBenchmark(
            BundleSource.directory(Path.of(arguments[1])),
            Files.createTempDirectory("slurm-benchmark"));
    List<String> others = List.of(arguments).subList(2, arguments.length);
    switch (arguments[0]) {
      case "latency" -> {
        for (String engine : others.subList(1, others.size())) {
          benchmark.latency(engine, Integer.parseInt(others.get(0)));
        }
        benchmark.printLatency();
        benchmark.idle(1);
        benchmark.idle(64);
      }
      case "hours" -> {
        System.out.printf("%n| compute nodes | moved by hours | at speed 1000 |%n|---|---|---|%n");
        for (String nodes : others) {
          benchmark.hours(Integer.parseInt(nodes));
        }
      }
      default -> throw new IllegalArgumentException("nothing to time: " + arguments[0]);
    }
  }

  private ClusterRequest.Builder builder(String engine) {
    return TestBundles.from(bundles, ClusterRequest.builder())
        .engine(engine)
        .name("benchmark")
        .outputDirectory(work)
        .ssh(ssh -> ssh.port(0))
        .progress(Progress.SILENT);
  }

  /** Times jobs without the library's wake-ups (before) and with them (after), in turns. */
  private void latency(String engine, int rounds) throws IOException {
    ClusterRequest request = builder(engine).build();
    SlurmCluster cluster = request.cluster();
    try (SshConnection login = SshConnection.open(request.start())) {
      output(login, ONE_BY_ONE); // not counted: it fills caches
      for (int round = 0; round < rounds; round++) {
        for (boolean wakes : List.of(false, true)) {
          setPatient(cluster, !wakes);
          String when = wakes ? "after" : "before";
          time(engine + ", job to COMPLETED", when, login, ONE_BY_ONE);
          time(engine + ", `sbatch --wait`", when, login, WAIT);
          time(engine + ", " + IN_A_ROW + " jobs in a row", when, login, ROW);
        }
      }
    } finally {
      cluster.destroy();
    }
  }

  private void time(String what, String when, SshConnection login, String script) {
    output(login, script)
        .lines()
        .forEach(
            nanoseconds ->
                figures
                    .computeIfAbsent(what + " | " + when, figure -> new ArrayList<>())
                    .add(Long.parseLong(nanoseconds) / 1e9));
  }

  private static void setPatient(SlurmCluster cluster, boolean patient) throws IOException {
    ByteBuffer value = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    value.putLong(0, patient ? 1 : 0);
    try (FileChannel clock =
        FileChannel.open(cluster.directory().resolve(ClockFile.NAME), StandardOpenOption.WRITE)) {
      clock.write(value, PATIENT);
    }
  }

  private void printLatency() {
    System.out.printf("%n| what | wake-ups | median s | p95 s | max s |%n|---|---|---|---|---|%n");
    figures.forEach(
        (figure, seconds) -> {
          List<Double> sorted = seconds.stream().sorted().toList();
          System.out.printf(
              Locale.ROOT,
              "| %s | %.3f | %.3f | %.3f |%n",
              figure,
              sorted.get(sorted.size() / 2),
              sorted.get(Math.min(sorted.size() - 1, sorted.size() * 95 / 100)),
              sorted.get(sorted.size() - 1));
        });
  }

  /** Prints what the daemons of an idle cluster use of one processor. */
  private void idle(int nodes) throws IOException, InterruptedException {
    ClusterRequest request = builder("embedded").nodes(some -> some.cpuNodes(nodes)).build();
    SlurmCluster cluster = request.cluster();
    try {
      request.start();
      Thread.sleep(5_000); // what follows a start
      long before = ticks(cluster.directory());
      Thread.sleep(IDLE.toMillis());
      System.out.printf(
          Locale.ROOT,
          "idle, %d nodes: %.2f %% of a processor%n",
          nodes,
          // A tick is a hundredth of a second: proc(5), stat.
          (double) (ticks(cluster.directory()) - before) / IDLE.toSeconds());
    } finally {
      cluster.destroy();
    }
  }

  /** What the daemons of Slurm have used of processors. */
  private static long ticks(Path directory) throws IOException {
    long ticks = 0;
    for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
      Path files = Path.of("/proc", Long.toString(process.pid()));
      try {
        String name = Files.readString(files.resolve("comm")).strip();
        if ((name.equals("slurmctld") || name.equals("slurmd"))
            && Files.readString(files.resolve("environ"), UTF_8).contains(directory.toString())) {
          String stat = Files.readString(files.resolve("stat"));
          String[] values = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
          ticks += Long.parseLong(values[11]) + Long.parseLong(values[12]);
        }
      } catch (IOException e) {
        if (Files.exists(files)) {
          throw e;
        }
      }
    }
    if (ticks == 0) {
      throw new IllegalStateException("no daemon of Slurm runs for " + directory);
    }
    return ticks;
  }

  /** Prints how many hours of busy clusters pass in a minute. */
  private void hours(int nodes) {
    System.out.printf(
        Locale.ROOT,
        "| %d | %.0f | %.0f |%n",
        nodes,
        hoursAMinute(nodes, 1),
        hoursAMinute(nodes, 1000));
  }

  private double hoursAMinute(int nodes, int speed) {
    ClusterRequest request =
        builder("embedded").clockSpeed(speed).nodes(some -> some.cpuNodes(nodes)).build();
    SlurmCluster cluster = request.cluster();
    try (SshConnection login = SshConnection.open(request.start())) {
      return hoursAMinute(cluster.clock(), login, nodes, speed == 1);
    } finally {
      cluster.destroy();
    }
  }

  /** Each node has jobs of an hour, each of which runs until its time limit. */
  private static double hoursAMinute(
      ClusterClock clock, SshConnection login, int nodes, boolean move) {
    output(
        login,
        "sbatch --quiet --output=/dev/null --exclusive --time=59 --array=1-%d --wrap='sleep 3600'"
            .formatted(nodes * HOURS));
    long begin = System.nanoTime();
    var first = clock.now();
    while (!output(login, "squeue --noheader | head -1").isEmpty()) {
      if (move) {
        output(login, SETTLE);
        clock.advance(Duration.ofHours(1));
      }
    }
    double minutes = (System.nanoTime() - begin) / 60e9;
    return Duration.between(first, clock.now()).toSeconds() / 3600.0 / minutes;
  }

  private static String output(SshConnection login, String command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int status = login.run(command, out, errors);
    if (status != 0) {
      throw new IllegalStateException(command + " ended with " + status + ": " + errors);
    }
    return out.toString(UTF_8).strip();
  }
}
