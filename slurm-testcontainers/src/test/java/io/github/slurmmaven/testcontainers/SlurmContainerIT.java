/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testcontainers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ContainerPort;
import io.github.slurmmaven.client.ClusterClock;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Session;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

@Tag("docker")
@Testcontainers
@Timeout(240)
class SlurmContainerIT {

  private static final String RELEASE = "24.11";

  @Container private static final SlurmContainer SLURM = new SlurmContainer("24.11").withRest();

  private static final DockerClient ENGINE = DockerClientFactory.lazyClient();

  /** What a command writes, run over SSH as a client of one's own does it. */
  private static String ssh(SlurmContainer slurm, String command) throws IOException {
    try (SSHClient client = new SSHClient()) {
      client.loadKnownHosts(slurm.getConnection().sshKnownHosts().toFile());
      client.connect("127.0.0.1", slurm.getSshPort());
      client.authPublickey("slurm", slurm.getPrivateKey().toString());
      try (Session session = client.startSession();
          Session.Command running = session.exec(command)) {
        return new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      }
    }
  }

  /** All containers with files in a directory, running or not. */
  private static List<String> containersOf(Path directory) {
    return ENGINE
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(Map.of("io.github.slurmmaven.directory", directory.toString()))
        .exec()
        .stream()
        .map(com.github.dockerjava.api.model.Container::getId)
        .toList();
  }

  /** What starts have put into the directory for temporary files. */
  private static List<Path> temporaryFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("slurm-container"))
          .toList();
    }
  }

  @Test
  void runsAJobThatIsSubmittedOverSsh() throws IOException {
    assertThat(
            ssh(SLURM, "sbatch --wait --output=out --wrap='echo from $SLURMD_NODENAME'; cat out"))
        .contains("Submitted batch job")
        .endsWith("from slurm\n");
    assertThat(ssh(SLURM, "sinfo --version")).contains(" " + RELEASE + ".");
  }

  @Test
  void answersAPingOfTheRestApi() throws IOException, InterruptedException {
    RestAccess rest = SLURM.getConnection().rest().orElseThrow();

    HttpResponse<String> ping =
        HttpClient.newHttpClient()
            .send(rest.request("/slurm/{version}/ping/").build(), BodyHandlers.ofString());

    assertThat(ping.statusCode()).isEqualTo(200);
    assertThat(ping.body()).contains("\"UP\"");
    assertThat(SLURM.getRestUrl()).isEqualTo(rest.url()).hasHost("127.0.0.1");
  }

  @Test
  void publishesPortsOnLoopbackOnlyAndTakesNoPassword() throws IOException {
    assertThat(
            ENGINE
                .listContainersCmd()
                .withIdFilter(List.of(SLURM.getContainerId()))
                .exec()
                .get(0)
                .getPorts())
        .extracting(ContainerPort::getPrivatePort, ContainerPort::getIp)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(22, "127.0.0.1"),
            org.assertj.core.groups.Tuple.tuple(6820, "127.0.0.1"));
    assertThat(SLURM.getConnection().sshPassword()).isEmpty();
    try (SSHClient client = new SSHClient()) {
      client.loadKnownHosts(SLURM.getConnection().sshKnownHosts().toFile());
      client.connect("127.0.0.1", SLURM.getSshPort());
      assertThatThrownBy(() -> client.authPassword("slurm", "slurm"))
          .hasMessageContaining("Exhausted available authentication methods");
    }
  }

  @Test
  void withAnImageByNameHasKeysOfItsOwnAndLeavesNothingAfterStop() throws IOException {
    SlurmContainer other =
        new SlurmContainer(DockerImageName.parse(SLURM.getDockerImageName()))
            .withSlurmVersion(RELEASE);
    Connection connection;
    try (other) {
      other.start();
      connection = other.getConnection();

      assertThat(ssh(other, "srun hostname")).isEqualTo("slurm\n");
      assertThat(connection.sshPrivateKey())
          .content()
          .isNotEqualTo(Files.readString(SLURM.getPrivateKey()));
      assertThat(connection.rest()).isEmpty();
      assertThatThrownBy(other::getRestUrl)
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining("call withRest() before start()");
      assertThat(containersOf(connection.directory())).containsExactly(other.getContainerId());
      ClusterClock clock = ClusterClock.of(connection.directory());
      assertThatThrownBy(() -> clock.advance(Duration.ofMinutes(1)))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining("runs in a container that has a copy of it");
    }

    assertThat(containersOf(connection.directory())).isEmpty();
    assertThat(connection.directory().getParent()).doesNotExist();
    assertThatThrownBy(other::getConnection)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("only after start()");
  }

  @Test
  void namesAnImageThatIsNotANode() throws IOException {
    List<Path> before = temporaryFiles();
    try (SlurmContainer slurm =
        new SlurmContainer(DockerImageName.parse("debian:trixie-slim")).withSlurmVersion(RELEASE)) {
      assertThatThrownBy(slurm::start)
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith("The image 'debian:trixie-slim' cannot run a node of Slurm");
    }
    assertThat(temporaryFiles()).containsExactlyInAnyOrderElementsOf(before);
  }

  @Test
  void namesAnImageThatCannotBePulled() throws IOException {
    List<Path> before = temporaryFiles();
    try (SlurmContainer slurm =
        new SlurmContainer(DockerImageName.parse("localhost:1/site/slurm:1"))) {
      assertThatThrownBy(slurm::start)
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageStartingWith(
              "Image 'localhost:1/site/slurm:1' is not on the engine and cannot be pulled");
    }
    assertThat(temporaryFiles()).containsExactlyInAnyOrderElementsOf(before);
  }
}
