/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.RegistryDefinition;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.docker.RawClient;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.lifecycle.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestClassOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a cluster of several nodes, GPUs, users and services does on a real engine. */
@Timeout(180)
@TestClassOrder(ClassOrderer.OrderAnnotation.class)
class TopologyIT {

  private static final Path OUTPUT =
      Path.of("target", "it", UUID.randomUUID().toString().substring(0, 8)).toAbsolutePath();
  private static final Path SITE = OUTPUT.resolve("site");
  private static final String DIRECTORY = "io.github.slurmmaven.directory";

  /** Everything that a definition can say, on four nodes. */
  private static final String DEFINITION =
      """
      nodes:
        - {name: head, role: controller, cpus: 1, memory: 512}
        - {name: "cpu-[0-1]", role: compute, cpus: 4, memory: 2048, options: {Weight: 10}}
        - {name: gpu-0, role: compute, cpus: 8, memory: 1024, gpus: {a100: 2, h100: 4}}
      partitions:
        - {name: cpu, default: true, max_time: "1:00:00", nodes: ["cpu-[0-1]"]}
        - {name: gpu, features: [gpu, nvlink], nodes: [gpu-0], options: {PriorityTier: 5}}
        - {name: all, nodes: ["cpu-[0-1]", gpu-0], options: {MaxNodes: 2}}
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
      slurm_conf: [MaxJobCount=4321]
      """;

  private static final Map<SlurmVersion, SlurmCluster> CLUSTERS = new TreeMap<>();

  private static ContainerEngine engine;

  private final List<SlurmCluster> own = new ArrayList<>();
  private final RecordingProgress progress = new RecordingProgress();

  @BeforeAll
  static void startClusters() throws IOException {
    engine = DockerEngine.connect(Environment.system());
    Files.createDirectories(SITE.resolve("sdk/bin"));
    // As a container sees it, the host's files are those of another user.
    Files.setPosixFilePermissions(
        Files.createDirectories(SITE.resolve("shared 'data'")),
        PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.writeString(SITE.resolve("fixed.txt"), "fixed\n");
    Files.setPosixFilePermissions(
        Files.writeString(SITE.resolve("sdk/bin/hello"), "#!/bin/sh\necho hello\n"),
        PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(SITE.resolve("cluster.yaml"), DEFINITION);

    List<CompletableFuture<Void>> starts = new ArrayList<>();
    for (SlurmVersion version : Releases.two()) {
      SlurmCluster cluster =
          builder(name(version))
              .definition(SITE.resolve("cluster.yaml"))
              .slurmVersion(version.release())
              .build();
      CLUSTERS.put(version, cluster);
      starts.add(CompletableFuture.runAsync(cluster::start));
    }
    starts.forEach(CompletableFuture::join);
  }

  @AfterAll
  static void removeClusters() throws IOException {
    try (ContainerEngine closing = engine) {
      CLUSTERS.values().forEach(SlurmCluster::destroy);
      CLUSTERS.values().forEach(TopologyIT::assertNothingIsLeftOf);
      try (Stream<Path> paths = Files.walk(OUTPUT)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  @AfterEach
  void removeOwn() {
    own.forEach(SlurmCluster::destroy);
    own.forEach(TopologyIT::assertNothingIsLeftOf);
  }

  private static void assertNothingIsLeftOf(SlurmCluster cluster) {
    Map<String, String> labels = Map.of(DIRECTORY, cluster.directory().toString());
    assertThat(engine.listContainers(labels)).isEmpty();
    assertThat(engine.listVolumes(labels)).isEmpty();
    assertThat(engine.listNetworks())
        .noneMatch(network -> network.labels().entrySet().containsAll(labels.entrySet()));
  }

  private static SlurmCluster.Builder builder(String name) {
    return SlurmCluster.builder()
        .outputDirectory(OUTPUT)
        .name(name)
        .port(0)
        .owner(Owner.thisBuild());
  }

  /** A cluster of one test, gone after it. */
  private SlurmCluster own(SlurmCluster.Builder builder) {
    SlurmCluster cluster = builder.progress(progress).build();
    own.add(cluster);
    return cluster;
  }

  private static String name(SlurmVersion version) {
    return "slurm-" + version.release().replace('.', '-');
  }

  private static SlurmCluster cluster(SlurmVersion version) {
    return Objects.requireNonNull(CLUSTERS.get(version));
  }

  private static SlurmShell login(SlurmVersion version) throws IOException {
    return shell(cluster(version));
  }

  private static SlurmShell shell(SlurmCluster cluster) throws IOException {
    return SlurmShell.withKey(cluster.connection().orElseThrow());
  }

  /** Logs in as one of the users, with the user's own key. */
  private static SlurmShell login(SlurmVersion version, String user) throws IOException {
    Connection connection = cluster(version).connection().orElseThrow();
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
            Objects.requireNonNull(connection.userKeys().get(user)),
            connection.sshKnownHosts(),
            connection.userKeys(),
            connection.registry(),
            connection.registryInternal(),
            connection.images()));
  }

  private static List<String> lines(String text) {
    return text.lines().map(String::strip).toList();
  }

  private static String onNode(SlurmShell shell, String node, String command) throws IOException {
    return shell.ok("srun --quiet --partition=all --nodelist=" + node + " " + command);
  }

  @Nested
  @DisplayName("A cluster from a definition")
  @ParameterizedClass(name = "of Slurm {0}")
  @Releases.Two
  @Order(1)
  class Defined {

    private final SlurmVersion version;

    Defined(SlurmVersion version) {
      this.version = version;
    }

    @Test
    void hasOneFileSystem() throws IOException {
      try (SlurmShell shell = login(version)) {
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
      Path data = SITE.resolve("shared 'data'");
      try (SlurmShell shell = login(version)) {
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
      assertThat(SITE.resolve("fixed.txt")).content().isEqualTo("fixed\n");
    }

    @ParameterizedTest
    @CsvSource({"alice, 1001", "bob, 1500"})
    void usersAreTheSameOnAllNodesAndRunJobs(String user, int uid) throws IOException {
      try (SlurmShell shell = login(version, user)) {
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
        assertThat(shell.ok("scontrol show job " + job))
            .contains("UserId=" + user + "(" + uid + ")");
        assertThat(shell.run("touch /home/slurm/not-mine").stderr()).contains("Permission denied");
      }
    }

    @Test
    void usersHaveKeysOfTheirOwn() {
      Connection connection = cluster(version).connection().orElseThrow();

      assertThat(connection.userKeys()).containsOnlyKeys("alice", "bob");
      assertThat(connection.userKeys().values())
          .doesNotContain(connection.sshPrivateKey())
          .doesNotHaveDuplicates();
      assertThatThrownBy(
              () ->
                  SlurmShell.withKey(
                      new Connection(
                          connection.clusterName(),
                          connection.directory(),
                          connection.slurmVersion(),
                          connection.partition(),
                          connection.sshHost(),
                          connection.sshPort(),
                          "bob",
                          connection.sshPassword(),
                          Objects.requireNonNull(connection.userKeys().get("alice")),
                          connection.sshKnownHosts(),
                          connection.userKeys(),
                          connection.registry(),
                          connection.registryInternal(),
                          connection.images())))
          .hasMessageContaining("Exhausted available authentication methods");
    }

    @Test
    void isSetUpWhereTheDefinitionSays() throws IOException {
      try (SlurmShell shell = login(version)) {
        assertThat(shell.ok("cat /var/setup")).isEqualTo("everywhere");
        assertThat(onNode(shell, "cpu-0", "cat /var/setup")).isEqualTo("everywhere\nhello");
        assertThat(onNode(shell, "cpu-1", "cat /var/setup"))
            .isEqualTo("everywhere\nhello\none\ntwo");
        assertThat(onNode(shell, "gpu-0", "cat /var/setup")).isEqualTo("everywhere\nhello");
        assertThat(onNode(shell, "gpu-0", "cat /etc/gpu.txt")).isEqualTo("fixed");
        assertThat(shell.run("ls /etc/gpu.txt").exitCode()).isNotZero();
        assertThat(shell.ok("stat --format='%U %a' /opt/sdk/bin/hello")).isEqualTo("root 755");
      }
    }

    @Test
    void registryServesTheNodesWhatTheHostPushes() throws Exception {
      Connection connection = cluster(version).connection().orElseThrow();
      assertThat(connection.registryInternal()).hasValue("registry:5000");
      String repository = connection.registry().orElseThrow() + "/test/image";
      try (DockerClient docker = RawClient.connect();
          SlurmShell shell = login(version)) {
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
  }

  @Nested
  @DisplayName("A topology by numbers")
  @Order(2)
  class ByNumbers {

    @ParameterizedTest(name = "{0}")
    @Releases.Two
    void hasTheNodesAskedFor(SlurmVersion version) throws IOException {
      SlurmCluster cluster =
          own(
              builder("numbers")
                  .preset("multi-node")
                  .slurmVersion(version.release())
                  .cpuNodes(3)
                  .gpuNodes(1)
                  .cpusPerNode(2)
                  .memoryPerNode(256)
                  .gpusPerNode(5));
      cluster.start();

      try (SlurmShell shell = shell(cluster)) {
        assertThat(lines(shell.ok("sinfo --noheader --Node --format='%N %P %c %m %G'")))
            .containsExactlyInAnyOrder(
                "compute-0 cpu* 2 256 (null)",
                "compute-1 cpu* 2 256 (null)",
                "compute-2 cpu* 2 256 (null)",
                "gpu-0 gpu 2 256 gpu:fake:5");
        assertThat(lines(shell.ok("srun --nodes=3 hostname")))
            .containsExactlyInAnyOrder("compute-0", "compute-1", "compute-2");
      }
    }

    @Test
    void tooManyNodesAreRefusedBeforeAnythingIsMade() {
      assertThatThrownBy(() -> own(builder("huge").cpuNodes(1000)))
          .isInstanceOf(UserMistakeException.class)
          .hasMessage("cpuNodes: '1000' is too large: a cluster can have 200 nodes");
    }
  }

  @Nested
  @DisplayName("Setup")
  @Order(3)
  class Setup {

    private SlurmCluster withSetup(String name, String setup) throws IOException {
      Path definition = SITE.resolve(name + ".yaml");
      Files.writeString(
          definition,
          """
          nodes: [{name: one, role: all-in-one, cpus: 1, memory: 512, partitions: [p]}]
          partitions: [{name: p, default: true}]
          setup: [%s]
          """
              .formatted(setup));
      return own(builder(name).definition(definition));
    }

    @Test
    void runsOnceInTheLifeOfANode() throws IOException {
      SlurmCluster cluster = withSetup("once", "echo done >> /home/slurm/count");
      cluster.start();
      cluster.start();
      cluster.stop();
      cluster.start();
      try (SlurmShell shell = shell(cluster)) {
        assertThat(shell.ok("cat count")).isEqualTo("done");
      }

      Path compose = cluster.directory().resolve("docker-compose.yml");
      Files.writeString(
          compose,
          Files.readString(compose).replace("stop_grace_period: 5s", "stop_grace_period: 4s"));
      cluster.start();

      try (SlurmShell shell = shell(cluster)) {
        assertThat(shell.ok("cat count")).isEqualTo("done\ndone");
      }
    }

    @Test
    void failureEndsTheStartWithItsOutput() throws IOException {
      SlurmCluster cluster =
          withSetup(
              "fails", "echo fine, \"echo to stdout; echo to stderr >&2; exit 7\", touch /never");

      SlurmClusterException failure =
          catchThrowableOfType(SlurmClusterException.class, cluster::start);

      assertThat(failure)
          .hasMessageContaining("setup on node one ended with exit code 7: echo to stdout;")
          .hasMessageContaining("\n  to stdout\n  to stderr");
      assertThat(progress.steps())
          .contains("  setup on one: echo fine")
          .noneMatch(step -> step.contains("never"));
      assertNothingIsLeftOf(cluster);
      assertThat(cluster.connection()).isEmpty();
    }

    @Test
    void ofNeverEndingCommandsEndsAtTheTimeout() throws IOException {
      Path definition = SITE.resolve("endless.yaml");
      Files.writeString(
          definition,
          """
          nodes: [{name: one, role: all-in-one, cpus: 1, memory: 512, partitions: [p]}]
          partitions: [{name: p, default: true}]
          setup: [sleep 600]
          """);
      SlurmCluster cluster =
          own(builder("endless").definition(definition).timeout(Duration.ofSeconds(6)));

      assertThatThrownBy(cluster::start)
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContaining("sleep 600");
      assertNothingIsLeftOf(cluster);
    }
  }
}
