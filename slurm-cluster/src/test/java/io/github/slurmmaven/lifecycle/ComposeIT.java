/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.backend.ClusterBackend.LogRequest;
import io.github.slurmmaven.connection.Connection;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.docker.RawClient;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.image.PyxisStandIn;
import io.github.slurmmaven.slurm.ClusterStatus.State;
import io.github.slurmmaven.spec.PyxisParameters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Compose that COMPOSE_BINARY names, and we, in the same directory. */
@Timeout(240)
@DisplayName("A cluster's directory is run by Docker Compose as by us")
class ComposeIT {

  private static final LogRequest ALL =
      new LogRequest(OptionalInt.empty(), Optional.empty(), false);

  private final ContainerEngine engine = DockerEngine.connect(Environment.system());
  private final RecordingProgress progress = new RecordingProgress();
  private String binary;
  private SlurmCluster cluster;

  @TempDir private Path directory;

  @BeforeEach
  void findCompose() {
    binary = System.getenv("COMPOSE_BINARY");
    assumeTrue(binary != null, "COMPOSE_BINARY names no docker-compose");
  }

  @AfterEach
  void destroy() {
    if (cluster != null) {
      cluster.destroy();
    }
    engine.close();
  }

  private String compose(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(binary));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(cluster.directory().toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    return output;
  }

  private Map<String, String> labels() {
    return Map.of("io.github.slurmmaven.directory", cluster.directory().toString());
  }

  private void assertNothingIsLeft() {
    assertThat(engine.listContainers(labels())).isEmpty();
    assertThat(engine.listVolumes(labels())).isEmpty();
    assertThat(engine.listNetworks())
        .noneMatch(network -> network.labels().entrySet().containsAll(labels().entrySet()));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({"cpu, 24.11", "gpu, 24.11", "multi-node, 24.11", "multi-node, 22.05", "full, 24.11"})
  void eachTakesOverWhatTheOtherStarted(String preset, String version) throws Exception {
    PyxisStandIn.write(directory);
    cluster =
        SlurmCluster.builder()
            .outputDirectory(directory)
            .name("compose-" + preset)
            .preset(preset)
            .slurmVersion(version)
            .pyxis(
                preset.equals("full")
                    ? new PyxisParameters(
                        null,
                        directory.resolve("pyxis.tar.gz").toString(),
                        null,
                        directory.resolve("enroot.deb").toString(),
                        null,
                        null)
                    : PyxisParameters.NONE)
            .port(0)
            .owner(Owner.thisBuild())
            .progress(progress)
            .build();

    cluster.start();
    Map<String, String> ours = containers();
    String controller = ours.containsKey("controller") ? "controller" : "slurm";
    assertThat(compose("ps", "--services").lines())
        .containsExactlyInAnyOrderElementsOf(ours.keySet());
    assertThat(compose("logs", controller)).contains("slurmctld");
    assertThat(compose("exec", "-T", controller, "scontrol", "--version")).contains(version);
    compose("down", "--volumes");
    assertNothingIsLeft();

    compose("up", "-d");
    Map<String, String> theirs = containers();
    assertThat(ours.keySet()).isEqualTo(theirs.keySet());
    for (String service : ours.keySet()) {
      assertThat(ours.get(service)).as(service).isEqualTo(theirs.get(service));
    }
    List<String> ids = ids();
    cluster.awaitReady();
    assertThat(cluster.status().status()).isEqualTo(State.RUNNING);
    assertThat(log(controller)).anyMatch(line -> line.contains("slurmctld"));
    cluster.stop();
    assertThat(cluster.status().status()).isEqualTo(State.STOPPED);
    Connection connection = cluster.start();
    assertThat(ids()).isEqualTo(ids);
    try (SlurmShell shell = SlurmShell.withKey(connection)) {
      assertThat(shell.ok("srun echo works")).isEqualTo("works");
    }
    cluster.destroy();
    assertNothingIsLeft();
  }

  private List<String> log(String node) {
    List<String> lines = new CopyOnWriteArrayList<>();
    cluster.logs(Optional.of(node), ALL, (name, line) -> lines.add(line));
    return lines;
  }

  private List<String> ids() {
    return engine.listContainers(labels()).stream().map(ContainerSummary::id).sorted().toList();
  }

  /** What each service's container is made of, by service. */
  private Map<String, String> containers() throws IOException {
    Map<String, String> containers = new TreeMap<>();
    for (ContainerSummary container : engine.listContainers(labels())) {
      containers.put(
          String.valueOf(container.labels().get("com.docker.compose.service")),
          InspectedContainer.text(RawClient.inspect(container.id())));
    }
    return containers;
  }
}
