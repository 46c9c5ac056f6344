/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.benchmark;

import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.cluster.TestBundles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Times the start of a cluster of one node with a service beside one without, in turns.
 *
 * <p>Arguments: the service (accounting or rest), directory of slurm-embedded's bundles, number of
 * rounds, engines.
 */
public final class ServiceBenchmark {

  private final String service;
  private final BundleSource bundles;
  private final Path work;

  /** Seconds until a cluster is ready, by engine and what it has. */
  private final Map<String, List<Double>> figures = new LinkedHashMap<>();

  private ServiceBenchmark(String service, BundleSource bundles, Path work) {
    this.service = service;
    this.bundles = bundles;
    this.work = work;
  }

  public static void main(String[] arguments) throws IOException {
    ServiceBenchmark benchmark =
        new ServiceBenchmark(
            arguments[0],
            BundleSource.directory(Path.of(arguments[1])),
            Files.createTempDirectory("slurm-benchmark"));
    int rounds = Integer.parseInt(arguments[2]);
    List<String> engines = List.of(arguments).subList(3, arguments.length);
    // Not counted: the first one loads classes, unpacks bundles and builds images.
    for (int round = 0; round <= rounds; round++) {
      for (String engine : engines) {
        benchmark.start(engine, false);
        benchmark.start(engine, true);
      }
      if (round == 0) {
        benchmark.figures.clear();
      }
    }
    benchmark.print(engines);
  }

  private String name(String engine, boolean withService) {
    return engine + (withService ? ", " + service : "");
  }

  private void start(String engine, boolean withService) {
    ClusterRequest.Builder builder =
        TestBundles.from(bundles, ClusterRequest.builder())
            .engine(engine)
            .name("benchmark")
            .outputDirectory(work)
            .ssh(ssh -> ssh.port(0))
            .progress(Progress.SILENT);
    switch (service) {
      case "accounting" -> builder.accounting(withService);
      case "rest" -> builder.rest(withService);
      default -> throw new IllegalArgumentException("no service to time: " + service);
    }
    ClusterRequest request = builder.build();
    SlurmCluster cluster = request.cluster();
    request.create();
    long begin = System.nanoTime();
    try {
      request.start();
      figures
          .computeIfAbsent(name(engine, withService), figure -> new ArrayList<>())
          .add((System.nanoTime() - begin) / 1e9);
    } finally {
      cluster.destroy();
    }
  }

  private double median(String figure) {
    List<Double> sorted = figures.getOrDefault(figure, List.of()).stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private void print(List<String> engines) {
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
    for (String engine : engines) {
      System.out.printf(
          Locale.ROOT,
          "%s: ready %.2f s later with %s%n",
          engine,
          median(name(engine, true)) - median(name(engine, false)),
          service);
    }
  }
}
