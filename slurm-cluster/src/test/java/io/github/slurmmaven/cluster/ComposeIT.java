/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.backend.LocalPorts;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.container.ContainerBackend;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.docker.RawClient;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.image.PyxisStandIn;
import io.github.slurmmaven.status.ClusterStatus.State;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Compose that COMPOSE_BINARY names, and we, in the same directory. */
@Tag("docker")
@Timeout(600)
@DisplayName("A cluster's directory is run by Docker Compose as by us")
class ComposeIT {

  private static final LogRequest ALL =
      new LogRequest(OptionalInt.empty(), Optional.empty(), false);

  private final ContainerEngine engine = DockerEngine.connect(Environment.system());
  private final RecordingProgress progress = new RecordingProgress();
  private String binary;
  private SlurmCluster cluster;
  private ClusterRequest clusterRequest;

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
    return run(cluster.directory(), arguments);
  }

  private String run(Path project, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(binary));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(project.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    return output;
  }

  private Map<String, String> labels() {
    return labels(cluster.directory());
  }

  private static Map<String, String> labels(Path project) {
    return Map.of("io.github.slurmmaven.directory", project.toString());
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
    clusterRequest =
        ClusterRequest.builder()
            .outputDirectory(directory)
            .name("compose-" + preset)
            .preset(preset)
            .slurmVersion(version)
            .pyxis(
                preset.equals("full")
                    ? pyxis ->
                        pyxis
                            .pyxisUrl(directory.resolve("pyxis.tar.gz").toString())
                            .enrootUrl(directory.resolve("enroot.deb").toString())
                    : pyxis -> {})
            .ssh(ssh -> ssh.port(0))
            .progress(progress)
            .build();
    cluster = clusterRequest.cluster();

    clusterRequest.start();
    Map<String, String> ours = containers(cluster.directory());
    String controller = ours.containsKey("controller") ? "controller" : "slurm";
    assertThat(compose("ps", "--services").lines())
        .containsExactlyInAnyOrderElementsOf(ours.keySet());
    assertThat(compose("logs", controller)).contains("slurmctld");
    assertThat(compose("exec", "-T", controller, "scontrol", "--version")).contains(version);
    compose("down", "--volumes");
    assertNothingIsLeft();

    compose("up", "-d");
    assertSame(ours, containers(cluster.directory()));
    List<String> ids = ids();
    cluster.awaitReady();
    assertThat(cluster.status().status()).isEqualTo(State.RUNNING);
    assertThat(log(controller)).anyMatch(line -> line.contains("slurmctld"));
    cluster.stop();
    assertThat(cluster.status().status()).isEqualTo(State.STOPPED);
    Connection connection = clusterRequest.start();
    assertThat(ids()).isEqualTo(ids);
    try (SlurmShell shell = SlurmShell.withKey(connection)) {
      assertThat(shell.ok("srun echo works")).isEqualTo("works");
    }
    cluster.destroy();
    assertNothingIsLeft();
  }

  @Test
  void everyKeyMeansTheSame() throws Exception {
    int port = LocalPorts.anyFree("127.0.0.1");
    // Of the networks for documentation, and another at a time.
    int subnet = ThreadLocalRandom.current().nextInt(16) * 16;
    Files.writeString(directory.resolve("file"), "content\n");
    Files.writeString(
        directory.resolve("docker-compose.yml"),
        """
        name: compose-keys-@PORT@
        x-labels: &labels
          io.github.slurmmaven.cluster: keys
          io.github.slurmmaven.directory: @DIRECTORY@
          mine: "yes"
        services:
          one:
            image: debian:12-slim
            hostname: host-one
            entrypoint: [env, FROM=entrypoint]
            command: sleep "600"
            user: "1000:1000"
            working_dir: /tmp
            environment: {ONE: "a 'b' $$c", TWO: ""}
            labels: *labels
            volumes:
              - ./file:/mounted:ro
              - data:/data
            tmpfs: /scratch
            ports: ["127.0.0.1:@PORT@:80", "127.0.0.1:@PORT@:80/udp"]
            networks:
              default: {aliases: [another], ipv4_address: 203.0.113.@ADDRESS@}
              second: {ipv4_address: 198.51.100.@ADDRESS@}
            extra_hosts: ["elsewhere:192.0.2.1"]
            dns: [192.0.2.53]
            cap_add: [SYS_NICE]
            cap_drop: [MKNOD]
            security_opt: ["no-new-privileges:true"]
            devices: ["/dev/null:/dev/mine:rw"]
            cpus: 0.5
            mem_limit: 64m
            pids_limit: 50
            shm_size: 16m
            stop_signal: SIGKILL
            stop_grace_period: 3s
            restart: on-failure:3
            init: true
            healthcheck: {test: [CMD, "true"], interval: 7s, timeout: 5s, retries: 2, start_period: 1s}
          two:
            image: debian:12-slim
            container_name: compose-keys-@PORT@-of-two
            hostname: host-two
            command: [sleep, "600"]
            labels: *labels
            init: true
            stop_signal: SIGKILL
            deploy: {resources: {limits: {cpus: "0.25", memory: 32m, pids: 20}}}
            depends_on: [one]
            healthcheck: {disable: true}
        networks:
          default:
            labels: *labels
            ipam: {config: [{subnet: 203.0.113.@SUBNET@/28}]}
          second:
            labels: *labels
            ipam: {config: [{subnet: 198.51.100.@SUBNET@/28}]}
        volumes:
          data: {labels: *labels}
        """
            .replace("@PORT@", Integer.toString(port))
            .replace("@DIRECTORY@", directory.toString())
            .replace("@SUBNET@", Integer.toString(subnet))
            .replace("@ADDRESS@", Integer.toString(subnet + 10)));
    ClusterId id = new ClusterId("keys", directory);
    Map<String, String> ours;
    try (ContainerBackend backend =
        new ContainerBackend(DockerEngine.connect(Environment.system()), Map.of())) {
      try {
        backend.provisioner().up(new ClusterFiles(id), Owner.nobody(), progress);
        ours = containers(directory);
        run(directory, "down", "--volumes");
        run(directory, "up", "-d");

        assertSame(ours, containers(directory));
      } finally {
        backend.provisioner().destroy(id);
      }
    }
  }

  private static void assertSame(Map<String, String> ours, Map<String, String> theirs) {
    assertThat(ours.keySet()).isEqualTo(theirs.keySet()).isNotEmpty();
    theirs.forEach((service, text) -> assertThat(ours.get(service)).as(service).isEqualTo(text));
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
  private Map<String, String> containers(Path project) throws IOException {
    Map<String, String> containers = new TreeMap<>();
    for (ContainerSummary container : engine.listContainers(labels(project))) {
      containers.put(
          String.valueOf(container.labels().get("com.docker.compose.service")),
          InspectedContainer.text(RawClient.inspect(container.id())));
    }
    return containers;
  }
}
