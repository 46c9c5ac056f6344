/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.slurmmaven.backend.container.ContainerBackend;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A start that fails half-way on a real engine leaves nothing there. */
@Tag("docker")
@Timeout(600)
class StartFailureIT {

  private static final String DIRECTORY = "io.github.slurmmaven.directory";

  private static ContainerEngine engine;

  private final Path output;
  private final RecordingProgress progress = new RecordingProgress();

  StartFailureIT(@TempDir Path temporary) {
    output = temporary.resolve(".slurm-cluster");
  }

  @BeforeAll
  static void connect() {
    engine = DockerEngine.connect(Environment.system());
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @AfterEach
  void remove() {
    cluster().build().cluster().destroy();
    assertNothingIsLeft();
    assertThat(output).doesNotExist();
  }

  private ClusterRequest.Builder cluster() {
    return ClusterRequest.builder()
        .engine("docker")
        .name("half-way")
        .preset("multi-node")
        .ssh(ssh -> ssh.port(0))
        .outputDirectory(output)
        .ownedByThisBuild(true)
        .progress(progress);
  }

  private void assertNothingIsLeft() {
    Map<String, String> labels = Map.of(DIRECTORY, output.resolve("half-way").toString());
    assertThat(engine.listContainers(labels)).isEmpty();
    assertThat(engine.listVolumes(labels)).isEmpty();
    assertThat(engine.listNetworks())
        .noneMatch(network -> network.labels().entrySet().containsAll(labels.entrySet()));
  }

  private static SlurmClusterException startFails(ClusterRequest request) {
    SlurmClusterException failure =
        catchThrowableOfType(SlurmClusterException.class, request::start);
    assertThat(failure).as("SlurmClusterException").isNotNull();
    return failure;
  }

  /** An engine whose answer to one of the requests never comes, though it does what was asked. */
  private static ContainerBackend losing(String request, int number) {
    ContainerEngine real = DockerEngine.connect(Environment.system());
    AtomicInteger count = new AtomicInteger();
    ContainerEngine losing =
        (ContainerEngine)
            Proxy.newProxyInstance(
                ContainerEngine.class.getClassLoader(),
                new Class<?>[] {ContainerEngine.class},
                (proxy, method, arguments) -> {
                  try {
                    Object answer = method.invoke(real, arguments);
                    if (method.getName().equals(request) && count.incrementAndGet() == number) {
                      throw new EngineException(Kind.UNREACHABLE, "the answer is lost", null);
                    }
                    return answer;
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    return new ContainerBackend(losing, Map.of());
  }

  @ParameterizedTest(name = "answer {1} to {0}")
  @CsvSource({
    "createNetwork,1",
    "createVolume,2",
    "createContainer,3",
    "startContainer,2",
    "watchExit,3",
    "exec,1"
  })
  void whenAnAnswerIsLost(String request, int number) {
    ClusterRequest clusterRequest = cluster().backend(() -> losing(request, number)).build();
    SlurmCluster cluster = clusterRequest.cluster();

    assertThat(startFails(clusterRequest)).hasMessageContaining("the answer is lost");

    assertNothingIsLeft();
    assertThat(cluster.connection()).isEmpty();
    assertThat(progress.warnings()).noneMatch(line -> line.contains("could not be removed"));
  }

  @Test
  void whenOneContainerCannotStart() throws IOException {
    cluster().build().create();
    Files.writeString(
        output.resolve("half-way/docker-compose.override.yml"),
        "services: {compute-1: {entrypoint: [/no/such/program]}}");

    assertThat(startFails(cluster().build()))
        .hasMessageContaining("cannot start container")
        .hasMessageContaining("compute-1")
        .hasMessageContaining("/no/such/program");

    assertNothingIsLeft();
  }
}
