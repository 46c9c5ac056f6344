/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.CollectedOutput;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.FakeContainerEngine.Operation;
import io.github.slurmmaven.engine.TestTerminal;
import io.github.slurmmaven.files.ClusterDirectory;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.files.ClusterLock;
import io.github.slurmmaven.status.ClusterStatus;
import io.github.slurmmaven.status.ClusterStatus.State;
import io.github.slurmmaven.status.ClusterTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people do with a cluster that exists: a controller, compute-0 and compute-1. */
@Timeout(120)
class ByHandTest {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final LogRequest ALL_LINES =
      new LogRequest(OptionalInt.empty(), Optional.empty(), false);

  private final Path directory;
  private final FakeBackend backend = new FakeBackend();
  private final ClusterRequest request;
  private final SlurmCluster cluster;

  /** What commands answer whose line has a word in it. */
  private final Map<String, CommandResult> answers = new ConcurrentHashMap<>();

  /** Commands that were run: node, user and line. */
  private final List<String> commands = new CopyOnWriteArrayList<>();

  ByHandTest(@TempDir Path directory) {
    this.directory = directory;
    request = builder().build();
    cluster = request.cluster();
    backend.engine.onExec(
        (node, command) -> {
          String line = String.join(" ", command.command());
          commands.add(
              node.labels().get("io.github.slurmmaven.node") + " " + command.user() + " " + line);
          return answers.entrySet().stream()
              .filter(answer -> line.contains(answer.getKey()))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse(new CommandResult(0, "", ""));
        });
    answers.put("version partition node job", new CommandResult(0, snapshot(), ""));
    answers.put("id --user", new CommandResult(0, "1000\n", ""));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private ClusterRequest.Builder builder() {
    return backend.cluster(directory.resolve(".slurm-cluster")).preset("multi-node");
  }

  /** What real clusters have answered, with names of this one. */
  private static List<String> real(String file, String begin) {
    try (Stream<String> lines = Files.lines(Path.of("src/test/resources/slurm/24.11", file))) {
      return lines.filter(line -> line.startsWith(begin)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String snapshot() {
    String idle = real("cluster-multi-node.txt", "NodeName=compute-2 ").get(0);
    String partition = real("cluster-multi-node.txt", "PartitionName=cpu ").get(0);
    return String.join(
        "\n",
        "slurm 24.11.5",
        partition.replace("compute-[0-3]", "compute-[0-1]"),
        idle.replace("compute-2", "compute-0"),
        idle.replace("compute-2", "compute-1"),
        "No jobs in the system\n");
  }

  private static String job(String state) {
    return real("jobs.txt", "JobId=113 ")
            .get(0)
            .replace("=113 ", "=12 ")
            .replace(" NodeList=slurm ", " NodeList=compute-0 ")
            .replace("COMPLETED", state)
        + "\n";
  }

  private String container(String node) {
    return backend.engine.listContainers(Map.of()).stream()
        .map(ContainerSummary::name)
        .filter(name -> name.contains("-" + node + "-"))
        .findFirst()
        .orElseThrow();
  }

  private boolean runs(String node) {
    return backend.engine.inspectContainer(container(node)).running();
  }

  private Path file(String name) {
    return cluster.directory().resolve(name);
  }

  private static UserMistakeException mistake(Runnable action) {
    try {
      action.run();
    } catch (UserMistakeException e) {
      return e;
    }
    throw new AssertionError("no mistake");
  }

  @Nested
  @DisplayName("status")
  class Status {

    @Test
    void isRunningWhenEveryNodeWorks() {
      request.start();

      ClusterStatus status = cluster.status();

      assertThat(status.status()).isEqualTo(State.RUNNING);
      assertThat(status.nodes())
          .extracting(ClusterStatus.NodeStatus::name)
          .containsExactly("controller", "compute-0", "compute-1");
      assertThat(status.owner()).contains("hand");
      assertThat(status.connection())
          .hasValueSatisfying(reach -> assertThat(reach.port()).isPositive());
    }

    @Test
    void isThatOfTheRegistryToo() {
      ClusterRequest withRegistryRequest =
          builder()
              .registry(registry -> registry.withRegistry(true))
              .registry(registry -> registry.registryPort(0))
              .build();
      SlurmCluster withRegistry = withRegistryRequest.cluster();
      backend.engine.withPullableImage("registry:2");
      withRegistryRequest.create();
      // It need not answer here.
      backend
          .connect()
          .provisioner()
          .up(
              new ClusterFiles(new ClusterId(cluster.name(), cluster.directory())),
              Owner.byHand(),
              backend.progress);

      assertThat(cluster.status().status()).isEqualTo(State.RUNNING);

      backend.engine.exit(container("registry"), 2);
      assertThat(cluster.status().status()).isEqualTo(State.DEGRADED);
      assertThat(cluster.status().problem()).contains("node registry is dead (exited with code 2)");
      assertThat(
              mistake(
                  () ->
                      cluster.run(
                          List.of("registry"),
                          Optional.empty(),
                          List.of("ls"),
                          node -> new CollectedOutput(),
                          SOON)))
          .hasMessage(
              "Cluster slurm-test has no node 'registry': it has controller, compute-0, compute-1");
    }

    @Test
    void isDegradedWithTheReasonWhenANodeHasDied() {
      request.start();
      backend.engine.exit(container("compute-1"), 137);

      ClusterStatus status = cluster.status();

      assertThat(status.status()).isEqualTo(State.DEGRADED);
      assertThat(status.nodes())
          .filteredOn(node -> !node.well())
          .singleElement()
          .satisfies(
              node -> {
                assertThat(node.name()).isEqualTo("compute-1");
                assertThat(node.running()).isFalse();
                assertThat(node.reason()).hasValueSatisfying(r -> assertThat(r).contains("137"));
              });
    }

    @Test
    void isFailedWhenTheControllerHasDiedAndSlurmIsNotAsked() {
      request.start();
      backend.engine.exitOutOfMemory(container("controller"));
      commands.clear();

      ClusterStatus status = cluster.status();

      assertThat(status.status()).isEqualTo(State.FAILED);
      assertThat(status.problem()).hasValueSatisfying(p -> assertThat(p).contains("out of memory"));
      assertThat(commands).isEmpty();
    }

    @Test
    void isFailedInSlurmsWordsWhenSlurmctldDoesNotAnswer() {
      request.start();
      answers.put(
          "version partition node job",
          new CommandResult(75, "", "Slurmctld(primary) at controller is DOWN\n"));

      ClusterStatus status = cluster.status();

      assertThat(status.status()).isEqualTo(State.FAILED);
      assertThat(status.problem())
          .hasValueSatisfying(
              p -> assertThat(p).contains("Slurmctld(primary) at controller is DOWN"));
    }

    @Test
    void isStoppedWhenNothingRuns() {
      request.start();
      cluster.stop();

      assertThat(cluster.status().status()).isEqualTo(State.STOPPED);
    }

    @Test
    void isCreatedWhenThereAreOnlyFiles() {
      request.create();

      assertThat(cluster.status().status()).isEqualTo(State.CREATED);
    }

    @Test
    void isStillToldWhenTheDirectoryIsGone() throws IOException {
      request.start();
      // As somebody does who cleans up by hand.
      try (Stream<Path> files = Files.walk(cluster.directory())) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }

      ClusterStatus status = cluster.status();

      assertThat(status.status()).isEqualTo(State.RUNNING);
      assertThat(status.directoryExists()).isFalse();
      assertThat(status.connection()).isEmpty();
    }

    @Test
    void isStartingWhileSomebodyWorksOnIt() throws Exception {
      request.start();
      backend.engine.exit(container("compute-0"), 1);
      ClusterDirectory files = new ClusterDirectory(cluster.directory());

      try (ClusterLock held = files.lock(() -> {})) {
        assertThat(cluster.status().status()).isEqualTo(State.STARTING);
      }
      assertThat(cluster.status().status()).isEqualTo(State.DEGRADED);
    }
  }

  @Nested
  @DisplayName("list")
  class Lists {

    private final Instant now = Instant.parse("2026-11-20T12:00:00Z");

    private ClusterTable table() {
      return new ClusterTable(new Clusters(() -> List.of(backend.connect())).list(directory), now);
    }

    @Test
    void saysOfOneThatNeverRanWhatItsStatusSays() throws IOException {
      request.create();

      assertThat(cluster.status().status().word()).isEqualTo("created");
      assertThat(table().text().lines().map(line -> line.replaceAll(" +", " ")))
          .last(InstanceOfAssertFactories.STRING)
          .isEqualTo("slurm-test created 0/3 - - - " + cluster.directory());

      Files.writeString(file("cluster.yaml"), "nodes: broken\n");
      assertThat(table().text()).contains("slurm-test  created  0/0");
    }

    @Test
    void saysThatThereIsNone() {
      assertThat(table().text()).isEqualTo("There are no clusters: slurm:start makes one\n");
    }

    @Test
    void saysOfEachHowMuchOfItRuns() {
      request.start();
      builder().name("other").build().start();
      backend.engine.exit(container("compute-1"), 1);

      assertThat(table().text().lines().map(line -> line.replaceAll(" +", " ")))
          .satisfiesExactly(
              header -> assertThat(header).isEqualTo("NAME STATUS NODES SSH AGE OWNER DIRECTORY"),
              other -> assertThat(other).startsWith("other running 3/3 127.0.0.1:"),
              mine ->
                  assertThat(mine)
                      .startsWith("slurm-test degraded 2/3 127.0.0.1:")
                      .endsWith(" hand " + cluster.directory()));
    }

    @Test
    void saysThatADirectoryIsGone() throws IOException {
      request.start();
      Files.move(cluster.directory(), directory.resolve("elsewhere"));

      assertThat(table().text()).contains(cluster.directory() + " (gone)");
      assertThat(table().json()).contains("\"directoryExists\" : false");
    }
  }

  @Nested
  @DisplayName("logs")
  class Logs {

    private final List<String> lines = new CopyOnWriteArrayList<>();

    private void receive(String node, String line) {
      lines.add(node + ": " + line);
    }

    @Test
    void areThoseOfAllNodesOneAfterTheOther() {
      request.start();
      backend.engine.withLog(container("controller"), "slurmctld is up\nit works\n");
      backend.engine.withLog(container("compute-1"), "slurmd is up\n");

      cluster.logs(Optional.empty(), ALL_LINES, this::receive);

      assertThat(lines)
          .containsExactly(
              "controller: slurmctld is up", "controller: it works", "compute-1: slurmd is up");
    }

    @Test
    void areTheLastLinesOfOneNode() {
      request.start();
      backend.engine.withLog(container("controller"), "one\ntwo\nthree\n");

      cluster.logs(
          Optional.of("controller"),
          new LogRequest(OptionalInt.of(2), Optional.empty(), false),
          this::receive);

      assertThat(lines).containsExactly("controller: two", "controller: three");
    }

    @Test
    void areThoseOfANodeThatHasEnded() {
      request.start();
      backend.engine.withLog(container("compute-0"), "slurmd: fatal: no\n");
      backend.engine.exit(container("compute-0"), 1);

      cluster.logs(Optional.of("compute-0"), ALL_LINES, this::receive);

      assertThat(lines).containsExactly("compute-0: slurmd: fatal: no");
    }

    @Test
    void ofSeveralNodesAreFollowedUntilTheirEnd() {
      request.start();
      CompletableFuture<Void> following =
          CompletableFuture.runAsync(
              () ->
                  cluster.logs(
                      Optional.empty(),
                      new LogRequest(OptionalInt.empty(), Optional.empty(), true),
                      this::receive));

      for (String node : List.of("controller", "compute-0", "compute-1")) {
        backend.engine.appendLog(container(node), "new on " + node);
        backend.engine.exit(container(node), 0);
      }

      assertThat(following).succeedsWithin(SOON);
      assertThat(lines)
          .containsExactlyInAnyOrder(
              "controller: new on controller",
              "compute-0: new on compute-0",
              "compute-1: new on compute-1");
    }

    @Test
    void ofANegativeNumberOfLinesAreRefused() {
      request.start();

      assertThat(
              mistake(
                  () ->
                      cluster.logs(
                          Optional.empty(),
                          new LogRequest(OptionalInt.of(-1), Optional.empty(), false),
                          (node, line) -> {})))
          .hasMessage("tail: '-1' is too small: use 0 or more lines, or leave it out for all");
    }

    @Test
    void ofAnUnknownNodeAreAMistakeThatListsTheNodes() {
      request.start();

      assertThat(mistake(() -> cluster.logs(Optional.of("compute-7"), ALL_LINES, this::receive)))
          .hasMessage(
              "Cluster slurm-test has no node 'compute-7': it has controller, compute-0,"
                  + " compute-1");
    }

    @Test
    void ofNothingAreAMistake() {
      assertThat(mistake(() -> cluster.logs(Optional.empty(), ALL_LINES, this::receive)))
          .hasMessage("Cluster slurm-test does not run: slurm:start starts it");
    }
  }

  @Nested
  @DisplayName("The exported logs")
  class Export {

    @Test
    void tellEverythingButSecrets() throws IOException {
      request.start();
      backend.engine.withLog(container("compute-0"), "slurmd is up\n");
      answers.put("sinfo --all --long --Node", new CommandResult(0, "NODELIST\n", ""));
      Path target = directory.resolve("new/logs of it");

      cluster.exportLogs(target);

      assertThat(target.resolve("logs/compute-0.log")).content().isEqualTo("slurmd is up\n");
      assertThat(target.resolve("sinfo.txt")).content().isEqualTo("NODELIST\n");
      assertThat(target.resolve("containers.txt"))
          .content()
          .contains("compute-1  compute  running");
      assertThat(target.resolve("files/config/slurm.conf")).exists();
      String munge = Files.readString(file("secrets/munge.key"), ISO_8859_1);
      try (Stream<Path> files = Files.walk(target)) {
        assertThat(files.filter(Files::isRegularFile))
            .isNotEmpty()
            .allSatisfy(
                file ->
                    assertThat(Files.readString(file, ISO_8859_1))
                        .doesNotContain("PRIVATE KEY", munge, "sshPassword", "password=slurm"));
      }
    }

    @Test
    void areWhatIsLeftOfAClusterWhoseControllerHasDied() {
      request.start();
      backend.engine.exit(container("controller"), 1);
      Path target = directory.resolve("logs");

      cluster.exportLogs(target);

      assertThat(target.resolve("containers.txt")).content().contains("exited with code 1");
      assertThat(target.resolve("sinfo.txt")).doesNotExist();
    }

    @Test
    void nameTheDirectoryThatCannotBeWritten() throws IOException {
      request.start();
      Path target = Files.createFile(directory.resolve("file"));

      assertThat(mistake(() -> cluster.exportLogs(target)))
          .hasMessageContaining("export: the logs cannot be written to " + target);
    }

    @Test
    void ofNothingAreAMistake() {
      assertThat(mistake(() -> cluster.exportLogs(directory.resolve("logs"))))
          .hasMessage("There is nothing of cluster slurm-test");
    }
  }

  @Nested
  @DisplayName("A command in code")
  class CommandsInCode {

    @Test
    void ofOneStringIsACommandLineForBashAtHome() {
      request.start();
      answers.put("sinfo", new CommandResult(0, "idle\n", ""));
      commands.clear();

      assertThat(cluster.run("sinfo -N -o '%T' | sort -u").stdout()).isEqualTo("idle\n");
      assertThat(commands)
          .containsExactly("controller slurm bash -c cd\nsinfo -N -o '%T' | sort -u");
    }

    @Test
    void ofAListIsAProgramAndItsArguments() {
      request.start();
      commands.clear();

      cluster.run(List.of("echo", "$HOME"));

      assertThat(commands).containsExactly("controller slurm echo $HOME");
    }

    @Test
    void throwsWithCommandExitCodeAndStandardErrorUnlessTheResultIsAskedFor() {
      request.start();
      CommandResult unknown =
          new CommandResult(127, "some\n", "bash: line 2: sinf: command not found\n");
      answers.put("sinf -N", unknown);

      assertThatThrownBy(() -> cluster.run("sinf -N"))
          .isExactlyInstanceOf(SlurmClusterException.class)
          .hasMessage(
              "On cluster slurm-test, 'sinf -N' ended with exit code 127: bash: line 2: sinf:"
                  + " command not found (where that is expected, use tryRun)");
      assertThatThrownBy(() -> cluster.run(List.of("sinf", "-N")))
          .hasMessageContaining("'sinf -N' ended with exit code 127");
      assertThat(cluster.tryRun("sinf -N"))
          .isEqualTo(new CommandResult(127, unknown.stdout(), unknown.stderr()));
      assertThat(cluster.tryRun(List.of("sinf", "-N")).exitCode()).isEqualTo(127);
    }

    @Test
    void thatFailsWithoutStandardErrorIsToldWithItsOutput() {
      request.start();
      answers.put("diff", new CommandResult(1, "> b\n", ""));

      assertThatThrownBy(() -> cluster.run("diff a b")).hasMessageContaining("code 1: > b (");
      answers.put("diff", new CommandResult(1, "", ""));
      assertThatThrownBy(() -> cluster.run("diff a b")).hasMessageContaining("code 1 (where");
    }

    @Test
    void isRefusedWithANul() {
      assertThatThrownBy(() -> cluster.run("a\0b")).isInstanceOf(InvalidParameterException.class);
    }
  }

  @Nested
  @DisplayName("A command on nodes")
  class Commands {

    private Map<String, Integer> run(String... nodes) {
      commands.clear();
      return cluster.run(
          List.of(nodes),
          Optional.empty(),
          List.of("hostname"),
          node -> new CollectedOutput(),
          SOON);
    }

    @ParameterizedTest
    @CsvSource({
      "'', controller",
      "controller, controller",
      "compute, 'compute-0 compute-1'",
      "'compute-[0-1]', 'compute-0 compute-1'",
      "compute-1, compute-1",
      "all, 'controller compute-0 compute-1'"
    })
    void runsOnThoseThatAreMeant(String wanted, String nodes) {
      request.start();

      assertThat(wanted.isEmpty() ? run() : run(wanted))
          .containsOnlyKeys(nodes.split(" "))
          .allSatisfy((node, status) -> assertThat(status).isZero());
      assertThat(commands)
          .containsExactlyInAnyOrder(
              Stream.of(nodes.split(" ")).map(n -> n + " slurm hostname").toArray(String[]::new));
    }

    @Test
    void runsOnceOnANodeThatIsMeantTwice() {
      request.start();

      run("compute-0", "compute");

      assertThat(commands).hasSize(2);
    }

    @Test
    void leavesItsStatusOfEachNode() {
      request.start();
      answers.put("hostname", new CommandResult(3, "", ""));

      assertThat(run("compute"))
          .containsExactly(Map.entry("compute-0", 3), Map.entry("compute-1", 3));
    }

    @Test
    void knowsItsNode() {
      request.start();
      Map<String, String> names = new ConcurrentHashMap<>();
      backend.engine.onExec(
          (node, command) -> {
            names.put(
                node.labels().get("io.github.slurmmaven.node"),
                command.environment().getOrDefault("SLURMD_NODENAME", ""));
            return new CommandResult(0, "", "");
          });

      run("all");

      assertThat(names)
          .containsOnlyKeys("controller", "compute-0", "compute-1")
          .allSatisfy((node, name) -> assertThat(name).isEqualTo(node));
    }

    @Test
    void returnsWhatEachNodePrinted() {
      request.start();
      answers.put("whoami", new CommandResult(3, "slurm\n", "late\n"));

      assertThat(cluster.run(List.of("compute"), Optional.empty(), List.of("whoami"), SOON))
          .containsExactly(
              Map.entry("compute-0", new CommandResult(3, "slurm\n", "late\n")),
              Map.entry("compute-1", new CommandResult(3, "slurm\n", "late\n")));
    }

    @Test
    void isRunOnOneNodeAsAnotherUser() {
      request.start();
      answers.put("whoami", new CommandResult(7, "alice\n", "so\n"));
      CollectedOutput output = new CollectedOutput();

      int status = cluster.run("compute-1", Optional.of("alice"), List.of("whoami"), output, SOON);

      assertThat(status).isEqualTo(7);
      assertThat(output.stdout()).isEqualTo("alice\n");
      assertThat(commands).contains("compute-1 alice whoami");
    }

    @Test
    void isRefusedForAnUnknownNode() {
      request.start();

      assertThat(mistake(() -> run("compute-[0-7]")))
          .hasMessageContaining("no node 'compute-[0-7]': it has controller, compute-0, compute-1");
      assertThat(commands).isEmpty();
    }

    @Test
    void isRefusedForAnInvalidList() {
      request.start();

      assertThatThrownBy(() -> run("compute-[1-0]"))
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageContaining("on: 'compute-[1-0]'");
    }

    @Test
    void isRefusedForANodeThatDoesNotRun() {
      request.start();
      backend.engine.exit(container("compute-1"), 137);

      assertThat(mistake(() -> run("all")))
          .hasMessageContaining(
              "Node compute-1 of cluster slurm-test does not run (exited with code 137")
          .hasMessageContaining("slurm:start starts it");
      assertThat(commands).isEmpty();
    }

    @Test
    void isRefusedInOneWayOnAStoppedCluster() throws IOException {
      request.start();
      cluster.stop();
      String stopped =
          "Cluster slurm-test does not run (controller exited with code 0, compute-0 exited with"
              + " code 0, compute-1 exited with code 0): slurm:start starts it";

      assertThat(mistake(() -> run())).hasMessage(stopped);
      assertThat(mistake(() -> run("compute-1"))).hasMessage(stopped);
      assertThat(mistake(() -> run("all"))).hasMessage(stopped);
      assertThat(mistake(() -> cluster.run("sinfo"))).hasMessage(stopped);
      Path script = Files.writeString(directory.resolve("job.sh"), "#!/bin/sh\n");
      assertThat(mistake(() -> cluster.check(script, Optional.empty(), List.of())))
          .hasMessage(stopped);
    }

    @Test
    void isRefusedWhenNothingRuns() {
      request.create();

      assertThat(mistake(() -> run()))
          .hasMessage("Cluster slurm-test does not run: slurm:start starts it");
    }
  }

  @Nested
  @DisplayName("copy")
  class Copies {

    @Test
    void reachesAllNodesAndComesBackWithItsDirectories() throws IOException {
      request.start();
      Path data = Files.createDirectories(directory.resolve("my data/deeper")).getParent();
      Files.writeString(data.resolve("a file"), "a");
      Files.writeString(data.resolve("deeper/b"), "b");

      cluster.copy(data, List.of(), "/opt/my data");
      for (String node : List.of("controller", "compute-0", "compute-1")) {
        cluster.copyBack(
            Optional.of(node), "/opt/my data", directory.resolve("back").resolve(node));

        assertThat(directory.resolve("back").resolve(node).resolve("a file"))
            .content()
            .isEqualTo("a");
        assertThat(directory.resolve("back").resolve(node).resolve("deeper/b"))
            .content()
            .isEqualTo("b");
      }
    }

    @Test
    void ofARelativePathBeginsAtHomeAsScpDoes() throws IOException {
      request.start();
      Path file = Files.writeString(directory.resolve("file"), "a");

      cluster.copy(file, List.of(), "data2");
      cluster.copyBack(Optional.empty(), "/home/slurm/data2", directory.resolve("absolute"));
      cluster.copyBack(Optional.empty(), "data2", directory.resolve("relative"));

      assertThat(directory.resolve("absolute")).content().isEqualTo("a");
      assertThat(directory.resolve("relative")).content().isEqualTo("a");
    }

    @Test
    void neverReplacesADirectoryByAFile() throws IOException {
      request.start();
      Path file = Files.writeString(directory.resolve("file"), "a");
      cluster.copy(file, List.of(), "/home/slurm/precious");

      assertThat(mistake(() -> cluster.copy(file, List.of("controller"), "/home/slurm")))
          .hasMessage(
              "target: '/home/slurm' of node controller would be replaced, as one is a file and the"
                  + " other a directory: name another");
      cluster.copyBack(Optional.empty(), "/home/slurm/precious", directory.resolve("back"));
      assertThat(directory.resolve("back")).content().isEqualTo("a");
    }

    @Test
    void reachesOnlyTheNodesThatAreMeantAndComesFromTheController() throws IOException {
      request.start();
      Path script = Files.writeString(directory.resolve("script"), "x");

      cluster.copy(script, List.of("controller"), "/opt/script");
      cluster.copyBack(Optional.empty(), "/opt/script", directory.resolve("back"));

      assertThat(directory.resolve("back")).content().isEqualTo("x");
      assertThatThrownBy(
              () ->
                  cluster.copyBack(
                      Optional.of("compute-0"), "/opt/script", directory.resolve("other")))
          .isInstanceOf(UserMistakeException.class)
          .hasMessage("source: node compute-0 has no file or directory '/opt/script'");
    }

    @Test
    void isRefusedBeforeAnythingIsAskedWhenAPathIsWrong() throws IOException {
      Path there = Files.createFile(directory.resolve("there"));

      assertThat(mistake(() -> cluster.copy(directory.resolve("missing"), List.of(), "/opt/x")))
          .hasMessageContaining("missing' does not exist");
      assertThat(mistake(() -> cluster.copy(there, List.of(), "")))
          .hasMessage(
              "target: '' is not a path in the cluster: name a file or directory after the colon");
      assertThat(mistake(() -> cluster.copyBack(Optional.empty(), "a\0b", there)))
          .hasMessageContaining("has a NUL");
      assertThat(backend.engine.calls()).isEmpty();
    }
  }

  @Nested
  @DisplayName("A shell")
  class Shells {

    @Test
    void isNotOpenedWhereNothingRuns() {
      request.create();
      assertThat(
              mistake(
                  () ->
                      cluster.shell(
                          Optional.empty(),
                          Optional.empty(),
                          () -> {
                            throw new AssertionError("the terminal was taken");
                          })))
          .hasMessage("Cluster slurm-test does not run: slurm:start starts it");
      assertThat(
              mistake(
                  () ->
                      cluster.ssh(
                          Optional.empty(),
                          "true",
                          new ByteArrayOutputStream(),
                          new ByteArrayOutputStream())))
          .hasMessage("Cluster slurm-test does not run: slurm:start starts it");
    }

    @Test
    void isNotOpenedWithoutTheKeysOfADirectoryThatIsGone() throws IOException {
      request.start();
      Files.move(cluster.directory(), directory.resolve("elsewhere"));

      assertThat(
              mistake(
                  () ->
                      cluster.ssh(
                          Optional.empty(),
                          "true",
                          new ByteArrayOutputStream(),
                          new ByteArrayOutputStream())))
          .hasMessage(
              "There are no files of cluster slurm-test in %s, nor keys to log in with: name a node, which needs no keys",
              cluster.directory());
    }

    @Test
    void isNotOpenedOnAnUnknownNode() {
      request.start();

      assertThat(
              mistake(
                  () ->
                      cluster.shell(
                          Optional.of("nowhere"),
                          Optional.empty(),
                          () -> {
                            throw new AssertionError("the terminal was taken");
                          })))
          .hasMessageContaining("no node 'nowhere'");
    }

    @Test
    void onANodeHasTheTerminalAndLeavesItsStatus() throws Exception {
      request.start();
      List<String> run = new ArrayList<>();
      backend.engine.onTerminal(
          (command, terminal) -> {
            run.add(command.user() + " " + String.join(" ", command.command()));
            try {
              terminal.output().write("hello".getBytes(UTF_8));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            return 4;
          });
      TestTerminal terminal = new TestTerminal();

      int status = cluster.shell(Optional.of("compute-1"), Optional.of("root"), () -> terminal);

      assertThat(status).isEqualTo(4);
      assertThat(terminal.text()).isEqualTo("hello");
      assertThat(run).containsExactly("root bash -c cd; exec bash --login");
    }
  }

  @Nested
  @DisplayName("submit")
  class Submits {

    private final CollectedOutput output = new CollectedOutput();

    private Job submit(Path script, Optional<String> user) {
      return answered(script, user).orElseThrow();
    }

    private Optional<Job> answered(Path script, Optional<String> user) {
      return cluster.submit(script, user, List.of("--partition=cpu"), List.of("a b"), output, SOON);
    }

    private Path script() {
      try {
        return Files.writeString(directory.resolve("my job.sh"), "#!/bin/sh\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void answerWith(String state) {
      answers.put("exec sbatch", new CommandResult(0, "job 12 1000\n", "a warning\n"));
      answers.put(",COMPLETED,", new CommandResult(0, job(state), ""));
      answers.put("follow 12 1000 0 ", new CommandResult(0, "said by the job\n", ""));
    }

    @Test
    void showsTheOutputAndAnswersWithTheEndedJob() {
      request.start();
      answerWith("COMPLETED");

      Job job = submit(script(), Optional.of("alice"));

      assertThat(job.id()).isEqualTo(JobId.of("12"));
      assertThat(job.state()).isEqualTo(JobState.COMPLETED);
      assertThat(output.stdout()).isEqualTo("said by the job\n");
      assertThat(commands)
          .anySatisfy(
              line ->
                  assertThat(line)
                      .startsWith("controller alice bash -c exec bash --login")
                      .containsPattern(
                          "--partition=cpu /tmp/slurm-submit-[0-9a-f-]+/my job\\.sh a b$"));
    }

    @Test
    void onlyTheUserCanReadTheScriptAndNoCopyIsLeft() {
      request.start();
      answerWith("COMPLETED");
      commands.clear();

      submit(script(), Optional.empty());

      assertThat(
              commands.stream()
                  .map(line -> line.replaceAll("submit-[0-9a-f-]{36}", "submit-X"))
                  .toList())
          .containsSubsequence(
              "controller slurm id --user",
              "controller root mkdir --mode=0700 /tmp/slurm-submit-X",
              "controller root chown --recursive 1000 /tmp/slurm-submit-X",
              "controller root rm -rf /tmp/slurm-submit-X");
    }

    @Test
    void ofAMissingScriptIsAMistakeOfThatParameter() {
      request.start();

      assertThat(mistake(() -> submit(directory.resolve("none.sh"), Optional.empty())))
          .hasMessageContaining("script: '")
          .hasMessageContaining("none.sh' is not a file");
    }

    @Test
    void thatSbatchRefusesIsAMistakeInItsWordsAndLeavesNoCopy() {
      request.start();
      answers.put(
          "exec sbatch",
          new CommandResult(1, "", "sbatch: error: invalid partition specified: cpu\n"));

      assertThat(mistake(() -> submit(script(), Optional.empty())))
          .hasMessageContaining("sbatch: error: invalid partition specified: cpu");
      assertThat(commands.get(commands.size() - 1)).contains("root rm -rf /tmp/slurm-submit-");
    }

    @Test
    void asAnUnknownUserIsAMistake() {
      request.start();
      answers.put("id --user", new CommandResult(126, "unable to find user eve\n", ""));

      assertThat(mistake(() -> submit(script(), Optional.of("eve"))))
          .hasMessage(
              "user: 'eve' is not an account of cluster slurm-test: unable to find user eve");
    }

    @Test
    void thatDoesNotEndInTimeCancelsTheJob() {
      request.start();
      answerWith("RUNNING");
      answers.put(",COMPLETED,", new CommandResult(3, job("RUNNING"), "job 12 is RUNNING\n"));

      assertThatThrownBy(() -> submit(script(), Optional.empty()))
          .isExactlyInstanceOf(SlurmClusterException.class)
          .hasMessage("Not within 20 s: job 12 is RUNNING");
      assertThat(commands).contains("controller root scancel --quiet 12");
    }

    @Test
    void asksTheJobsNodeForItsOutputAndPassesOnSbatchsWarnings() {
      request.start();
      answerWith("COMPLETED");

      submit(script(), Optional.empty());

      assertThat(output.stderr()).isEqualTo("a warning\n");
      assertThat(commands)
          .anyMatch(line -> line.matches("(?s)compute-0 slurm bash -c .* follow 12 1000 0 .*"));
    }

    @Test
    void namesTheFileOfOutputThatCannotBeShown() {
      request.start();
      answerWith("COMPLETED");
      answers.put("follow 12 1000 0 ", new CommandResult(11, "", ""));

      submit(script(), Optional.empty());

      assertThat(backend.progress.warnings())
          .singleElement()
          .asString()
          .startsWith(
              "The standard output of job 12 cannot be shown: node compute-0 has no file '/");
    }

    @Test
    void thatMakesNoJobIsAnsweredWithNone() {
      request.start();
      answers.put("exec sbatch", new CommandResult(0, "Usage: sbatch\n", "Job 4 to start\n"));

      assertThat(answered(script(), Optional.empty())).isEmpty();
      assertThat(output.stdout()).isEqualTo("Usage: sbatch\n");
      assertThat(output.stderr()).isEqualTo("Job 4 to start\n");
    }

    @Test
    void whoseOutputCannotBeShownSaysSoAndGoesOn() {
      request.start();
      answerWith("COMPLETED");
      backend.engine.onExec(
          (node, command) -> {
            String line = String.join(" ", command.command());
            if (line.contains("follow 12 ")) {
              throw new EngineException(EngineException.Kind.OTHER, "no more output", null);
            }
            return answers.entrySet().stream()
                .filter(answer -> line.contains(answer.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(new CommandResult(0, "", ""));
          });

      assertThat(submit(script(), Optional.empty()).state()).isEqualTo(JobState.COMPLETED);
      assertThat(backend.progress.warnings())
          .contains("The output of job 12 on node compute-0 could not be shown: no more output");
    }
  }

  @Nested
  @DisplayName("Waiting, and a clean queue")
  class Queue {

    @Test
    void isAMistakeForAJobThatSlurmDoesNotKnow() {
      request.start();
      answers.put(",COMPLETED,", new CommandResult(4, "", "no such job\n"));

      assertThat(mistake(() -> cluster.await(List.of(JobId.of("77")), SOON)))
          .hasMessageContaining("Slurm knows no job 77");
    }

    @Test
    void isRefusedWhereNothingRuns() {
      assertThat(mistake(() -> cluster.await(List.of(JobId.of("77")), SOON)))
          .hasMessageContaining("does not run");
      assertThat(mistake(cluster::awaitReady)).hasMessageContaining("does not run");
      assertThat(mistake(cluster::reset)).hasMessageContaining("does not run");
    }

    @Test
    void tellsWhatWasCleaned() {
      request.start();
      answers.put("job %s", new CommandResult(0, "job 3\njob 4\nnode compute-0\n", ""));

      cluster.reset();

      assertThat(backend.progress.steps())
          .last()
          .asString()
          .matches("Cluster slurm-test reset in [0-9.]+ s: 2 jobs cancelled, 1 node taken back");
    }

    @Test
    void tellsWhatIsLeftWhenItDoesNotBecomeClean() {
      request.start();
      answers.put("job %s", new CommandResult(3, "waiting for the end of jobs: 2\n", ""));

      assertThatThrownBy(cluster::reset)
          .isExactlyInstanceOf(SlurmClusterException.class)
          .hasMessageContaining("still waiting for the end of jobs: 2");
    }
  }

  @Nested
  @DisplayName("scale")
  class Scale {

    private List<String> nodes() {
      return backend
          .connect()
          .inventory()
          .nodes(new ClusterId(cluster.name(), cluster.directory()))
          .stream()
          .map(BackendNode::name)
          .toList();
    }

    @Test
    void addsNodesAndTakesThemAway() {
      request.start();

      cluster.scale(Optional.empty(), 3);
      assertThat(nodes()).containsExactly("controller", "compute-0", "compute-1", "compute-2");

      cluster.scale(Optional.of("cpu"), 1);
      assertThat(nodes()).containsExactly("controller", "compute-0");
    }

    @Test
    void isRefusedWhereNothingRuns() {
      request.create();

      assertThat(mistake(() -> cluster.scale(Optional.empty(), 3)))
          .hasMessage("Cluster slurm-test does not run: slurm:start starts it");
    }

    @Test
    void isRefusedForAControllerThatIsTheOnlyNode() {
      ClusterRequest singleRequest = builder().name("single").preset("cpu").build();
      SlurmCluster single = singleRequest.cluster();
      singleRequest.start();

      assertThat(mistake(() -> single.scale(Optional.empty(), 2)))
          .hasMessageContaining(
              "Cluster single has one node that is both its controller and its compute node");
    }

    @Test
    void neverOverwritesAFileThatWasEditedUnlessForced() throws IOException {
      request.start();
      Path configuration = file("config/slurm.conf");
      Files.writeString(configuration, Files.readString(configuration) + "# mine\n");

      assertThat(mistake(() -> cluster.scale(Optional.empty(), 3)))
          .hasMessageContaining("config/slurm.conf")
          .hasMessageContaining("force");
      assertThat(nodes()).containsExactly("controller", "compute-0", "compute-1");
      assertThat(configuration).content().endsWith("# mine\n");

      builder().force(true).build().cluster().scale(Optional.empty(), 3);
      assertThat(configuration).content().doesNotContain("# mine");
    }

    @Test
    void isRefusedForAnUnknownPartition() {
      request.start();

      assertThat(mistake(() -> cluster.scale(Optional.of("gpu"), 3)))
          .hasMessageContaining(
              "partition: 'gpu' is not a partition of cluster slurm-test, which has cpu");
    }
  }

  @Nested
  @DisplayName("restart")
  class Restart {

    @Test
    void ofANodeLeavesTheOthersAlone() {
      request.start();
      Instant controller =
          backend.engine.inspectContainer(container("controller")).startedAt().orElseThrow();
      int before = stops();

      cluster.restart(Optional.of("compute-1"));

      assertThat(stops() - before).isOne();
      assertThat(runs("compute-1")).isTrue();
      assertThat(backend.engine.inspectContainer(container("controller")).startedAt())
          .contains(controller);
    }

    private int stops() {
      return (int)
          backend.engine.calls().stream()
              .filter(call -> call.operation() == Operation.STOP_CONTAINER)
              .count();
    }

    @Test
    void ofAnUnknownNodeStopsNothing() {
      request.start();

      assertThat(mistake(() -> cluster.restart(Optional.of("compute-7"))))
          .hasMessageContaining("no node 'compute-7'");
      assertThat(stops()).isZero();
    }

    @Test
    void makesNoOtherClusterOfOneWhoseFilesAreGone() throws IOException {
      request.start();
      Files.move(cluster.directory(), directory.resolve("elsewhere"));

      assertThat(mistake(() -> cluster.restart(Optional.empty())))
          .hasMessageContaining("There are no files of cluster slurm-test in ")
          .hasMessageContaining("slurm:destroy");
      assertThat(mistake(() -> cluster.scale(Optional.empty(), 3)))
          .hasMessageContaining("There are no files of cluster slurm-test in ");
      assertThat(stops()).isZero();
    }

    @Test
    void ofAllStopsAll() {
      request.start();

      cluster.restart(Optional.empty());

      assertThat(stops()).isEqualTo(3);
      assertThat(runs("controller")).isTrue();
    }
  }

  @Nested
  @DisplayName("render")
  class Render {

    @Test
    void asksNoEngine() {
      ClusterRequest rendered =
          builder()
              .name("rendered")
              .backend(
                  () -> {
                    throw new AssertionError("an engine was asked for");
                  })
              .build();

      assertThat(rendered.render()).isTrue();
      assertThat(rendered.render()).isFalse();
      assertThat(rendered.directory().resolve("docker-compose.yml")).exists();
      assertThat(rendered.directory().resolve("config/slurm.conf"))
          .content()
          .contains("NodeName=compute-1");
    }

    @Test
    void isWhatAStartRuns() {
      request.render();

      assertThatCode(() -> builder().build().start()).doesNotThrowAnyException();
      assertThat(runs("compute-0")).isTrue();
    }
  }

  @Test
  void interruptedFollowersLeaveNoThread() throws InterruptedException {
    request.start();
    Thread following =
        new Thread(
            () ->
                assertThatThrownBy(
                        () ->
                            cluster.logs(
                                Optional.empty(),
                                new LogRequest(OptionalInt.empty(), Optional.empty(), true),
                                (node, line) -> {}))
                    .isInstanceOf(SlurmClusterException.class));
    following.start();
    while (backend.engine.calls().stream().filter(c -> c.operation() == Operation.LOGS).count()
        < 3) {
      TimeUnit.MILLISECONDS.sleep(5);
    }

    following.interrupt();

    following.join(SOON.toMillis());
    assertThat(following.isAlive()).isFalse();
  }
}
