/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.definition.RegistryDefinition;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.docker.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What jobs see of nodes that are containers, with users, mounts, files and a registry. */
@Tag("docker")
@ParameterizedClass(name = "{0}")
@Releases.One
class DockerJobsIT extends JobsContract {

  /** What only containers can have. */
  private static final String MORE =
      """
      services: {registry: {port: 0}}
      users: [alice, {name: bob, uid: 1500}]
      mounts:
        - {source: "shared 'data'", target: /data}
        - {source: fixed.txt, target: /fixed.txt, read_only: true}
      files:
        - {source: sdk, target: /opt/sdk}
        - {source: fixed.txt, target: /etc/gpu.txt, on: gpu-0}
      setup:
        - echo everywhere >> /var/setup
        - {run: /opt/sdk/bin/hello >> /var/setup, on: compute}
        - on: cpu-1
          run: |
            for word in one two; do
              echo "$word" >> /var/setup
            done
      """;

  DockerJobsIT(SlurmVersion version) {
    super(TestBackend.DOCKER, version);
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) throws IOException {
    Files.createDirectories(site.resolve("sdk/bin"));
    // As a container sees it, the host's files are those of another user.
    Files.setPosixFilePermissions(
        Files.createDirectories(site.resolve("shared 'data'")),
        PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.writeString(site.resolve("fixed.txt"), "fixed\n");
    Files.setPosixFilePermissions(
        Files.writeString(site.resolve("sdk/bin/hello"), "#!/bin/sh\necho hello\n"),
        PosixFilePermissions.fromString("rwxr-xr-x"));
    start(TestBackend.DOCKER, version, MORE);
  }

  @Override
  String user() {
    return "slurm";
  }

  @Override
  String home() {
    return "/home/slurm";
  }

  /** Logs in as one of the users, with the key of one of them. */
  private static SlurmShell login(String user, String keyOf) throws IOException {
    Connection connection = cluster().connection().orElseThrow();
    return SlurmShell.withKey(
        new Connection(
            connection.clusterName(),
            connection.directory(),
            connection.slurmVersion(),
            connection.partition(),
            connection.sshHost(),
            connection.sshPort(),
            user,
            connection.sshPassword(),
            Objects.requireNonNull(connection.userKeys().get(keyOf)),
            connection.sshKnownHosts(),
            connection.userKeys(),
            connection.registry(),
            connection.registryInternal(),
            connection.images(),
            connection.rest()));
  }

  private static String onNode(SlurmShell shell, String node, String command) throws IOException {
    return shell.ok("srun --quiet --partition=all --nodelist=" + node + " " + command);
  }

  @Test
  void hasOneFileSystem() throws IOException {
    try (SlurmShell shell = login()) {
      String job =
          shell.ok(
              "sbatch --parsable --nodelist=cpu-1 --output=where.txt"
                  + " --wrap 'hostname; srun pwd'");
      shell.awaitState(job, "COMPLETED");

      assertThat(shell.ok("hostname")).isEqualTo("head");
      assertThat(shell.ok("cat where.txt")).isEqualTo("cpu-1\n/home/slurm");
      assertThat(shell.download("where.txt")).isEqualTo("cpu-1\n/home/slurm\n");
    }
  }

  @Test
  void seesTheMountsOfTheHost() throws IOException {
    Path data = site.resolve("shared 'data'");
    try (SlurmShell shell = login()) {
      String file = "from-" + version;
      onNode(shell, "cpu-0", "sh -c 'hostname > /data/" + file + "'");
      assertThat(data.resolve(file)).content().isEqualTo("cpu-0\n");
      Files.writeString(data.resolve(file), "from the host\n");
      assertThat(onNode(shell, "gpu-0", "cat /data/" + file)).isEqualTo("from the host");
      assertThat(shell.ok("cat /data/" + file)).isEqualTo("from the host");

      assertThat(onNode(shell, "cpu-1", "cat /fixed.txt")).isEqualTo("fixed");
      assertThat(shell.run("srun --partition=all sh -c 'echo > /fixed.txt'").stderr())
          .contains("Read-only file system");
    }
    assertThat(site.resolve("fixed.txt")).content().isEqualTo("fixed\n");
  }

  @ParameterizedTest
  @CsvSource({"alice, 1001", "bob, 1500"})
  void usersAreTheSameOnAllNodesAndRunJobs(String user, int uid) throws IOException {
    try (SlurmShell shell = login(user, user)) {
      assertThat(shell.ok("id"))
          .startsWith("uid=%d(%s) gid=%d(%s)".formatted(uid, user, uid, user));
      for (String node : List.of("cpu-0", "cpu-1", "gpu-0")) {
        assertThat(onNode(shell, node, "id")).isEqualTo(shell.ok("id"));
      }
      String job =
          shell.ok(
              "sbatch --parsable --export=NONE --output=%j.txt"
                  + " --wrap 'id -un; pwd; echo $USER $HOME; touch mine'");
      shell.awaitState(job, "COMPLETED");
      assertThat(shell.ok("cat " + job + ".txt"))
          .isEqualTo("%1$s\n/home/%1$s\n%1$s /home/%1$s".formatted(user));
      assertThat(shell.ok("stat --format=%U:%G mine")).isEqualTo(user + ":" + user);
      assertThat(shell.ok("scontrol show job " + job)).contains("UserId=" + user + "(" + uid + ")");
      assertThat(shell.run("touch /home/slurm/not-mine").stderr()).contains("Permission denied");
    }
  }

  @Test
  void usersHaveKeysOfTheirOwn() {
    Connection connection = cluster().connection().orElseThrow();

    assertThat(connection.userKeys()).containsOnlyKeys("alice", "bob");
    assertThat(connection.userKeys().values())
        .doesNotContain(connection.sshPrivateKey())
        .doesNotHaveDuplicates();
    assertThatThrownBy(() -> login("bob", "alice"))
        .hasMessageContaining("Exhausted available authentication methods");
  }

  @Test
  void isSetUpWhereTheDefinitionSays() throws IOException {
    try (SlurmShell shell = login()) {
      assertThat(shell.ok("cat /var/setup")).isEqualTo("everywhere");
      assertThat(onNode(shell, "cpu-0", "cat /var/setup")).isEqualTo("everywhere\nhello");
      assertThat(onNode(shell, "cpu-1", "cat /var/setup")).isEqualTo("everywhere\nhello\none\ntwo");
      assertThat(onNode(shell, "gpu-0", "cat /var/setup")).isEqualTo("everywhere\nhello");
      assertThat(onNode(shell, "gpu-0", "cat /etc/gpu.txt")).isEqualTo("fixed");
      assertThat(shell.run("ls /etc/gpu.txt").exitCode()).isNotZero();
      assertThat(shell.ok("stat --format='%U %a' /opt/sdk/bin/hello")).isEqualTo("root 755");
    }
  }

  @Test
  void registryServesTheNodesWhatTheHostPushes() throws Exception {
    Connection connection = cluster().connection().orElseThrow();
    assertThat(connection.registryInternal()).hasValue("registry:5000");
    String repository = connection.registry().orElseThrow() + "/test/image";
    try (DockerClient docker = RawClient.connect();
        SlurmShell shell = login()) {
      docker.tagImageCmd(RegistryDefinition.DEFAULT_IMAGE, repository, "1").exec();
      try {
        docker
            .pushImageCmd(repository + ":1")
            .exec(new ResultCallback.Adapter<>())
            .awaitCompletion();
      } finally {
        docker.removeImageCmd(repository + ":1").exec();
      }

      shell.upload(
          "manifest.py",
          """
          import json, urllib.request
          request = urllib.request.Request(
              "http://registry:5000/v2/test/image/manifests/1",
              headers={"Accept": "application/vnd.docker.distribution.manifest.v2+json"})
          with urllib.request.urlopen(request) as answer:
              print(json.load(answer)["mediaType"])
          """);
      assertThat(onNode(shell, "cpu-0", "python3 manifest.py"))
          .isEqualTo("application/vnd.docker.distribution.manifest.v2+json");
    }
  }

  @Test
  void givesAJobWithoutAnEnvironmentThatOfALogin() throws IOException {
    try (SlurmShell shell = login()) {
      String job =
          shell.ok(
              "UNWANTED=yes HOME=/lost sbatch --parsable --export=NONE --output=/home/slurm/login"
                  + " --wrap 'echo $UNWANTED $HOME $USER $LOGNAME $SHELL; echo $PATH'");

      assertThat(shell.awaitState(job, "COMPLETED|FAILED|NODE_FAIL")).isEqualTo("COMPLETED");
      assertThat(shell.download("login"))
          .isEqualTo(
              "/home/slurm slurm slurm /bin/bash\n"
                  + "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games\n");
    }
  }
}
