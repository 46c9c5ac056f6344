/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.docker.RawClient;
import io.github.slurmmaven.status.ClusterStatus;
import io.github.slurmmaven.status.ClusterStatus.State;
import io.github.slurmmaven.status.StatusDocument;
import io.github.slurmmaven.status.StatusText;
import io.github.slurmmaven.status.Style;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The status reports what was killed, the next start repairs it, and no job that ran there is
 * RUNNING for ever, while those elsewhere go on.
 */
@Timeout(600)
@Tag("slow")
class SurvivalIT {

  @TempDir private static Path site;

  private SlurmCluster cluster;
  private ClusterRequest clusterRequest;
  private String elsewhere;
  private String requeued;
  private String failed;

  @AfterEach
  void destroy() {
    if (cluster != null) {
      cluster.destroy();
      Leftovers.assertNoneOf(cluster);
    }
  }

  /** A cluster with a job on compute-0 and two on compute-1. */
  private void start(TestBackend backend, SlurmVersion version) throws IOException {
    backend.require();
    clusterRequest =
        backend
            .cluster("survival")
            .outputDirectory(site.resolve(backend.engine()))
            .preset("multi-node")
            .slurmVersion(version.release())
            .build();
    cluster = clusterRequest.cluster();
    clusterRequest.start();
    try (SlurmShell shell = shell()) {
      elsewhere = shell.ok("sbatch --parsable --nodelist=compute-0 --wrap 'sleep 600'");
      requeued = shell.ok("sbatch --parsable --nodelist=compute-1 --wrap 'sleep 600'");
      failed = shell.ok("sbatch --parsable --nodelist=compute-1 --no-requeue --wrap 'sleep 600'");
      for (String job : List.of(elsewhere, requeued, failed)) {
        shell.awaitState(job, "RUNNING");
      }
      shell.awaitSavedState(elsewhere);
    }
  }

  private SlurmShell shell() throws IOException {
    return SlurmShell.withKey(cluster.connection().orElseThrow());
  }

  private void assertJobs(String elsewhere, String requeued, String failed) throws IOException {
    try (SlurmShell shell = shell()) {
      assertThat(shell.awaitState(this.failed, failed)).isEqualTo(failed);
      assertThat(shell.awaitState(this.requeued, requeued)).isEqualTo(requeued);
      assertThat(shell.awaitState(this.elsewhere, elsewhere)).isEqualTo(elsewhere);
    }
  }

  /** The status is the same in its three forms. */
  private ClusterStatus assertStatus(State state, String node, String reason) {
    ClusterStatus status = cluster.status();
    assertThat(status.status()).as("%s", status).isEqualTo(state);
    assertThat(status.nodes())
        .filteredOn(each -> each.name().equals(node))
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.well()).isFalse();
              assertThat(each.state()).isEqualTo("dead");
              assertThat(each.reason()).contains(reason);
            });
    assertThat(StatusText.of(status, Style.PLAIN))
        .containsIgnoringCase("Status:  " + state.word())
        .contains(reason);
    assertThat(StatusDocument.json(status))
        .contains("\"status\" : \"" + state.word() + "\"")
        .contains("\"reason\" : \"" + reason + "\"");
    return status;
  }

  private void assertHealed() {
    clusterRequest.start();
    assertThat(cluster.status().status()).isEqualTo(State.RUNNING);
  }

  private void killContainer(String node) throws Exception {
    try (DockerClient engine = RawClient.connect()) {
      String id =
          engine
              .listContainersCmd()
              .withLabelFilter(
                  Map.of(
                      "io.github.slurmmaven.directory",
                      cluster.directory().toString(),
                      "io.github.slurmmaven.node",
                      node))
              .exec()
              .get(0)
              .getId();
      engine.killContainerCmd(id).exec();
      engine
          .waitContainerCmd(id)
          .exec(new WaitContainerResultCallback())
          .awaitStatusCode(60, TimeUnit.SECONDS);
    }
  }

  @Tag("docker")
  @ParameterizedTest(name = "{0}")
  @Releases.One
  void containerOfANode(SlurmVersion version) throws Exception {
    start(TestBackend.DOCKER, version);

    killContainer("compute-1");

    assertStatus(State.DEGRADED, "compute-1", "exited with code 137");
    assertHealed();
    assertJobs("RUNNING", "PENDING", "NODE_FAIL");
  }

  @Tag("docker")
  @ParameterizedTest(name = "{0}")
  @Releases.One
  void containerOfTheController(SlurmVersion version) throws Exception {
    start(TestBackend.DOCKER, version);

    killContainer("controller");

    assertThat(assertStatus(State.FAILED, "controller", "exited with code 137").problem())
        .contains("the controller, node controller, exited with code 137");
    assertHealed();
    // Its nodes were not harmed, so their jobs are not either.
    assertJobs("RUNNING", "RUNNING", "RUNNING");
  }

  @Tag("docker")
  @Test
  void allContainers() throws Exception {
    start(TestBackend.DOCKER, SlurmVersion.DEFAULT);

    for (String node : List.of("controller", "compute-0", "compute-1")) {
      killContainer(node);
    }

    assertThat(cluster.status().status()).isEqualTo(State.STOPPED);
    assertHealed();
    assertJobs("PENDING", "PENDING", "NODE_FAIL");
  }

  @Tag("embedded")
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          slurmd -D -N compute-1 | compute-1  | DEGRADED | killed by signal 9      | RUNNING | PENDING | NODE_FAIL
          slurmctld -D           | controller | FAILED   | killed by signal 9      | RUNNING | RUNNING | RUNNING
          SshServer              | controller | FAILED   | sshd killed by signal 9 | RUNNING | RUNNING | RUNNING
          """)
  void process(
      String words,
      String node,
      State state,
      String reason,
      String elsewhere,
      String requeued,
      String failed)
      throws Exception {
    start(TestBackend.EMBEDDED, SlurmVersion.DEFAULT);

    killProcesses(words);

    awaitStatus(state);
    assertStatus(state, node, reason);
    assertHealed();
    assertJobs(elsewhere, requeued, failed);
  }

  @Tag("embedded")
  @Test
  void supervisorOfAllProcesses() throws Exception {
    start(TestBackend.EMBEDDED, SlurmVersion.DEFAULT);

    killProcesses("slurm-supervisor");

    awaitStatus(State.STOPPED);
    assertHealed();
    assertJobs("PENDING", "PENDING", "NODE_FAIL");
  }

  private void killProcesses(String words) throws Exception {
    List<ProcessHandle> victims =
        Leftovers.processesOf(cluster.directory()).stream()
            .filter(process -> process.contains(words))
            .map(process -> Long.parseLong(process.substring(0, process.indexOf(' '))))
            .map(ProcessHandle::of)
            .flatMap(Optional::stream)
            .toList();
    assertThat(victims).isNotEmpty();
    victims.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle victim : victims) {
      victim.onExit().get(60, TimeUnit.SECONDS);
    }
  }

  /** What supervises the processes takes a moment to see. */
  private void awaitStatus(State state) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (cluster.status().status() != state && System.nanoTime() < deadline) {
      Thread.sleep(50);
    }
    assertThat(cluster.status().status()).isEqualTo(state);
  }
}
