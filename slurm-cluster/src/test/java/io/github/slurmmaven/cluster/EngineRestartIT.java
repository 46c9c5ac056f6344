/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.slurmmaven.backend.container.ContainerBackend;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.docker.PrivateEngine;
import io.github.slurmmaven.engine.endpoint.NoEngineException;
import io.github.slurmmaven.status.ClusterStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine is killed or restarted in the middle of a build. */
@Tag("docker")
@Timeout(600)
class EngineRestartIT {

  private static PrivateEngine engine;

  private final Path output;
  private final RecordingProgress progress = new RecordingProgress();

  EngineRestartIT(@TempDir Path temporary) {
    output = temporary.resolve(".slurm-cluster");
  }

  @BeforeAll
  static void start() throws Exception {
    PrivateEngine.assumePossible();
    engine = PrivateEngine.startWithNodes();
  }

  @AfterAll
  static void close() throws Exception {
    if (engine != null) {
      engine.close();
    }
  }

  private ClusterRequest.Builder builder(Progress hears) {
    return ClusterRequest.builder()
        .outputDirectory(output)
        .name("restarted")
        .ssh(ssh -> ssh.port(0))
        .progress(hears)
        .backend(() -> new ContainerBackend(engine.connect(), Map.of()));
  }

  private ClusterRequest request() {
    return builder(progress).build();
  }

  private static boolean isEmpty() {
    try (ContainerEngine connection = engine.connect()) {
      return connection.listContainers(Map.of()).isEmpty()
          && connection.listVolumes(Map.of()).isEmpty()
          && connection.listNetworks().stream().allMatch(network -> network.labels().isEmpty());
    }
  }

  private void assertRunsJobs(SlurmCluster cluster) throws IOException {
    try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
      assertThat(shell.ok("srun hostname")).isEqualTo("slurm");
    }
  }

  /** Kills the engine when the start says something for the first time. */
  private static final class KillsAt implements Progress {

    private final String word;
    private final Progress next;
    private final AtomicBoolean killed = new AtomicBoolean();

    KillsAt(String word, Progress next) {
      this.word = word;
      this.next = next;
    }

    private void killAt(String said) {
      if (said.contains(word) && killed.compareAndSet(false, true)) {
        try {
          engine.kill();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }

    @Override
    public void step(String message) {
      next.step(message);
      killAt(message);
    }

    @Override
    public void now(String message) {
      next.now(message);
      killAt(message);
    }

    @Override
    public void detail(String message) {
      next.detail(message);
      killAt(message);
    }

    @Override
    public void warn(String message) {
      next.warn(message);
    }
  }

  @ParameterizedTest(name = "killed at \"{0}\"")
  @ValueSource(
      strings = {
        "Cluster restarted on",
        "created in",
        "started slurm",
        "node started",
        "slurmctld answers"
      })
  void aStartEndsSoonAndTheNextOneWorks(String moment) throws Exception {
    SlurmClusterException failure =
        catchThrowableOfType(
            SlurmClusterException.class,
            () -> builder(new KillsAt(moment, progress)).build().start());

    assertThat(failure).as("start").isNotNull();
    engine.startAgain();
    assertThat(failure)
        .hasMessageContaining("the container engine at " + engine.host())
        .hasMessageContaining("does not answer any more");
    ClusterRequest againRequest = request();
    SlurmCluster again = againRequest.cluster();
    againRequest.start();
    assertRunsJobs(again);
    again.destroy();
    assertThat(isEmpty()).isTrue();
    assertThat(output).doesNotExist();
  }

  @ParameterizedTest(name = "killed: {0}")
  @ValueSource(booleans = {false, true})
  void aRunningClusterIsStartedAgainWithItsQueue(boolean killed) throws Exception {
    ClusterRequest clusterRequest = request();
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    String held;
    String requeued;
    String failed;
    try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
      held = shell.ok("sbatch --parsable --hold --wrap true");
      requeued = shell.ok("sbatch --parsable --wrap 'sleep 600'");
      failed = shell.ok("sbatch --parsable --no-requeue --wrap 'sleep 600'");
      shell.awaitState(requeued, "RUNNING");
      shell.awaitState(failed, "RUNNING");
      shell.awaitSavedState(failed);
    }

    if (killed) {
      engine.kill();
    } else {
      engine.stop();
    }
    assertThatThrownBy(() -> cluster.status())
        .isInstanceOf(NoEngineException.class)
        .hasMessageContaining(engine.host().getPath());
    engine.startAgain();

    ClusterStatus status = cluster.status();
    assertThat(status.status().word()).isEqualTo("stopped");
    assertThat(status.nodes()).singleElement().returns(false, node -> node.running());
    clusterRequest.start();
    try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
      assertThat(shell.awaitState(held, "[A-Z]+")).isEqualTo("PENDING");
      assertThat(shell.awaitState(requeued, "PENDING")).isEqualTo("PENDING");
      assertThat(shell.awaitState(failed, "NODE_FAIL")).isEqualTo("NODE_FAIL");
    }
    assertRunsJobs(cluster);
    cluster.destroy();
    assertThat(isEmpty()).isTrue();
    assertThat(output).doesNotExist();
  }

  @Test
  void whatCouldNotBeRemovedIsRemovedOnceTheEngineIsBack() throws Exception {
    ClusterRequest clusterRequest = request();
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    engine.kill();

    assertThatThrownBy(cluster::destroy).isInstanceOf(NoEngineException.class);
    assertThat(cluster.directory()).exists();
    engine.startAgain();
    assertThat(isEmpty()).isFalse();
    cluster.destroy();

    assertThat(isEmpty()).isTrue();
    assertThat(output).doesNotExist();
  }
}
