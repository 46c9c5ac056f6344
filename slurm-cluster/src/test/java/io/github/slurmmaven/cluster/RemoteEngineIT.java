/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.slurmmaven.backend.LocalPorts;
import io.github.slurmmaven.backend.container.ContainerBackend;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.docker.RawClient;
import io.github.slurmmaven.engine.docker.SocketProxy;
import io.github.slurmmaven.engine.docker.TestCertificates;
import io.github.slurmmaven.engine.docker.TlsProxy;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.status.ClusterStatus;
import io.github.slurmmaven.status.ClusterStatus.State;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster on an engine that is reached over the network. It is this machine's, at an address that
 * does not tell so: the files of a cluster are not looked for on the engine's side.
 */
@Tag("docker")
@Timeout(600)
@DisplayName("A cluster on another machine's engine")
class RemoteEngineIT {

  private static final String HOST = "127.0.0.2";

  private final RecordingProgress progress = new RecordingProgress();
  private final ContainerEngine engine = DockerEngine.connect(Environment.system());
  private SocketProxy proxy;
  private SlurmCluster cluster;
  private ClusterRequest clusterRequest;

  @TempDir private Path directory;

  @BeforeEach
  void build() throws IOException {
    proxy = SocketProxy.elsewhere(HOST);
    clusterRequest =
        builder()
            .preset("multi-node")
            .registry(registry -> registry.withRegistry(true))
            .ssh(ssh -> ssh.port(0))
            .registry(registry -> registry.registryPort(0))
            .ssh(ssh -> ssh.bindAddress(HOST))
            .build();
    cluster = clusterRequest.cluster();
  }

  private ClusterRequest.Builder builder() throws IOException {
    return builder(Map.of("DOCKER_HOST", "tcp://" + HOST + ":" + proxy.port()));
  }

  private ClusterRequest.Builder builder(Map<String, String> variables) {
    Environment environment =
        new Environment(variables, directory, Environment.system().defaultHost());
    return ClusterRequest.builder()
        .outputDirectory(directory)
        .name("remote")
        .ownedByThisBuild(true)
        .progress(progress)
        .backend(() -> new ContainerBackend(DockerEngine.connect(environment), Map.of()));
  }

  @AfterEach
  void destroy() {
    cluster.destroy();
    assertThat(containers()).isEmpty();
    assertThat(engine.listVolumes(labels())).isEmpty();
    proxy.cut();
    engine.close();
  }

  private Map<String, String> labels() {
    return Map.of("io.github.slurmmaven.directory", cluster.directory().toString());
  }

  private List<ContainerSummary> containers() {
    return engine.listContainers(labels());
  }

  private SlurmShell login() throws IOException {
    return SlurmShell.withKey(cluster.connection().orElseThrow());
  }

  private String read(String file) throws IOException {
    return Files.readString(cluster.directory().resolve(file));
  }

  @Test
  void worksWithCopiesOfItsFilesAndTellsTheEnginesHost() throws IOException {
    Connection connection = clusterRequest.start();

    assertThat(containers()).hasSize(4);
    for (ContainerSummary container : containers()) {
      for (JsonNode mount : RawClient.inspect(container.id()).path("Mounts")) {
        assertThat(mount.path("Type").textValue()).as(mount.toString()).isEqualTo("volume");
      }
    }
    assertThat(connection.sshHost()).isEqualTo(HOST);
    assertThat(connection.registry())
        .hasValueSatisfying(registry -> assertThat(registry).startsWith(HOST + ":"));
    assertThat(read("connection.properties")).contains("slurm.ssh.host=" + HOST + "\n");
    assertThat(read("ssh/config")).containsPattern("(?i)hostname \"?" + HOST + "\"?\n");
    assertThat(read("ssh/known_hosts")).startsWith("[" + HOST + "]:" + connection.sshPort());
    ClusterStatus status = cluster.status();
    assertThat(status.status()).isEqualTo(State.RUNNING);
    assertThat(status.connection())
        .hasValueSatisfying(reach -> assertThat(reach.host()).isEqualTo(HOST));
    try (SlurmShell shell = login()) {
      assertThat(shell.ok("srun --nodes=2 hostname").lines())
          .containsExactlyInAnyOrder("compute-0", "compute-1");
    }
    assertThat(cluster.load(List.of(new ImageSource.Local("debian:12-slim"))).images())
        .containsValue("registry:5000/debian:12-slim");
  }

  @Test
  void readsAnEditedConfigurationWhileItRunsAndComesBackAfterAStop() throws IOException {
    clusterRequest.start();
    Path configuration = cluster.directory().resolve("config/slurm.conf");
    List<String> before = containers().stream().map(ContainerSummary::id).sorted().toList();
    Files.writeString(configuration, Files.readString(configuration) + "MaxJobCount=4321\n");

    clusterRequest.start();

    assertThat(containers().stream().map(ContainerSummary::id).sorted()).isEqualTo(before);
    try (SlurmShell shell = login()) {
      assertThat(shell.ok("scontrol show config")).containsPattern("MaxJobCount +=? *4321");
    }

    cluster.stop();
    assertThat(cluster.status().status()).isEqualTo(State.STOPPED);
    clusterRequest.start();

    try (SlurmShell shell = login()) {
      assertThat(shell.ok("scontrol show config")).containsPattern("MaxJobCount +=? *4321");
      assertThat(shell.ok("srun hostname")).isEqualTo("compute-0");
    }
  }

  @Test
  @DisplayName("is the same by TLS")
  void isTheSameByTls() throws Exception {
    TestCertificates certificates = new TestCertificates(directory);
    try (TlsProxy tls = new TlsProxy(certificates.server(), HOST)) {
      clusterRequest =
          builder(
                  Map.of(
                      "DOCKER_HOST",
                      "tcp://" + HOST + ":" + tls.port(),
                      "DOCKER_TLS_VERIFY",
                      "1",
                      "DOCKER_CERT_PATH",
                      certificates.clientDirectory().toString()))
              .ssh(ssh -> ssh.bindAddress(HOST))
              .ssh(ssh -> ssh.port(0))
              .build();
      cluster = clusterRequest.cluster();

      assertThat(clusterRequest.start().sshHost()).isEqualTo(HOST);
      List<String> lines = new CopyOnWriteArrayList<>();
      cluster.logs(
          Optional.empty(),
          new LogRequest(OptionalInt.empty(), Optional.empty(), false),
          (node, line) -> lines.add(line));
      assertThat(lines).anyMatch(line -> line.contains("slurmctld"));
      cluster.destroy();
      assertThat(containers()).isEmpty();
    }
    clusterRequest = builder().build();
    cluster = clusterRequest.cluster();
  }

  @Test
  @DisplayName("is reached through a tunnel as an ssh:// address is told to make it")
  void isReachedThroughATunnel() throws IOException {
    int port = LocalPorts.anyFree(HOST);
    SocketProxy tunnel =
        SocketProxy.between(
            new InetSocketAddress(HOST, port), new InetSocketAddress("127.0.0.1", port));
    clusterRequest = builder().ssh(ssh -> ssh.port(port)).build();
    cluster = clusterRequest.cluster();
    try {
      Connection connection = clusterRequest.start();

      assertThat(connection.sshHost()).isEqualTo(HOST);
      assertThat(connection.sshPort()).isEqualTo(port);
      try (SlurmShell shell = login()) {
        assertThat(shell.ok("srun hostname")).isEqualTo("slurm");
      }
    } finally {
      tunnel.cut();
    }
  }

  @Test
  void refusesAMountOfTheUsersFilesAndLeavesNothing() throws IOException {
    clusterRequest.create();
    Files.writeString(
        cluster.directory().resolve("docker-compose.override.yml"),
        """
        services:
          compute-0:
            volumes: ["%s:/mine"]
        """
            .formatted(directory));

    assertThatThrownBy(clusterRequest::start)
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("docker-compose.override.yml: services.compute-0.volumes")
        .hasMessageContaining("the engine does not see this machine's files");
    assertThat(containers()).isEmpty();
  }
}
