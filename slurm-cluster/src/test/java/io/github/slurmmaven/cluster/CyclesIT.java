/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster is stopped and started again and again in one virtual machine, which has no more
 * descriptors, threads and processes after it than before, nor has the engine more of anything.
 * {@code -Dcycles=200} says how often.
 */
@Tag("slow")
class CyclesIT {

  /** What is loaded and opened once. */
  private static final int WARM_UP = 3;

  /** The virtual machine's own, which come and go; what leaks does so in each cycle. */
  private static final int SLACK = 2;

  /** For threads that are about to end. */
  private static final Duration SETTLED = Duration.ofSeconds(30);

  private static final int CYCLES = Integer.getInteger("cycles", 5);

  @TempDir private static Path site;

  /**
   * What there is of this virtual machine and of a cluster that is stopped.
   *
   * @param files in the cluster's directory
   * @param processes that know of the cluster's directory
   * @param links in /tmp that lead there
   * @param containers of the cluster, as are volumes and networks
   */
  private record Count(
      long descriptors,
      int threads,
      long files,
      int processes,
      int links,
      int containers,
      int volumes,
      int networks) {

    static Count of(SlurmCluster cluster, boolean containers) throws IOException {
      Path training = cluster.directory().resolve("run/training");
      try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"));
          Stream<Path> files = Files.walk(cluster.directory())) {
        Count own =
            new Count(
                descriptors.count(),
                (int)
                    Thread.getAllStackTraces().keySet().stream()
                        // The JDK's own pool, whose threads end a minute after their last process.
                        .filter(thread -> !thread.getName().equals("process reaper"))
                        .count(),
                // A training that was killed half-way leaves more or less, until the next one.
                files.filter(file -> !file.startsWith(training)).count(),
                Leftovers.processesOf(cluster.directory()).size(),
                Leftovers.shortcutsTo(cluster.directory()).size(),
                0,
                0,
                0);
        return containers ? own.withEngine(cluster) : own;
      }
    }

    private Count withEngine(SlurmCluster cluster) {
      Map<String, String> labels =
          Map.of("io.github.slurmmaven.directory", cluster.directory().toString());
      try (ContainerEngine engine = DockerEngine.connect(Environment.system())) {
        return new Count(
            descriptors,
            threads,
            files,
            processes,
            links,
            engine.listContainers(labels).size(),
            engine.listVolumes(labels).size(),
            (int)
                engine.listNetworks().stream()
                    .filter(network -> network.labels().entrySet().containsAll(labels.entrySet()))
                    .count());
      }
    }
  }

  @Test
  @Tag("docker")
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void leaveNothingOfContainersBehind() throws Exception {
    assertNothingIsLeftBehind(TestBackend.DOCKER);
  }

  @Test
  @Tag("embedded")
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void leaveNothingOfProcessesBehind() throws Exception {
    assertNothingIsLeftBehind(TestBackend.EMBEDDED);
  }

  private static void assertNothingIsLeftBehind(TestBackend backend)
      throws IOException, InterruptedException {
    backend.require();
    boolean containers = backend == TestBackend.DOCKER;
    ClusterRequest clusterRequest =
        backend
            .cluster("cycles")
            .outputDirectory(site.resolve(backend.engine()))
            .preset("multi-node")
            .build();
    SlurmCluster cluster = clusterRequest.cluster();
    try {
      cycle(clusterRequest, WARM_UP);
      Count before = Count.of(cluster, containers);
      long begin = System.nanoTime();

      cycle(clusterRequest, CYCLES);

      Count after = settled(cluster, containers, before);
      System.out.printf(
          "%d cycles on %s, %.2f s each%n  before %s%n  after  %s%n",
          CYCLES, backend, (System.nanoTime() - begin) / 1e9 / CYCLES, before, after);
      assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors() + SLACK);
      assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + SLACK);
      assertThat(after)
          .usingRecursiveComparison()
          .ignoringFields("descriptors", "threads")
          .isEqualTo(before);
      assertThat(after.processes()).isZero();
    } finally {
      cluster.destroy();
    }
    backend.assertNothingIsLeftOf(cluster);
  }

  private static Count settled(SlurmCluster cluster, boolean containers, Count before)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + SETTLED.toNanos();
    Count now = Count.of(cluster, containers);
    while (now.threads() > before.threads() + SLACK && System.nanoTime() < deadline) {
      Thread.sleep(100);
      now = Count.of(cluster, containers);
    }
    return now;
  }

  private static void cycle(ClusterRequest request, int times) {
    for (int time = 0; time < times; time++) {
      request.start();
      request.cluster().stop();
    }
  }
}
