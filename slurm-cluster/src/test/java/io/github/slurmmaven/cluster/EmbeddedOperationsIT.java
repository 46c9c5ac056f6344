/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.CollectedOutput;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.TestTerminal;
import io.github.slurmmaven.status.ClusterStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** What a person does with a cluster that runs as processes of this machine. */
@Tag("embedded")
@ParameterizedClass(name = "{0}")
@Releases.One
@Timeout(600)
class EmbeddedOperationsIT {

  private static final Duration TIMEOUT = Duration.ofSeconds(120);
  private static final Optional<String> LOGIN = Optional.empty();

  @TempDir private static Path site;

  private static SlurmCluster cluster;
  private static ClusterRequest clusterRequest;

  EmbeddedOperationsIT(SlurmVersion version) {
    assertThat(cluster.name()).endsWith(Integer.toString(version.year()));
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) {
    TestBackend.EMBEDDED.require();
    clusterRequest =
        TestBackend.EMBEDDED
            .cluster("operations-" + version.year())
            .outputDirectory(site)
            .preset("multi-node")
            .slurmVersion(version.release())
            .build();
    cluster = clusterRequest.cluster();
    clusterRequest.start();
  }

  @AfterParameterizedClassInvocation
  static void destroy() {
    cluster.destroy();
    Leftovers.assertNoneOf(cluster);
  }

  private static String slurm(String command) {
    CollectedOutput output = new CollectedOutput();
    assertThat(cluster.run("controller", LOGIN, List.of("bash", "-c", command), output, TIMEOUT))
        .as(() -> command + ": " + output.stderr())
        .isZero();
    return output.stdout().strip();
  }

  private static void awaitJob(String job, String state) throws InterruptedException {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    String now = "";
    while (System.nanoTime() < deadline) {
      now = slurm("squeue --noheader --states=all --format=%T --jobs=" + job);
      if (now.matches(state)) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("job " + job + " is " + now + " and not " + state);
  }

  /** A job that Slurm says runs may have no process yet. */
  private static void awaitProcess(String command) throws InterruptedException {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (Leftovers.processesOf(cluster.directory()).stream()
        .noneMatch(process -> process.endsWith(" " + command + " "))) {
      assertThat(System.nanoTime()).as(command + " runs").isLessThan(deadline);
      Thread.sleep(50);
    }
  }

  @Test
  void statusShowsTheBackendAndTheVersion() {
    ClusterStatus status = cluster.status();

    assertThat(status.status()).isEqualTo(ClusterStatus.State.RUNNING);
    assertThat(status.engine()).hasValueSatisfying(it -> assertThat(it).startsWith("embedded"));
    assertThat(status.owner()).hasValue(Owner.thisBuild().value());
    assertThat(status.startedAt())
        .hasValueSatisfying(since -> assertThat(since).isBefore(Instant.now()));
    assertThat(status.nodes())
        .extracting(ClusterStatus.NodeStatus::name, ClusterStatus.NodeStatus::running)
        .contains(
            org.assertj.core.groups.Tuple.tuple("controller", true),
            org.assertj.core.groups.Tuple.tuple("compute-0", true));
  }

  @Test
  void commandsRunWithBothStreamsAndStatus() {
    CollectedOutput output = new CollectedOutput();
    int status =
        cluster.run(
            "compute-0",
            LOGIN,
            List.of("bash", "-c", "echo out; echo err >&2; sinfo --version; pwd; exit 7"),
            output,
            TIMEOUT);

    assertThat(status).isEqualTo(7);
    assertThat(output.stdout()).startsWith("out\nslurm").endsWith("/home\n");
    assertThat(output.stderr()).isEqualTo("err\n");
    assertThat(cluster.run("compute-0", LOGIN, List.of("no-such"), new CollectedOutput(), TIMEOUT))
        .isEqualTo(127);
  }

  @Test
  void commandThatTakesTooLongIsKilledWithItsChildren() throws InterruptedException {
    assertThatThrownBy(
            () ->
                cluster.run(
                    "compute-0",
                    LOGIN,
                    List.of("bash", "-c", "sleep 4721; true"),
                    new CollectedOutput(),
                    Duration.ofMillis(300)))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("'sleep 4721; true' did not end within 0.3 s");
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (Leftovers.processesOf(cluster.directory()).stream()
        .anyMatch(process -> process.contains("sleep 4721"))) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(10);
    }
  }

  @Test
  void otherUsersAreRefusedByName() {
    assertThatThrownBy(
            () ->
                cluster.run(
                    "compute-0",
                    Optional.of("alice"),
                    List.of("id"),
                    new CollectedOutput(),
                    TIMEOUT))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("'alice'");
    for (String user : List.of("root", "slurm")) {
      assertThat(
              cluster.run(
                  "compute-0", Optional.of(user), List.of("id"), new CollectedOutput(), TIMEOUT))
          .isZero();
    }
  }

  @Test
  void copiesGoIntoTheHomeAndBack(@TempDir Path temporary) throws IOException {
    Path tree = Files.createDirectories(temporary.resolve("tree/sub"));
    Files.writeString(tree.resolve("file"), "content");

    cluster.copy(temporary.resolve("tree"), List.of("controller"), "/home/slurm/copied");
    assertThat(slurm("cat copied/sub/file")).isEqualTo("content");
    cluster.copyBack(Optional.empty(), "/home/slurm/copied", temporary.resolve("back"));

    assertThat(temporary.resolve("back/sub/file")).hasContent("content");
    assertThatThrownBy(
            () -> cluster.copyBack(Optional.empty(), "/home/slurm/none", temporary.resolve("none")))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("/home/slurm/none");
  }

  @Test
  void copiesElsewhereAreRefused(@TempDir Path temporary) throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "content");

    for (String target : List.of("/etc/slurm-test", "/home/slurm/../x", "/tmp", "/usr/x")) {
      assertThatThrownBy(() -> cluster.copy(file, List.of(), target))
          .as(target)
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith("target: " + target);
    }
  }

  @Test
  void logsAreOfTheNode() throws InterruptedException {
    List<String> all = new CopyOnWriteArrayList<>();
    cluster.logs(
        Optional.of("controller"),
        new LogRequest(OptionalInt.empty(), Optional.empty(), false),
        (node, line) -> all.add(node + " " + line));
    assertThat(all)
        .anyMatch(line -> line.matches("controller .*slurmctld version .*"))
        .anyMatch(line -> line.contains("munged"));

    List<String> last = new CopyOnWriteArrayList<>();
    cluster.logs(
        Optional.of("controller"),
        new LogRequest(OptionalInt.of(2), Optional.empty(), false),
        (node, line) -> last.add(node + " " + line));
    assertThat(last).hasSize(2);

    Instant now = Instant.now();
    Thread.sleep(5);
    slurm("srun true");
    List<String> recent = new CopyOnWriteArrayList<>();
    cluster.logs(
        Optional.of("controller"),
        new LogRequest(OptionalInt.empty(), Optional.of(now), false),
        (node, line) -> recent.add(line));
    assertThat(recent)
        .isNotEmpty()
        .allMatch(line -> line.startsWith("["))
        .noneMatch(line -> line.contains("Running as primary controller"));
  }

  @Test
  void logsAreFollowedUntilTheThreadIsInterrupted() throws InterruptedException {
    List<String> lines = new CopyOnWriteArrayList<>();
    Thread follower =
        new Thread(
            () ->
                assertThatThrownBy(
                        () ->
                            cluster.logs(
                                Optional.of("controller"),
                                new LogRequest(OptionalInt.of(0), Optional.empty(), true),
                                (node, line) -> lines.add(line)))
                    .hasMessageContaining("Interrupted"));
    follower.start();
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (lines.stream()
            .noneMatch(line -> line.contains("NodeList=") || line.contains("_job_complete"))
        && System.nanoTime() < deadline) {
      slurm("srun true");
    }
    follower.interrupt();
    follower.join(60_000);

    assertThat(follower.isAlive()).isFalse();
    assertThat(lines).isNotEmpty();
  }

  @Test
  void shellOnANodeHasTheTerminal() throws Exception {
    TestTerminal terminal = new TestTerminal();
    AtomicInteger status = new AtomicInteger(-1);
    Thread session =
        new Thread(
            () -> status.set(cluster.shell(Optional.of("compute-0"), LOGIN, () -> terminal)));
    session.start();
    terminal.type("stty size; echo $TERM; tty | grep -c pts\n");
    terminal.awaitText("24 80");
    terminal.awaitText("xterm-256color");
    terminal.resize(77, 22);
    terminal.type("stty size\n");
    terminal.awaitText("22 77");
    terminal.type("exit 5\n");
    session.join(60_000);

    assertThat(status).hasValue(5);
  }

  @Test
  void scriptIsSubmittedAndHeard(@TempDir Path temporary) throws IOException {
    Path script =
        Files.writeString(
            temporary.resolve("job.sh"), "#!/bin/sh\necho \"heard $1 on $SLURM_JOB_PARTITION\"\n");
    CollectedOutput output = new CollectedOutput();

    assertThat(cluster.submit(script, LOGIN, List.of(), List.of("argument"), output, TIMEOUT))
        .map(Job::state)
        .hasValue(JobState.COMPLETED);
    assertThat(output.stdout()).isEqualTo("heard argument on cpu\n");
  }

  @Test
  void interruptedSubmitCancelsItsJobAndLeavesNoProcess(@TempDir Path temporary) throws Exception {
    Path script =
        Files.writeString(temporary.resolve("unseen"), "#!/bin/sh\necho up\nsleep 4725\n");
    CollectedOutput output = new CollectedOutput();
    AtomicReference<List<String>> left = new AtomicReference<>();
    Thread watcher =
        new Thread(
            () -> {
              assertThatThrownBy(
                      () -> cluster.submit(script, LOGIN, List.of(), List.of(), output, TIMEOUT))
                  .hasMessageContaining("Interrupted");
              left.set(Leftovers.processesOf(cluster.directory()));
            });
    watcher.start();
    awaitProcess("sleep 4725");
    String job = slurm("squeue --noheader --format=%i --name=unseen");
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (output.stdout().isEmpty()) {
      assertThat(System.nanoTime()).as("output is shown").isLessThan(deadline);
      Thread.sleep(10);
    }

    watcher.interrupt();
    watcher.join(TIMEOUT.toMillis());

    assertThat(left.get())
        .noneMatch(process -> process.contains("follow ") || process.contains("tail "));
    awaitJob(job, "CANCELLED");
  }

  @Test
  void runningJobOfARestartedNodeFailsOrIsQueuedAgain() throws InterruptedException {
    String job = slurm("sbatch --parsable --nodelist=compute-1 --requeue --wrap 'sleep 4722'");
    String other = slurm("sbatch --parsable --nodelist=compute-0 --wrap 'sleep 4723'");
    awaitProcess("sleep 4722");
    awaitProcess("sleep 4723");

    cluster.restart(Optional.of("compute-1"));

    assertThat(slurm("scontrol show job " + job)).contains("Restarts=1");
    awaitJob(other, "RUNNING");
    assertThat(slurm("pgrep -cf '^sleep 472[3]'")).isEqualTo("1");
    slurm("scancel " + job + " " + other);
    awaitJob(other, "CANCELLED");
  }

  @Test
  void runningJobOfAStoppedClusterIsNoGhost() throws InterruptedException {
    String job = slurm("sbatch --parsable --requeue --wrap 'sleep 4724'");
    awaitProcess("sleep 4724");

    cluster.stop();
    clusterRequest.start();

    assertThat(slurm("scontrol show job " + job)).contains("Restarts=1");
    slurm("scancel " + job);
    awaitJob(job, "CANCELLED");
  }

  @Test
  void clusterGrowsAndShrinksWhileAJobRuns() throws InterruptedException {
    String job = slurm("sbatch --parsable --nodelist=compute-0 --wrap 'sleep 4725'");
    awaitProcess("sleep 4725");

    cluster.scale(Optional.empty(), 4);

    assertThat(slurm("srun -l --nodes=3 --exclude=compute-0 sh -c 'echo at $SLURMD_NODENAME'"))
        .matches("(?s)(\\d: at compute-[1-3]\\s*){3}")
        .contains("compute-1", "compute-2", "compute-3");
    assertThat(slurm("squeue --noheader --format=%T --jobs=" + job)).isEqualTo("RUNNING");
    assertThat(slurm("pgrep -cf '^sleep 472[5]'")).isEqualTo("1");

    cluster.scale(Optional.empty(), 2);

    assertThat(slurm("sinfo --noheader --Node --format=%N").lines())
        .containsExactlyInAnyOrder("compute-0", "compute-1");
    assertThat(Leftovers.processesOf(cluster.directory()))
        .noneMatch(process -> process.contains("slurmd -D -N compute-3 "));
    assertThat(slurm("pgrep -cf '^sleep 472[5]'")).isEqualTo("1");
    slurm("scancel " + job);
    awaitJob(job, "CANCELLED");
  }

  @Test
  void logsAndFilesAreExportedWithoutSecrets(@TempDir Path temporary) throws IOException {
    cluster.exportLogs(temporary);

    assertThat(temporary.resolve("logs/controller.log")).content().contains("slurmctld");
    assertThat(temporary.resolve("logs/compute-0.log")).content().contains("slurmd");
    assertThat(temporary.resolve("files/config/slurm.conf")).exists();
    String password = cluster.connection().orElseThrow().sshPassword().orElseThrow();
    try (var files = Files.walk(temporary)) {
      assertThat(files.filter(Files::isRegularFile))
          .allSatisfy(file -> assertThat(Files.readString(file)).doesNotContain(password));
    }
  }

  @Test
  void isListedAmongTheClustersOfThisMachine() {
    Clusters clusters = Clusters.ofThisMachine(new RecordingProgress());

    assertThat(clusters.list())
        .filteredOn(listed -> listed.id().directory().equals(cluster.directory()))
        .singleElement()
        .satisfies(
            listed -> {
              assertThat(listed.owner()).isEqualTo(Owner.thisBuild());
              assertThat(listed.createdAt()).isPresent();
              assertThat(listed.nodes()).hasSize(3);
              assertThat(listed.ssh().orElseThrow().port())
                  .isEqualTo(cluster.connection().orElseThrow().sshPort());
            });
  }
}
