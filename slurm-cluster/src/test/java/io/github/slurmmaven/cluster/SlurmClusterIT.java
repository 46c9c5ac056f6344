/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmShell.Result;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterParameters;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.PartitionDefinition;
import io.github.slurmmaven.definition.PyxisParameters;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.image.PyxisStandIn;
import io.github.slurmmaven.lifecycle.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.schmizz.sshj.userauth.UserAuthException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Real Slurm on a real engine. */
@Timeout(180)
class SlurmClusterIT {

  private static final Path OUTPUT =
      Path.of("target", "it", UUID.randomUUID().toString().substring(0, 8)).toAbsolutePath();
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final Pattern TIME =
      Pattern.compile("((?<days>\\d+)-)?(?<hours>\\d+):(?<minutes>\\d+):00");
  private static final String CONFIG = "config/slurm.conf";
  private static final String DIRECTORY = "io.github.slurmmaven.directory";

  /** Clusters that tests only read, by preset and version. */
  private static final Map<String, SlurmCluster> SHARED = new LinkedHashMap<>();

  private static ContainerEngine engine;

  private final List<SlurmCluster> own = new ArrayList<>();
  private final RecordingProgress progress = new RecordingProgress();

  @BeforeAll
  static void connect() {
    engine = DockerEngine.connect(Environment.system());
  }

  @AfterAll
  static void removeShared() throws IOException {
    try (ContainerEngine closing = engine) {
      SHARED.values().forEach(SlurmCluster::destroy);
      SHARED.values().forEach(SlurmClusterIT::assertNothingIsLeftOf);
      for (String file : List.of("stand-in/pyxis.tar.gz", "stand-in/enroot.deb", "stand-in", "")) {
        Files.deleteIfExists(OUTPUT.resolve(file));
      }
    }
  }

  @AfterEach
  void removeOwn() {
    own.forEach(SlurmCluster::destroy);
    own.forEach(SlurmClusterIT::assertNothingIsLeftOf);
  }

  /** A running cluster that no test changes. */
  private static SlurmCluster shared(String preset, SlurmVersion version) {
    String key = preset + "-" + version.release();
    return SHARED.computeIfAbsent(
        key,
        name -> {
          // The name is the golden files' one; the directory makes the cluster unique.
          SlurmCluster cluster =
              SlurmCluster.builder()
                  .outputDirectory(OUTPUT.resolve(name))
                  .preset(preset)
                  .pyxis(preset.equals("full") ? standIn() : PyxisParameters.NONE)
                  .slurmVersion(version.release())
                  .port(0)
                  .owner(Owner.thisBuild())
                  .build();
          cluster.start();
          return cluster;
        });
  }

  /** Files in the place of what upstream publishes, which not every machine can fetch. */
  private static PyxisParameters standIn() {
    try {
      Path directory = Files.createDirectories(OUTPUT.resolve("stand-in"));
      Path pyxis = Files.write(directory.resolve("pyxis.tar.gz"), PyxisStandIn.source());
      Path enroot = Files.write(directory.resolve("enroot.deb"), PyxisStandIn.enroot());
      return new PyxisParameters(null, pyxis.toString(), null, enroot.toString(), null, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SlurmCluster shared(SlurmVersion version) {
    return shared(ClusterParameters.DEFAULT_PRESET, version);
  }

  private SlurmCluster.Builder builder(String name) {
    return SlurmCluster.builder()
        .outputDirectory(OUTPUT.resolve("own"))
        .name(name)
        .port(0)
        .owner(Owner.thisBuild())
        .progress(progress);
  }

  /** A cluster of one test, gone after it. */
  private SlurmCluster own(SlurmCluster.Builder builder) {
    SlurmCluster cluster = builder.build();
    own.add(cluster);
    return cluster;
  }

  private static Map<String, String> labels(SlurmCluster cluster) {
    return Map.of(DIRECTORY, cluster.directory().toString());
  }

  private static void assertNothingIsLeftOf(SlurmCluster cluster) {
    assertThat(engine.listContainers(labels(cluster))).isEmpty();
    assertThat(engine.listVolumes(labels(cluster))).isEmpty();
    assertThat(engine.listNetworks())
        .noneMatch(network -> network.labels().entrySet().containsAll(labels(cluster).entrySet()));
  }

  private static void append(SlurmCluster cluster, String file, String text) throws IOException {
    Path path = cluster.directory().resolve(file);
    Files.writeString(path, Files.readString(path) + text);
  }

  private static List<String> lines(String text) {
    return text.lines().map(String::strip).toList();
  }

  private static SlurmShell shell(SlurmCluster cluster) throws IOException {
    return SlurmShell.withKey(cluster.connection().orElseThrow());
  }

  private SlurmClusterException startFails(SlurmCluster cluster) {
    SlurmClusterException failure =
        catchThrowableOfType(SlurmClusterException.class, cluster::start);
    assertThat(failure).as("SlurmClusterException").isNotNull();
    return failure;
  }

  private static Duration since(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  @Test
  void jobsStillReachTheHostAfterNodesWereAdded() throws IOException {
    SlurmCluster cluster = own(builder("host-gateway").preset("multi-node"));
    cluster.create();
    Files.writeString(
        cluster.directory().resolve("docker-compose.override.yml"),
        """
        services:
          compute-0:
            extra_hosts: ["host.docker.internal:host-gateway"]
        """);
    cluster.start();
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

  @Nested
  @DisplayName("A test")
  @ParameterizedClass(name = "with Slurm {0}")
  @Releases.All
  class Jobs {

    private final SlurmVersion version;

    Jobs(SlurmVersion version) {
      this.version = version;
    }

    private SlurmShell login() throws IOException {
      return shell(shared(version));
    }

    @Test
    void submitsAScriptAndReadsItsOutputBySftp() throws IOException {
      try (SlurmShell shell = login()) {
        shell.upload(
            "job.sh",
            """
            #!/bin/bash
            #SBATCH --output=out-%j.txt --ntasks=2 --time=1
            echo "on $SLURM_JOB_PARTITION at $(hostname) with $SLURM_NTASKS tasks"
            python3 -c 'print("python", 6 * 7)'
            """);
        String job = shell.ok("sbatch --parsable job.sh");

        assertThat(shell.awaitState(job, "COMPLETED|FAILED")).isEqualTo("COMPLETED");
        assertThat(shell.download("out-" + job + ".txt"))
            .isEqualTo("on debug at slurm with 2 tasks\npython 42\n");
      }
    }

    @Test
    void submitsFromStandardInput() throws IOException {
      try (SlurmShell shell = login()) {
        String job =
            shell.ok("sbatch --parsable --output=stdin.txt", "#!/bin/sh\necho from stdin\n");

        shell.awaitState(job, "COMPLETED");
        assertThat(shell.download("stdin.txt")).isEqualTo("from stdin\n");
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

    @Test
    void runsAStep() throws IOException {
      try (SlurmShell shell = login()) {
        assertThat(lines(shell.ok("srun --ntasks=2 --label printf 'task\\n'")))
            .containsExactlyInAnyOrder("0: task", "1: task");
        assertThat(shell.run("srun sh -c 'exit 3'").exitCode()).isEqualTo(3);
      }
    }

    @Test
    void submitsAnArray() throws IOException {
      try (SlurmShell shell = login()) {
        String job =
            shell.ok(
                "sbatch --parsable --array=1-3 --output=array-%a.txt"
                    + " --wrap 'echo $SLURM_ARRAY_TASK_ID of $SLURM_ARRAY_TASK_COUNT'");
        for (int task = 1; task <= 3; task++) {
          shell.awaitState(job + "_" + task, "COMPLETED");
          assertThat(shell.download("array-" + task + ".txt")).isEqualTo(task + " of 3\n");
        }
      }
    }

    @Test
    void cancelsARunningJob() throws IOException {
      try (SlurmShell shell = login()) {
        String job = shell.ok("sbatch --parsable --wrap 'sleep 300'");
        shell.awaitState(job, "RUNNING");
        shell.ok("scancel " + job);

        assertThat(shell.awaitState(job, "CANCELLED|COMPLETED|FAILED")).isEqualTo("CANCELLED");
      }
    }

    @Test
    void seesTheExitCodeOfAJobThatFails() throws IOException {
      try (SlurmShell shell = login()) {
        String job = shell.ok("sbatch --parsable --wrap 'exit 3'");

        assertThat(shell.awaitState(job, "COMPLETED|FAILED")).isEqualTo("FAILED");
        assertThat(shell.ok("scontrol show job " + job)).contains("ExitCode=3:0");
      }
    }

    @Test
    void isRefusedWhatTheNodeDoesNotHave() throws IOException {
      try (SlurmShell shell = login()) {
        Result tooMuch = shell.run("sbatch --mem=999G --wrap true");

        assertThat(tooMuch.exitCode()).isNotZero();
        assertThat(tooMuch.stderr()).containsIgnoringCase("not available");
        assertThat(shell.run("sbatch --partition=none --wrap true").stderr())
            .containsIgnoringCase("invalid partition");
      }
    }

    @Test
    void logsInWithThePassword() throws IOException {
      Connection connection = shared(version).connection().orElseThrow();
      try (SlurmShell shell =
          SlurmShell.withPassword(connection, connection.sshPassword().orElseThrow())) {
        assertThat(shell.ok("id -un")).isEqualTo("slurm");
        assertThat(shell.ok("sinfo --version")).startsWith("slurm");
      }
      assertThatThrownBy(() -> SlurmShell.withPassword(connection, "wrong"))
          .isInstanceOf(UserAuthException.class);
    }

    @Test
    void logsInWithOpenSsh() throws IOException, InterruptedException {
      assumeTrue(Files.isExecutable(Path.of("/usr/bin/ssh")), "ssh is not installed");
      Process ssh =
          new ProcessBuilder(
                  "/usr/bin/ssh",
                  "-F",
                  shared(version).directory().resolve("ssh/config").toString(),
                  "slurm",
                  "scontrol --version")
              .redirectErrorStream(true)
              .start();
      String output = new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(ssh.waitFor()).as(output).isZero();
      assertThat(output).contains(" " + version.release() + ".");
    }
  }

  static List<Arguments> presets() {
    return ClusterParameters.PRESETS.stream()
        .flatMap(
            preset ->
                SlurmVersion.packaged().stream().map(version -> Arguments.of(preset, version)))
        .toList();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("presets")
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
    ClusterDefinition spec = ClusterYaml.read(cluster.directory().resolve("cluster.yaml"));

    try (SlurmShell shell = shell(cluster)) {
      assertThat(lines(shell.ok("sinfo --all --noheader --Node --format='%N %c %m' | sort -u")))
          .containsExactlyInAnyOrderElementsOf(
              spec.computeNodes().stream()
                  .map(node -> node.name() + " " + node.cpus() + " " + node.memory())
                  .toList());
      for (NodeDefinition node : spec.computeNodes()) {
        assertThat(shell.ok("scontrol show node " + node.name()))
            .contains(
                "CPUTot=" + node.cpus(),
                "RealMemory=" + node.memory(),
                "State=IDLE",
                node.hasGpus() ? "Gres=gpu:fake:" + node.gpus().get("fake") : "Gres=(null)",
                node.hasGpus() ? "ActiveFeatures=gpu" : "ActiveFeatures=(null)");
      }
      for (PartitionDefinition partition : spec.partitions()) {
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
    List<SlurmCluster> clusters = Releases.two().stream().map(v -> shared(v)).toList();

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

    assertThat(engine.listContainers(labels(cluster)))
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

  @Test
  void startOfARunningClusterIsQuickAndChangesNothing() {
    SlurmCluster cluster = shared(SlurmVersion.DEFAULT);
    Connection before = cluster.connection().orElseThrow();
    List<ContainerSummary> containers = engine.listContainers(labels(cluster));

    assertThat(cluster.start()).isEqualTo(before);

    assertThat(engine.listContainers(labels(cluster))).isEqualTo(containers);
  }

  @ParameterizedTest(name = "{0}")
  @Releases.Two
  void jobsSurviveAStopAndAnEditIsHonoured(SlurmVersion version) throws IOException {
    SlurmCluster cluster = own(builder("stop").slurmVersion(version.release()));
    cluster.start();
    String held;
    String waiting;
    try (SlurmShell shell = shell(cluster)) {
      held = shell.ok("sbatch --parsable --hold --output=held.txt --wrap 'echo held'");
      waiting = shell.ok("sbatch --parsable --begin=now+1hour --wrap true");
      shell.ok("echo kept > file");
    }

    cluster.stop();
    assertThat(cluster.connection()).isEmpty();
    append(cluster, CONFIG, "MaxJobCount=4321\n");
    cluster.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.awaitState(waiting, "[A-Z]+")).isEqualTo("PENDING");
      assertThat(shell.awaitState(held, "[A-Z]+")).isEqualTo("PENDING");
      shell.ok("scontrol release " + held);
      shell.awaitState(held, "COMPLETED");
      assertThat(shell.download("held.txt")).isEqualTo("held\n");
      assertThat(shell.download("file")).isEqualTo("kept\n");
      assertThat(shell.ok("scontrol show config")).containsPattern("MaxJobCount +=? *4321");
    }
  }

  @ParameterizedTest(name = "{0}, restart of {1}")
  @MethodSource("restarts")
  void jobsThatRanOnAStoppedNodeAreRequeuedOrFail(SlurmVersion version, String node)
      throws IOException {
    SlurmCluster cluster =
        own(builder("lost").preset("multi-node").slurmVersion(version.release()));
    cluster.start();
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
    return Releases.two().stream()
        .flatMap(
            version -> Stream.of(Arguments.of(version, "all"), Arguments.of(version, "compute-1")));
  }

  @Test
  void passwordLoginCanBeOff() throws IOException {
    SlurmCluster cluster = own(builder("no-password").passwordLogin(false));
    Connection connection = cluster.start();

    assertThat(connection.sshPassword()).isEmpty();
    assertThatThrownBy(() -> SlurmShell.withPassword(connection, "slurm"))
        .isInstanceOf(UserAuthException.class);
    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("id -un")).isEqualTo("slurm");
    }
  }

  @Test
  void overrideIsHonouredAndABrokenFileIsNamed() throws IOException {
    SlurmCluster cluster = own(builder("override"));
    cluster.create();
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
    cluster.start();

    assertThat(engine.listContainers(labels(cluster))).hasSize(2);
    ContainerSummary node =
        engine
            .listContainers(
                Map.of(
                    DIRECTORY,
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
    assertThatThrownBy(cluster::start)
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("docker-compose.override.yml, line 3")
        .hasMessageContaining("environmnt");
  }

  @ParameterizedTest(name = "{0}")
  @Releases.Two
  void brokenSlurmConfFailsWithinSecondsAndSaysWhy(SlurmVersion version) throws IOException {
    SlurmCluster cluster = own(builder("broken").slurmVersion(version.release()));
    cluster.create();
    append(cluster, CONFIG, "NoSuchParameter=yes\n");
    long begin = System.nanoTime();

    SlurmClusterException failure = startFails(cluster);

    assertThat(since(begin)).isLessThan(Duration.ofSeconds(20));
    assertThat(failure)
        .hasMessageContaining("Cluster broken: node slurm exited with code 1")
        .hasMessageContaining(
            "Likely cause: %s, line %d: Slurm has no parameter 'NoSuchParameter'; correct it"
                .formatted(
                    cluster.directory().resolve(CONFIG),
                    Files.readAllLines(cluster.directory().resolve(CONFIG)).size()))
        .hasMessageContaining("All logs: " + cluster.directory().resolve("logs"));
    assertThat(cluster.directory().resolve("logs/slurm.log")).content().contains("NoSuchParameter");
    assertNothingIsLeftOf(cluster);
    assertThat(cluster.directory().resolve(CONFIG)).content().contains("NoSuchParameter");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "config/slurm.conf, MaxJobCount=many, MaxJobCount: 'many' is not a number",
    "config/gres.conf,  Nam=gpu,          Slurm has no parameter 'Nam'"
  })
  void brokenEditOfARunningClusterIsToldWithFileAndLine(String file, String line, String problem)
      throws IOException {
    SlurmCluster cluster = own(builder("broken-later").preset("gpu"));
    cluster.start();
    append(cluster, file, line + "\n");
    Path edited = cluster.directory().resolve(file);

    SlurmClusterException failure = startFails(cluster);

    assertThat(failure)
        .hasMessageContaining(
            "Likely cause: %s, line %d: %s; correct it"
                .formatted(edited, Files.readAllLines(edited).size(), problem));
    assertThat(edited).content().endsWith(line + "\n");
  }

  @ParameterizedTest(name = "{0} s")
  @CsvSource({"1,still waiting for", "5,still waiting for nodes: ghost"})
  void timeoutSaysWhatItWaitedFor(int seconds, String missing) throws IOException {
    SlurmCluster cluster = own(builder("timeout").timeout(Duration.ofSeconds(seconds)));
    cluster.create();
    append(
        cluster,
        CONFIG,
        """
        NodeName=ghost NodeAddr=192.0.2.9 CPUs=1 RealMemory=100 State=UNKNOWN
        PartitionName=ghosts Nodes=ghost State=UP
        """);
    long begin = System.nanoTime();

    SlurmClusterException failure = startFails(cluster);

    assertThat(since(begin)).isLessThan(Duration.ofSeconds(seconds + 15));
    assertThat(failure)
        .hasMessageContaining(
            "Cluster timeout: not ready within " + seconds + " s (timeout), " + missing)
        .hasMessageContaining("slurm  running");
    assertThat(cluster.directory().resolve("logs/slurm.log")).exists();
    assertNothingIsLeftOf(cluster);
  }

  @Test
  void destroyWorksWithTheDirectoryGone() throws IOException {
    SlurmCluster cluster = own(builder("gone"));
    cluster.start();
    try (Stream<Path> paths = Files.walk(cluster.directory())) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    assertThat(engine.listContainers(labels(cluster))).hasSize(1);

    cluster.destroy();

    assertNothingIsLeftOf(cluster);
    assertThat(cluster.directory()).doesNotExist();
  }

  @Test
  void directoryWithAHostileNameWorks() throws IOException {
    SlurmCluster cluster =
        own(builder("name").outputDirectory(OUTPUT.resolve("a 'b' \"c\" $HOME ünï#:")));
    cluster.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("srun hostname")).isEqualTo("slurm");
    }
  }
}
