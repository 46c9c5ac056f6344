/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.benchmark;

import io.github.slurmmaven.connection.Connection;
import io.github.slurmmaven.lifecycle.SlurmCluster;
import io.github.slurmmaven.report.Progress;
import io.github.slurmmaven.ssh.SshBanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Times the start of a cluster, from an existing image and created files to the first job that ran,
 * and beside it {@code docker compose up} of the same files with a wait for the same state that
 * looks once a second, as scripts usually do. The two take turns, so that a slow minute of the
 * machine hits both.
 *
 * <p>Arguments: path of a Compose v2 binary, number of rounds.
 */
public final class StartBenchmark {

  private static final Duration GREETING = Duration.ofSeconds(1);

  private final Path compose;
  private final Path work;
  private final Map<String, List<Double>> figures = new LinkedHashMap<>();

  private StartBenchmark(Path compose, Path work) {
    this.compose = compose;
    this.work = work;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    StartBenchmark benchmark =
        new StartBenchmark(
            Path.of(arguments[0]).toAbsolutePath(), Files.createTempDirectory("slurm-benchmark"));
    int rounds = Integer.parseInt(arguments[1]);
    benchmark.round(Progress.SILENT);
    benchmark.figures.clear();
    for (int i = 0; i < rounds; i++) {
      benchmark.round(Progress.SILENT);
    }
    benchmark.print();
  }

  private void round(Progress ignored) throws IOException, InterruptedException {
    Steps steps = new Steps();
    SlurmCluster cluster = cluster(steps);
    cluster.create();
    steps.begin();
    long begin = System.nanoTime();
    Connection connection = cluster.start();
    add("slurm:start", begin);
    steps.at.forEach((step, seconds) -> add("  until: " + step, seconds));
    SshBanner.read(connection.sshHost(), connection.sshPort(), GREETING);
    begin = System.nanoTime();
    cluster.destroy();
    add("slurm:destroy", begin);

    cluster = cluster(Progress.SILENT);
    cluster.create();
    Path directory = cluster.directory();
    begin = System.nanoTime();
    run(directory, "up", "--detach");
    add("  until: docker compose up has returned", begin);
    while (!isReady(directory)) {
      // What is compared is this very habit: look once a second.
      Thread.sleep(1000);
    }
    add("docker compose up, looking each second", begin);
    begin = System.nanoTime();
    run(directory, "down", "--volumes", "--timeout", "5");
    add("docker compose down", begin);
    cluster.destroy();
  }

  private SlurmCluster cluster(Progress progress) {
    return SlurmCluster.builder()
        .name("benchmark")
        .outputDirectory(work)
        .port(0)
        .progress(progress)
        .build();
  }

  private boolean isReady(Path directory) throws IOException, InterruptedException {
    return status(
            directory,
            "exec",
            "-T",
            "--user",
            "slurm",
            "slurm",
            "bash",
            "-c",
            "[ \"$(sinfo -h -N -o %T | sort -u)\" = idle ] && srun --chdir=/ true")
        == 0;
  }

  private void run(Path directory, String... command) throws IOException, InterruptedException {
    int status = status(directory, command);
    if (status != 0) {
      throw new IOException(
          compose + " " + String.join(" ", command) + " ended with exit code " + status);
    }
  }

  private int status(Path directory, String... command) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(compose.toString()));
    line.addAll(List.of(command));
    return new ProcessBuilder(line)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private void add(String figure, long begin) {
    add(figure, (System.nanoTime() - begin) / 1e9);
  }

  private void add(String figure, double seconds) {
    figures.computeIfAbsent(figure, name -> new ArrayList<>()).add(seconds);
  }

  private double median(String figure) {
    List<Double> sorted = figures.getOrDefault(figure, List.of()).stream().sorted().toList();
    return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
  }

  private void print() {
    System.out.println("| what | min s | median s | max s |");
    System.out.println("|---|---|---|---|");
    figures.forEach(
        (figure, seconds) ->
            System.out.printf(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %.2f |%n",
                figure,
                seconds.stream().mapToDouble(s -> s).min().orElseThrow(),
                median(figure),
                seconds.stream().mapToDouble(s -> s).max().orElseThrow()));
    System.out.printf(
        Locale.ROOT,
        "%nRatios of the medians: start %.1f times as fast, removal %.1f times.%n",
        median("docker compose up, looking each second") / median("slurm:start"),
        median("docker compose down") / median("slurm:destroy"));
  }

  /** Notes when each step of a start is reached. */
  private static final class Steps implements Progress {
    private final Map<String, Double> at = new ConcurrentHashMap<>(new TreeMap<>());
    private volatile long begin = System.nanoTime();

    void begin() {
      at.clear();
      begin = System.nanoTime();
    }

    @Override
    public void step(String message) {
      // Without figures and ports, so that the same step of two rounds has the same name.
      String name = message.strip().replaceAll(" (in|after|on) [0-9].*", "");
      at.put(name, (System.nanoTime() - begin) / 1e9);
    }

    @Override
    public void warn(String message) {}

    @Override
    public void detail(String message) {}
  }
}
