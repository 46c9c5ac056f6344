/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.PartitionDefinition;
import io.github.slurmmaven.definition.Presets;
import io.github.slurmmaven.definition.PyxisParameters;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.image.PyxisStandIn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a cluster of containers does from its creation to its end. */
@Tag("docker")
class DockerClusterIT extends ClusterContract {

  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final Pattern TIME =
      Pattern.compile("((?<days>\\d+)-)?(?<hours>\\d+):(?<minutes>\\d+):00");

  /** Clusters that tests only read, by preset and version. */
  private static final Map<String, SlurmCluster> SHARED = new LinkedHashMap<>();

  private static ContainerEngine engine;

  DockerClusterIT() {
    super(TestBackend.DOCKER);
  }

  @BeforeAll
  static void connect() {
    TestBackend.DOCKER.require();
    engine = DockerEngine.connect(Environment.system());
  }

  @Override
  String home(SlurmCluster cluster) {
    return "/home/slurm";
  }

  @AfterAll
  static void removeShared() {
    ContainerEngine connected = engine;
    if (connected != null) {
      SHARED.values().forEach(SlurmCluster::destroy);
      SHARED.values().forEach(TestBackend.DOCKER::assertNothingIsLeftOf);
      SHARED.clear();
      connected.close();
    }
  }

  /** A running cluster that no test changes. */
  private static SlurmCluster shared(String preset, SlurmVersion version) {
    String key = preset + "-" + version.release();
    return SHARED.computeIfAbsent(
        key,
        name -> {
          // The name is the golden files' one; the directory makes the cluster unique.
          ClusterRequest clusterRequest =
              TestBackend.DOCKER
                  .cluster("slurm-test")
                  .outputDirectory(site.resolve(name))
                  .preset(preset)
                  .pyxis(preset.equals("full") ? standIn() : pyxis -> {})
                  .slurmVersion(version.release())
                  .build();
          SlurmCluster cluster = clusterRequest.cluster();
          clusterRequest.start();
          return cluster;
        });
  }

  /** Files in the place of what upstream publishes, which not every machine can fetch. */
  private static Consumer<PyxisParameters> standIn() {
    try {
      Path directory = Files.createDirectories(site.resolve("stand-in"));
      Path pyxis = Files.write(directory.resolve("pyxis.tar.gz"), PyxisStandIn.source());
      Path enroot = Files.write(directory.resolve("enroot.deb"), PyxisStandIn.enroot());
      return asked -> asked.pyxisUrl(pyxis.toString()).enrootUrl(enroot.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SlurmCluster shared(SlurmVersion version) {
    return shared(Presets.DEFAULT, version);
  }

  @Test
  void jobsStillReachTheHostAfterNodesWereAdded() throws IOException {
    ClusterRequest clusterRequest = own(builder("host-gateway").preset("multi-node"));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.create();
    Files.writeString(
        cluster.directory().resolve("docker-compose.override.yml"),
        """
        services:
          compute-0:
            extra_hosts: ["host.docker.internal:host-gateway"]
        """);
    clusterRequest.start();
    try (ServerSocket host = new ServerSocket(0);
        SlurmShell shell = shell(cluster)) {
      Thread server =
          new Thread(
              () -> {
                try {
                  while (true) {
                    try (Socket client = host.accept()) {
                      client.getOutputStream().write("the host\n".getBytes(StandardCharsets.UTF_8));
                    }
                  }
                } catch (IOException e) {
                  // The test has ended.
                }
              });
      server.setDaemon(true);
      server.start();
      String job =
          "srun --nodelist=compute-0 bash -c 'exec 3<>/dev/tcp/host.docker.internal/%d && cat <&3'"
              .formatted(host.getLocalPort());
      assertThat(shell.ok(job)).isEqualTo("the host");

      cluster.scale(Optional.empty(), 3);

      assertThat(shell.ok(job)).isEqualTo("the host");
    }
  }

  static List<Arguments> presets() {
    return Presets.NAMES.stream()
        .flatMap(
            preset ->
                // The image with Pyxis is the slow one to build.
                (preset.equals("full") ? Releases.one() : Releases.all())
                    .stream().map(version -> Arguments.of(preset, version)))
        .toList();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("presets")
  @Timeout(1200) // it may build an image
  void goldenConfigurationIsAcceptedAndMeansWhatTheDefinitionSays(
      String preset, SlurmVersion version) throws IOException {
    SlurmCluster cluster = shared(preset, version);
    Path golden = GOLDEN.resolve(preset + "-" + version.release()).resolve("config");
    try (Stream<Path> files = Files.list(golden)) {
      assertThat(files)
          .isNotEmpty()
          .allSatisfy(
              file ->
                  assertThat(cluster.directory().resolve("config").resolve(file.getFileName()))
                      .hasSameBinaryContentAs(file));
    }
    ClusterDefinition definition = ClusterYaml.read(cluster.directory().resolve("cluster.yaml"));

    try (SlurmShell shell = shell(cluster)) {
      assertThat(lines(shell.ok("sinfo --all --noheader --Node --format='%N %c %m' | sort -u")))
          .containsExactlyInAnyOrderElementsOf(
              definition.computeNodes().stream()
                  .map(node -> node.name() + " " + node.cpus() + " " + node.memory())
                  .toList());
      for (NodeDefinition node : definition.computeNodes()) {
        assertThat(shell.ok("scontrol show node " + node.name()))
            .contains(
                "CPUTot=" + node.cpus(),
                "RealMemory=" + node.memory(),
                "State=IDLE",
                node.hasGpus() ? "Gres=gpu:fake:" + node.gpus().get("fake") : "Gres=(null)",
                node.hasGpus() ? "ActiveFeatures=gpu" : "ActiveFeatures=(null)");
      }
      for (PartitionDefinition partition : definition.partitions()) {
        String shown = shell.ok("scontrol show partition " + partition.name());
        assertThat(shown).contains("Default=" + (partition.isDefault() ? "YES" : "NO"), "State=UP");
        assertThat(minutes(shown.replaceAll("(?s).* MaxTime=(\\S+) .*", "$1")))
            .isEqualTo(minutes(partition.maxTime().orElse("UNLIMITED")));
        assertThat(
                lines(
                    shell.ok(
                        "sinfo --noheader --Node --format=%N --partition=" + partition.name())))
            .containsExactlyInAnyOrderElementsOf(partition.nodes());
      }
      assertThat(shell.ok("scontrol --version")).startsWith("slurm").contains(version.release());
      assertThat(shell.ok("scontrol show config")).contains("ClusterName             = slurm-test");
    }
  }

  /** A time in one of Slurm's notations without seconds of their own; -1 for no limit. */
  private static int minutes(String time) {
    if (time.equals("UNLIMITED")) {
      return -1;
    }
    Matcher parts = TIME.matcher(time);
    assertThat(parts.matches()).as(time).isTrue();
    int days = parts.group("days") == null ? 0 : Integer.parseInt(parts.group("days"));
    return (days * 24 + Integer.parseInt(parts.group("hours"))) * 60
        + Integer.parseInt(parts.group("minutes"));
  }

  @Test
  void clustersSideBySideAreApart() throws IOException {
    List<SlurmCluster> clusters =
        Stream.of(SlurmVersion.V22_05, SlurmVersion.V24_11).map(v -> shared(v)).toList();

    assertThat(clusters)
        .extracting(cluster -> cluster.connection().orElseThrow().sshPort())
        .doesNotHaveDuplicates();
    for (SlurmCluster cluster : clusters) {
      try (SlurmShell shell = shell(cluster)) {
        assertThat(shell.ok("scontrol --version"))
            .contains(cluster.connection().orElseThrow().slurmVersion());
      }
    }
  }

  @Test
  void containersAreSeenByLabelAndPublishOnLoopbackOnly() {
    SlurmCluster cluster = shared(SlurmVersion.DEFAULT);
    Connection connection = cluster.connection().orElseThrow();

    assertThat(engine.listContainers(TestBackend.labels(cluster)))
        .singleElement()
        .satisfies(
            container -> {
              assertThat(container.labels())
                  .containsEntry("io.github.slurmmaven.cluster", "slurm-test")
                  .containsEntry("io.github.slurmmaven.node", "slurm")
                  .containsEntry("io.github.slurmmaven.role", "all-in-one")
                  .containsEntry("io.github.slurmmaven.owner", Owner.thisBuild().value())
                  .containsEntry("com.docker.compose.service", "slurm")
                  .containsKeys("io.github.slurmmaven.created-at", "com.docker.compose.project");
              assertThat(engine.inspectContainer(container.id()).ports())
                  .singleElement()
                  .returns("127.0.0.1", port -> port.hostAddress())
                  .returns(connection.sshPort(), port -> port.hostPort())
                  .returns(22, port -> port.containerPort());
            });
  }

  @ParameterizedTest(name = "{0}, restart of {1}")
  @MethodSource("restarts")
  void jobsThatRanOnAStoppedNodeAreRequeuedOrFail(SlurmVersion version, String node)
      throws IOException {
    ClusterRequest clusterRequest =
        own(builder("lost").preset("multi-node").slurmVersion(version.release()));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    String elsewhere;
    String requeued;
    String failed;
    try (SlurmShell shell = shell(cluster)) {
      elsewhere = shell.ok("sbatch --parsable --nodelist=compute-0 --wrap 'sleep 600'");
      requeued = shell.ok("sbatch --parsable --nodelist=compute-1 --wrap 'sleep 600'");
      failed = shell.ok("sbatch --parsable --nodelist=compute-1 --no-requeue --wrap 'sleep 600'");
      for (String job : List.of(elsewhere, requeued, failed)) {
        shell.awaitState(job, "RUNNING");
      }
    }

    cluster.restart(Optional.of(node).filter(name -> !name.equals("all")));

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.awaitState(failed, "NODE_FAIL")).isEqualTo("NODE_FAIL");
      assertThat(shell.awaitState(requeued, "PENDING")).isEqualTo("PENDING");
      assertThat(shell.awaitState(elsewhere, "RUNNING|PENDING"))
          .isEqualTo(node.equals("all") ? "PENDING" : "RUNNING");
      assertThat(shell.ok("sinfo --noheader --Node --format=%T"))
          .isEqualTo(node.equals("all") ? "idle\nidle" : "mixed\nidle");
    }
  }

  static Stream<Arguments> restarts() {
    return Releases.one().stream()
        .flatMap(
            version -> Stream.of(Arguments.of(version, "all"), Arguments.of(version, "compute-1")));
  }

  @Test
  void overrideIsHonouredAndABrokenFileIsNamed() throws IOException {
    ClusterRequest clusterRequest = own(builder("override"));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.create();
    String image =
        Files.readString(cluster.directory().resolve("docker-compose.yml"))
            .replaceAll("(?s).*?image: \"?([^\\s\"]+).*", "$1");
    Path override = cluster.directory().resolve("docker-compose.override.yml");
    Files.writeString(
        override,
        """
        services:
          slurm:
            environment:
              SITE: "a 'b' $$c"
          helper:
            image: %s
            entrypoint: [sleep, "600"]
        """
            .formatted(image));
    clusterRequest.start();

    assertThat(engine.listContainers(TestBackend.labels(cluster))).hasSize(2);
    ContainerSummary node =
        engine
            .listContainers(
                Map.of(
                    "io.github.slurmmaven.directory",
                    cluster.directory().toString(),
                    "io.github.slurmmaven.node",
                    "slurm"))
            .get(0);
    CommandResult site =
        engine.exec(
            node.id(), ExecCommand.asRoot("printenv", "SITE"), line -> {}, Duration.ofSeconds(10));
    assertThat(site.stdout()).isEqualTo("a 'b' $c\n");
    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("getent hosts helper")).isNotEmpty();
    }

    Files.writeString(override, "services:\n  slurm:\n    environmnt: {A: b}\n");
    assertThatThrownBy(clusterRequest::start)
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("docker-compose.override.yml, line 3")
        .hasMessageContaining("environmnt");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "config/slurm.conf, MaxJobCount=many, MaxJobCount: 'many' is not a number",
    "config/gres.conf,  Nam=gpu,          Slurm has no parameter 'Nam'"
  })
  void brokenEditOfARunningClusterIsToldWithFileAndLine(String file, String line, String problem)
      throws IOException {
    ClusterRequest clusterRequest = own(builder("broken-later").preset("gpu"));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    append(cluster, file, line + "\n");
    Path edited = cluster.directory().resolve(file);

    SlurmClusterException failure = startFails(clusterRequest);

    assertThat(failure)
        .hasMessageContaining(
            "Likely cause: %s, line %d: %s; correct it"
                .formatted(edited, Files.readAllLines(edited).size(), problem));
    assertThat(edited).content().endsWith(line + "\n");
  }

  @ParameterizedTest(name = "{0} s")
  @ValueSource(ints = {1, 5})
  void timeoutSaysWhatItWaitedFor(int seconds) throws IOException {
    ClusterRequest clusterRequest = own(builder("timeout").timeout(Duration.ofSeconds(seconds)));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.create();
    append(
        cluster,
        CONFIG,
        """
        NodeName=ghost NodeAddr=192.0.2.9 CPUs=1 RealMemory=100 State=UNKNOWN
        PartitionName=ghosts Nodes=ghost State=UP
        """);

    assertThat(startFails(clusterRequest))
        .hasMessageContaining(
            "Cluster timeout: not ready within %d s (timeout), still waiting for "
                .formatted(seconds))
        .hasMessageContaining("slurm  running");
    assertThat(cluster.directory().resolve("logs/slurm.log")).exists();
    backend.assertNothingRunsOf(cluster);
  }

  @Test
  void setupRunsAgainOnANewNode() throws IOException {
    ClusterRequest clusterRequest = own(withSetup("count", "echo done >> /home/slurm/count"));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    clusterRequest.start();
    cluster.stop();
    clusterRequest.start();
    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("cat count")).isEqualTo("done");
    }

    Path compose = cluster.directory().resolve("docker-compose.yml");
    Files.writeString(
        compose,
        Files.readString(compose).replace("stop_grace_period: 5s", "stop_grace_period: 4s"));
    clusterRequest.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("cat count")).isEqualTo("done\ndone");
    }
  }

  @Test
  void tooManyNodesAreRefusedBeforeAnythingIsMade() {
    assertThatThrownBy(() -> own(builder("huge").nodes(nodes -> nodes.cpuNodes(1000))))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage("cpuNodes: '1000' is too large: a cluster can have 200 nodes");
  }
}
