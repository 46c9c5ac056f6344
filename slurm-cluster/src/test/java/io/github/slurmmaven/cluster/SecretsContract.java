/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.client.SshKeyPair;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.docker.RawClient;
import io.github.slurmmaven.ssh.SshConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import net.schmizz.sshj.userauth.UserAuthException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where a cluster's keys and passwords are, and where they must not be. */
@Timeout(600)
@DisplayName("A cluster's secrets")
abstract class SecretsContract extends RealClusters {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** Files in the directories of secrets that are not secret. */
  private static final Set<String> PUBLIC = Set.of("config", "known_hosts", "users");

  @TempDir Path directory;

  SecretsContract(TestBackend backend) {
    super(backend);
  }

  @Test
  @DisplayName("are in files of their owner alone, and nowhere else")
  void areInFilesOfTheirOwnerAloneAndNowhereElse() throws IOException {
    ClusterRequest clusterRequest =
        own(builder("secrets").preset("multi-node").rest(true).restPort(0));
    SlurmCluster cluster = clusterRequest.cluster();
    Connection connection = clusterRequest.start();
    String job = workWith(cluster);
    Set<String> secrets = secrets(cluster);
    secrets.add(connection.rest().orElseThrow().token());
    assertThat(secrets).as("munge, host and client key, in several forms").hasSizeGreaterThan(8);
    assertThat(backend == TestBackend.EMBEDDED)
        .isEqualTo(secrets.contains(connection.sshPassword().orElseThrow()));

    assertHidden("what is told, with -X too", String.join("\n", progress.everything()), secrets);
    assertHidden("a job's environment and standard output", job, secrets);
    assertHidden("the processes of this machine", processes(), secrets);
    assertHidden("the processes of the nodes", processesOfNodes(cluster), secrets);
    assertHidden("the logs", logs(cluster), secrets);
    if (backend == TestBackend.DOCKER) {
      assertHidden("what the engine says", engineSays(cluster), secrets);
    }
  }

  @Test
  @DisplayName("do not go to a server with another host key, and no password counts that is off")
  void aServerWithAnotherHostKeyIsRefused() throws IOException {
    ClusterRequest clusterRequest =
        own(
            builder("pinned")
                .slurmVersion(SlurmVersion.V22_05.release())
                .ssh(ssh -> ssh.passwordLogin(false)));
    SlurmCluster cluster = clusterRequest.cluster();
    Connection connection = clusterRequest.start();
    assertThat(connection.sshPassword()).isEmpty();
    for (String password : List.of("slurm", "")) {
      assertThatThrownBy(() -> SlurmShell.withPassword(connection, password))
          .isInstanceOf(UserAuthException.class);
    }
    assertThat(loggedIn(connection)).isTrue();
    Files.writeString(
        connection.sshKnownHosts(),
        SshFiles.knownHosts(
            connection.sshHost(),
            connection.sshPort(),
            List.of(SshKeyPair.generate().publicKey())));
    assertThatThrownBy(() -> loggedIn(connection))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("another server answers there, whose host key");
  }

  private static boolean loggedIn(Connection connection) {
    try (SshConnection login = SshConnection.open(connection)) {
      return login.run("true", OutputStream.nullOutputStream(), OutputStream.nullOutputStream())
          == 0;
    }
  }

  /** The operations of each goal, whose output could contain secrets. */
  private String workWith(SlurmCluster cluster) throws IOException {
    Path script = Files.writeString(directory.resolve("job.sh"), "#!/bin/sh\nenv; id\n");
    Written output = new Written();
    cluster.submit(script, Optional.empty(), List.of(), List.of(), output, TIMEOUT);
    cluster.copy(script, List.of(), "/home/slurm/job.sh");
    cluster.ssh(
        Optional.empty(),
        "srun -N2 hostname; env",
        OutputStream.nullOutputStream(),
        OutputStream.nullOutputStream());
    cluster.status();
    cluster.reset();
    cluster.restart(Optional.of("compute-1"));
    return output.text();
  }

  /** Each secret in the forms that something might write it in, and line by line. */
  private static Set<String> secrets(SlurmCluster cluster) throws IOException {
    Set<String> secrets = new HashSet<>();
    for (Path file : secretFiles(cluster.directory())) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .as(file.toString())
          .isEqualTo("rw-------");
      if (file.endsWith(Connection.FILE_NAME)) {
        continue; // its password has a file of its own; the rest is none
      }
      byte[] bytes = Files.readAllBytes(file);
      secrets.add(Base64.getEncoder().encodeToString(bytes));
      secrets.add(HexFormat.of().formatHex(bytes));
      new String(bytes, StandardCharsets.ISO_8859_1)
          .lines()
          .filter(line -> line.length() > 15 && !line.startsWith("-----"))
          .forEach(secrets::add);
    }
    return secrets;
  }

  private static List<Path> secretFiles(Path cluster) throws IOException {
    List<Path> files = new ArrayList<>(List.of(cluster.resolve(Connection.FILE_NAME)));
    for (String folder : List.of("secrets", "ssh")) {
      try (Stream<Path> entries = Files.list(cluster.resolve(folder))) {
        entries
            .filter(Files::isRegularFile)
            .filter(file -> !file.toString().endsWith(".pub"))
            .filter(file -> !PUBLIC.contains(file.getFileName().toString()))
            .forEach(files::add);
      }
    }
    return files;
  }

  /** All that everybody, and we, can see of processes. */
  private static String processes() throws IOException {
    StringBuilder seen = new StringBuilder();
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process : processes.toList()) {
        if (process.getFileName().toString().matches("\\d+")) {
          for (String name : List.of("cmdline", "environ")) {
            try {
              seen.append(
                  new String(
                      Files.readAllBytes(process.resolve(name)), StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
              // It has ended, or is another user's.
              continue;
            }
            seen.append('\n');
          }
        }
      }
    }
    return seen.toString();
  }

  private static String processesOfNodes(SlurmCluster cluster) {
    boolean containers = Files.exists(cluster.directory().resolve("docker-compose.yml"));
    Written output = new Written();
    cluster.run(
        List.of("all"),
        Optional.of(containers ? "root" : "slurm"),
        List.of("bash", "-c", "cat /proc/[0-9]*/{cmdline,environ} 2>/dev/null; true"),
        node -> output,
        TIMEOUT);
    assertThat(output.text()).contains("slurmctld", "slurmd");
    return output.text();
  }

  private String logs(SlurmCluster cluster) throws IOException {
    Path exported = directory.resolve("exported");
    cluster.exportLogs(exported);
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.walk(exported)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        text.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    assertThat(text.toString()).contains("slurmctld");
    return text.toString();
  }

  /** Containers with environment and labels, networks and volumes. */
  private static String engineSays(SlurmCluster cluster) throws IOException {
    String project = cluster.directory().toString();
    StringBuilder said = new StringBuilder();
    for (JsonNode container : RawClient.get("/containers/json?all=1")) {
      if (project.equals(container.at("/Labels/io.github.slurmmaven.directory").asText())) {
        said.append(RawClient.text("/containers/" + container.get("Id").asText() + "/json"));
      }
    }
    assertThat(said.toString()).contains("\"CapDrop\"");
    return said.append(RawClient.text("/networks")).append(RawClient.text("/volumes")).toString();
  }

  private static void assertHidden(String where, String text, Set<String> secrets) {
    assertThat(secrets.stream().filter(text::contains)).as(where).isEmpty();
    assertThat(text).as(where).doesNotContain("PRIVATE KEY");
  }

  /** The output of commands on all streams. */
  private static final class Written implements CommandOutput {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void stdout(byte[] piece) {
      bytes.writeBytes(piece);
    }

    @Override
    public void stderr(byte[] piece) {
      bytes.writeBytes(piece);
    }

    String text() {
      return bytes.toString(StandardCharsets.ISO_8859_1);
    }
  }
}
