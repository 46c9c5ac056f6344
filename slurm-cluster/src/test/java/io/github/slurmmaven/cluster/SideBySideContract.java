/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several clusters, and several builds, on one machine at the same time. */
@Timeout(600)
abstract class SideBySideContract {

  private static final String DIRECTORY = "io.github.slurmmaven.directory";

  private final TestBackend backend;
  private final Path output;
  private final RecordingProgress progress = new RecordingProgress();
  private final List<ClusterRequest> clusters = new ArrayList<>();
  private final List<Process> builds = new ArrayList<>();

  SideBySideContract(TestBackend backend, Path temporary) {
    this.backend = backend;
    output = temporary.resolve(".slurm-cluster");
  }

  @BeforeEach
  void requireBackend() {
    backend.require();
  }

  @AfterEach
  void remove() throws Exception {
    for (Process build : builds) {
      build.destroyForcibly().waitFor();
    }
    atOnce(request -> request.cluster().destroy());
    clusters.forEach(request -> backend.assertNothingIsLeftOf(request.cluster()));
    assertThat(output).doesNotExist();
  }

  private static List<String> networks(ContainerEngine containers, SlurmCluster cluster) {
    return containers.listNetworks().stream()
        .filter(network -> cluster.directory().toString().equals(network.labels().get(DIRECTORY)))
        .flatMap(network -> network.subnets().stream())
        .toList();
  }

  private ClusterRequest request(String name) {
    ClusterRequest request =
        backend
            // All ask for the default port.
            .cluster(name)
            .ssh(ssh -> ssh.port(null))
            .outputDirectory(output)
            .progress(progress)
            .build();
    clusters.add(request);
    return request;
  }

  private void atOnce(Consumer<ClusterRequest> work) throws Exception {
    if (clusters.isEmpty()) {
      return;
    }
    ExecutorService threads = Executors.newFixedThreadPool(clusters.size());
    try {
      List<Future<?>> working = new ArrayList<>();
      clusters.forEach(cluster -> working.add(threads.submit(() -> work.accept(cluster))));
      for (Future<?> each : working) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /**
   * A build in a process of its own.
   *
   * @param launcher what starts it, and whose arguments it is
   * @param stop words of the step that its start stops at, if it does
   */
  private Process build(String name, List<String> launcher, String... stop) throws IOException {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            StartBuild.class.getName(),
            backend.name(),
            output.toString(),
            name));
    command.addAll(List.of(stop));
    Process build =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    builds.add(build);
    return build;
  }

  /** Reads until a build says one of some words. */
  private static String await(BufferedReader said, String... words) throws IOException {
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      for (String word : words) {
        if (line.contains(word)) {
          return line;
        }
      }
    }
    throw new AssertionError("the build ended and said none of " + List.of(words));
  }

  private static void assertRunsJobs(SlurmCluster cluster) {
    try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
      assertThat(shell.ok("srun printenv SLURM_CLUSTER_NAME")).isEqualTo(cluster.name());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @Tag("slow")
  void eightClustersStartedAtOnceAllBecomeReady() throws Exception {
    // All ask for the default port.
    IntStream.range(0, 8).forEach(i -> request("side-" + i));

    atOnce(ClusterRequest::start);

    assertThat(clusters)
        .extracting(
            request -> request.cluster().connection().map(Connection::sshPort).orElseThrow())
        .doesNotHaveDuplicates();
    atOnce(request -> assertRunsJobs(request.cluster()));
    if (backend == TestBackend.DOCKER) {
      try (ContainerEngine containers = DockerEngine.connect(Environment.system())) {
        assertThat(clusters)
            .flatExtracting(request -> networks(containers, request.cluster()))
            .hasSize(8)
            .doesNotHaveDuplicates();
      }
    }
  }

  @Test
  @Tag("slow")
  void ofTwoBuildsThatStartTheSameClusterOneIsRefused() throws Exception {
    List<Process> two = List.of(build("same", List.of()), build("same", List.of()));

    List<String> outcomes = new ArrayList<>();
    for (Process each : two) {
      outcomes.add(await(each.inputReader(), "has started", "refused"));
    }

    int winner = outcomes.get(0).startsWith("refused") ? 1 : 0;
    assertThat(outcomes.get(winner)).isEqualTo("has started");
    assertThat(outcomes.get(1 - winner))
        .contains("refused: Cluster same in " + output.resolve("same"))
        .contains("still runs (process " + two.get(winner).pid() + ")");
    assertThat(two.get(1 - winner).waitFor()).isZero();
    ClusterRequest clusterRequest = request("same");
    SlurmCluster cluster = clusterRequest.cluster();
    assertRunsJobs(cluster);

    two.get(winner).destroyForcibly().waitFor();
    clusterRequest.start();

    assertRunsJobs(cluster);
  }

  /**
   * As in a container that shares the host's name and its engine: process ids mean others there.
   */
  @Test
  @Tag("slow")
  void aBuildThatSeesOtherProcessesIsNotTakenForDead() throws Exception {
    List<String> apart = List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");
    assumeTrue(canRun(apart), "no PID namespace can be made here");
    Process build = build("apart", apart);
    await(build.inputReader(), "has started");
    ClusterRequest theirsRequest = request("apart");
    SlurmCluster theirs = theirsRequest.cluster();

    request("next").start();

    assertThat(progress.steps()).noneMatch(step -> step.contains(theirs.directory().toString()));
    assertRunsJobs(theirs);
    assertThat(build.isAlive()).isTrue();
  }

  private static boolean canRun(List<String> launcher) throws InterruptedException {
    List<String> command = new ArrayList<>(launcher);
    command.add("true");
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void theLockOfABuildThatIsKilledInItsStartIsFree() throws Exception {
    Process killed = build("killed", List.of(), "created in");
    await(killed.inputReader(), "created in");
    ClusterRequest clusterRequest = request("killed");
    SlurmCluster cluster = clusterRequest.cluster();
    Future<?> waiting = Executors.newSingleThreadExecutor().submit(clusterRequest::start);
    while (progress.steps().stream().noneMatch(step -> step.startsWith("Waiting for another"))) {
      assertThat(waiting).isNotDone();
      Thread.sleep(5);
    }

    killed.destroyForcibly().waitFor();

    waiting.get();
    assertRunsJobs(cluster);
    assertThat(Files.exists(output.resolve(".killed.lock"))).isFalse();
  }
}
