/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Times starts as a person at a terminal sees them, each in a new process: {@code mvn slurm:start}
 * without and with containers, and {@code docker compose up} of the same files with a check each
 * tenth of a second until a job has run. They take turns, so that a slow minute of the machine
 * affects all.
 *
 * <p>Arguments: path of a Compose v2 binary, version of the plugin, number of rounds.
 */
public final class ColdStartBenchmark {

  private static final String EMBEDDED = "without containers: slurm:start, from the goal on";
  private static final String EMBEDDED_WHOLE = "without containers: the whole mvn command";
  private static final String CONTAINERS = "containers: slurm:start, from the goal on";
  private static final String CONTAINERS_WHOLE = "containers: the whole mvn command";
  private static final String COMPOSE = "docker compose up, checked each 0.1 s";

  private static final Pattern GOAL = Pattern.compile("--- .*:start ");

  private final Path compose;
  private final String plugin;
  private final Path work;
  private final Map<String, List<Double>> figures = new LinkedHashMap<>();

  private ColdStartBenchmark(Path compose, String version, Path work) {
    this.compose = compose;
    this.plugin = "io.github.slurmmaven:slurm-maven-plugin:" + version + ":";
    this.work = work;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    ColdStartBenchmark benchmark =
        new ColdStartBenchmark(
            Path.of(arguments[0]).toAbsolutePath(),
            arguments[1],
            Files.createTempDirectory("slurm-benchmark"));
    int rounds = Integer.parseInt(arguments[2]);
    // Not counted: the first one unpacks the bundle, builds the image and makes the class archive.
    for (int round = 0; round <= rounds; round++) {
      benchmark.round();
      if (round == 0) {
        benchmark.figures.clear();
      }
    }
    benchmark.print();
  }

  private void round() throws IOException, InterruptedException {
    Path embedded = Files.createDirectories(work.resolve("embedded"));
    Path containers = Files.createDirectories(work.resolve("containers"));
    try {
      start(embedded, "embedded", EMBEDDED, EMBEDDED_WHOLE);
      maven(containers, "create", "-Dslurm.engine=docker", "-Dslurm.port=0");
      start(containers, "docker", CONTAINERS, CONTAINERS_WHOLE);
      maven(containers, "destroy");
      maven(containers, "create", "-Dslurm.engine=docker", "-Dslurm.port=0");
      compose(containers.resolve(".slurm-cluster/slurm-test"));
    } finally {
      maven(containers, "destroy");
      // Last, so that the first round's has the time to make its class archive.
      maven(embedded, "destroy");
    }
  }

  private void start(Path directory, String engine, String fromGoal, String whole)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    Process process =
        process(directory, "start", "-Dslurm.engine=" + engine, "-Dslurm.port=0")
            .redirectErrorStream(true)
            .start();
    long goal = 0;
    double ready = 0;
    StringBuilder output = new StringBuilder();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        output.append(line).append('\n');
        if (GOAL.matcher(line).find()) {
          goal = System.nanoTime();
        } else if (line.contains(" is ready after ")) {
          ready = seconds(goal);
        }
      }
    }
    if (process.waitFor() != 0 || goal == 0 || ready == 0) {
      throw new IOException("mvn slurm:start did not start a cluster:\n" + output);
    }
    add(fromGoal, ready);
    add(whole, seconds(begin));
  }

  private void compose(Path directory) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    int status = compose(directory, "up", "--detach");
    if (status != 0) {
      throw new IOException(compose + " up ended with exit code " + status);
    }
    while (compose(
            directory,
            "exec",
            "-T",
            "--user",
            "slurm",
            "slurm",
            "bash",
            "-c",
            "[ \"$(sinfo -h -N -o %T | sort -u)\" = idle ] && srun --chdir=/ true")
        != 0) {
      Thread.sleep(100);
    }
    add(COMPOSE, seconds(begin));
  }

  private int compose(Path directory, String... command) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(compose.toString()));
    line.addAll(List.of(command));
    return new ProcessBuilder(line)
        .directory(directory.toFile())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private void maven(Path directory, String goal, String... options)
      throws IOException, InterruptedException {
    int status =
        process(directory, goal, options)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    if (status != 0) {
      throw new IOException("mvn slurm:" + goal + " in " + directory + " failed");
    }
  }

  private ProcessBuilder process(Path directory, String goal, String... options) {
    List<String> line = new ArrayList<>(List.of("mvn", "--batch-mode", "--offline", plugin + goal));
    line.addAll(List.of(options));
    return new ProcessBuilder(line).directory(directory.toFile());
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  private void add(String figure, double seconds) {
    figures.computeIfAbsent(figure, name -> new ArrayList<>()).add(seconds);
  }

  private void print() {
    System.out.println("| what | min s | median s | max s | of Compose's time, median of rounds |");
    System.out.println("|---|---|---|---|---|");
    List<Double> base = figures.get(COMPOSE);
    figures.forEach(
        (figure, seconds) ->
            System.out.printf(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %.2f | %.2f |%n",
                figure,
                seconds.stream().mapToDouble(s -> s).min().orElseThrow(),
                median(seconds),
                seconds.stream().mapToDouble(s -> s).max().orElseThrow(),
                median(
                    IntStream.range(0, base.size())
                        .mapToObj(round -> seconds.get(round) / base.get(round))
                        .toList())));
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
