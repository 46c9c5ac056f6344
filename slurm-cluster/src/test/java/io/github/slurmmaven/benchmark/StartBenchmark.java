/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.benchmark;

import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SshBanner;
import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.cluster.TestBundles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
 * Times the start of clusters, from an existing image and created files to the first job that ran:
 * of processes, of containers, and {@code docker compose up} of the same files with a wait for the
 * same state that looks once a second, as scripts usually do. They take turns, so that a slow
 * minute of the machine hits all.
 *
 * <p>Arguments: path of a Compose v2 binary, directory of slurm-embedded's bundle, number of
 * rounds, numbers of compute nodes.
 */
public final class StartBenchmark {

  private static final Duration GREETING = Duration.ofSeconds(1);
  private static final int MEMORY_PER_NODE = 128;
  private static final String START = "slurm:start";
  private static final String DESTROY = "slurm:destroy";
  private static final String COMPOSE_UP = "docker compose up, looking each second";
  private static final String COMPOSE_DOWN = "docker compose down";
  private static final String MEMORY = "memory";
  private static final String EMBEDDED_START = "slurm:start without containers";
  private static final String EMBEDDED_DESTROY = "slurm:destroy without containers";
  private static final String EMBEDDED_MEMORY = "memory without containers";

  /** More of them take an engine minutes. */
  private static final int MOST_CONTAINERS = 32;

  private final Path compose;
  private final BundleSource bundles;
  private final Path work;
  private final int nodes;
  private final Map<String, List<Double>> figures = new LinkedHashMap<>();

  private StartBenchmark(Path compose, BundleSource bundles, Path work, int nodes) {
    this.compose = compose;
    this.bundles = bundles;
    this.work = work;
    this.nodes = nodes;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path compose = Path.of(arguments[0]).toAbsolutePath();
    Path work = Files.createTempDirectory("slurm-benchmark");
    BundleSource bundles = BundleSource.directory(Path.of(arguments[1]));
    int rounds = Integer.parseInt(arguments[2]);
    List<StartBenchmark> measured = new ArrayList<>();
    for (int i = 3; i < arguments.length; i++) {
      StartBenchmark benchmark =
          new StartBenchmark(compose, bundles, work, Integer.parseInt(arguments[i]));
      if (measured.isEmpty()) {
        // Not counted: the first one loads classes, and unpacks the bundle.
        benchmark.round();
        benchmark.figures.clear();
      }
      for (int round = 0; round < rounds; round++) {
        benchmark.round();
      }
      measured.add(benchmark);
      benchmark.print();
    }
    printScale(measured);
  }

  private void round() throws IOException, InterruptedException {
    embedded();
    if (nodes > MOST_CONTAINERS) {
      return;
    }
    Steps steps = new Steps();
    ClusterRequest request = request("docker", steps);
    SlurmCluster cluster = request.cluster();
    request.create();
    steps.begin();
    long begin = System.nanoTime();
    Connection connection = request.start();
    add(START, begin);
    steps.at.forEach((step, seconds) -> add("  until: " + step, seconds));
    SshBanner.read(connection.sshHost(), connection.sshPort(), GREETING);
    add(MEMORY, memory(cluster.directory()));
    begin = System.nanoTime();
    cluster.destroy();
    add(DESTROY, begin);

    request("docker", Progress.SILENT).create();
    Path directory = cluster.directory();
    begin = System.nanoTime();
    run(directory, "up", "--detach");
    add("  until: docker compose up has returned", begin);
    while (!isReady(directory)) {
      // What is compared is this very habit: look once a second.
      Thread.sleep(1000);
    }
    add(COMPOSE_UP, begin);
    begin = System.nanoTime();
    run(directory, "down", "--volumes", "--timeout", "5");
    add(COMPOSE_DOWN, begin);
    cluster.destroy();
  }

  private void embedded() throws IOException {
    ClusterRequest request = request("embedded", Progress.SILENT);
    SlurmCluster cluster = request.cluster();
    request.create();
    long begin = System.nanoTime();
    Connection connection = request.start();
    add(EMBEDDED_START, begin);
    SshBanner.read(connection.sshHost(), connection.sshPort(), GREETING);
    add(EMBEDDED_MEMORY, slurmdMemory(cluster.directory()));
    begin = System.nanoTime();
    cluster.destroy();
    add(EMBEDDED_DESTROY, begin);
  }

  /** Megabytes of a slurmd, what it shares with others counted in parts; see proc(5), smaps. */
  private static double slurmdMemory(Path directory) throws IOException {
    long kilobytes = 0;
    int daemons = 0;
    for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
      Path files = Path.of("/proc", Long.toString(process.pid()));
      try {
        if (Files.readString(files.resolve("comm")).strip().equals("slurmd")
            && Files.readString(files.resolve("environ")).contains(directory.toString())) {
          kilobytes +=
              Files.readAllLines(files.resolve("smaps_rollup")).stream()
                  .filter(line -> line.startsWith("Pss:"))
                  .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                  .sum();
          daemons++;
        }
      } catch (NoSuchFileException e) {
        // A process that has ended meanwhile.
        continue;
      }
    }
    return kilobytes / 1024.0 / daemons;
  }

  private ClusterRequest request(String engine, Progress progress) {
    return TestBundles.from(bundles, ClusterRequest.builder())
        .engine(engine)
        .name("benchmark")
        .outputDirectory(work)
        .nodes(asked -> asked.cpuNodes(nodes).memoryPerNode(MEMORY_PER_NODE))
        .ssh(ssh -> ssh.port(0))
        .progress(progress)
        .build();
  }

  private String controller() {
    return nodes == 1 ? "slurm" : "controller";
  }

  private boolean isReady(Path directory) throws IOException, InterruptedException {
    return output(
            directory,
            "exec",
            "-T",
            "--user",
            "slurm",
            controller(),
            "bash",
            "-c",
            "[ \"$(sinfo -h -N -o %T | sort -u)\" = idle ] && srun --chdir=/ true && echo ready")
        .contains("ready");
  }

  /** Megabytes of a compute node's container, from either version of cgroups. */
  private double memory(Path directory) throws IOException, InterruptedException {
    String bytes =
        output(
            directory,
            "exec",
            "-T",
            nodes == 1 ? controller() : "cpu-0",
            "sh",
            "-c",
            "cat /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory/memory.usage_in_bytes"
                + " 2>/dev/null");
    return Double.parseDouble(bytes.lines().findFirst().orElse("NaN")) / (1024 * 1024);
  }

  private void run(Path directory, String... command) throws IOException, InterruptedException {
    int status = status(directory, command);
    if (status != 0) {
      throw new IOException(
          compose + " " + String.join(" ", command) + " ended with exit code " + status);
    }
  }

  private int status(Path directory, String... command) throws IOException, InterruptedException {
    return process(directory, ProcessBuilder.Redirect.DISCARD, command).waitFor();
  }

  private String output(Path directory, String... command)
      throws IOException, InterruptedException {
    Process process = process(directory, ProcessBuilder.Redirect.PIPE, command);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }

  private Process process(Path directory, ProcessBuilder.Redirect output, String... command)
      throws IOException {
    List<String> line = new ArrayList<>(List.of(compose.toString()));
    line.addAll(List.of(command));
    return new ProcessBuilder(line)
        .directory(directory.toFile())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .redirectOutput(output)
        .start();
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
    System.out.printf("%n%d compute node%s:%n%n", nodes, nodes == 1 ? "" : "s");
    System.out.println("| what | min s | median s | max s |");
    System.out.println("|---|---|---|---|");
    figures.forEach(
        (figure, seconds) -> {
          if (!figure.startsWith(MEMORY)) {
            System.out.printf(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %.2f |%n",
                figure,
                seconds.stream().mapToDouble(s -> s).min().orElseThrow(),
                median(figure),
                seconds.stream().mapToDouble(s -> s).max().orElseThrow());
          }
        });
  }

  private static void printScale(List<StartBenchmark> measured) {
    System.out.printf(
        "%n| compute nodes | without containers s | slurm:start s | compose up s | ratios"
            + " | destroy s | slurm:destroy s | compose down s | MB a slurmd | MB a container |%n"
            + "|---|---|---|---|---|---|---|---|---|---|%n");
    for (StartBenchmark one : measured) {
      System.out.printf(
          Locale.ROOT,
          "| %d | %.2f | %.2f | %.2f | 1 : %.1f : %.1f | %.2f | %.2f | %.2f | %.1f | %.1f |%n",
          one.nodes,
          one.median(EMBEDDED_START),
          one.median(START),
          one.median(COMPOSE_UP),
          one.median(START) / one.median(EMBEDDED_START),
          one.median(COMPOSE_UP) / one.median(EMBEDDED_START),
          one.median(EMBEDDED_DESTROY),
          one.median(DESTROY),
          one.median(COMPOSE_DOWN),
          one.median(EMBEDDED_MEMORY),
          one.median(MEMORY));
    }
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
