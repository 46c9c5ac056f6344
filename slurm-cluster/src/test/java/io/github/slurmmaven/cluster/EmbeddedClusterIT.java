/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.FileTrees;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.status.ClusterStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a cluster of processes of this machine does from its creation to its end. */
@Tag("embedded")
class EmbeddedClusterIT extends ClusterContract {

  EmbeddedClusterIT() {
    super(TestBackend.EMBEDDED);
  }

  @Override
  String home(SlurmCluster cluster) {
    return cluster.directory().resolve("home").toString();
  }

  private static String user() {
    try {
      return Files.getOwner(Path.of("/proc/self")).getName();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The process ids of a cluster's daemon. */
  private static List<Long> daemon(SlurmCluster cluster, String words) {
    return Leftovers.processesOf(cluster.directory()).stream()
        .filter(process -> process.contains(words))
        .map(process -> Long.parseLong(process.substring(0, process.indexOf(' '))))
        .toList();
  }

  /** The program of a daemon when it is found, so that it is caught before it is ready. */
  private static long awaitDaemon(SlurmCluster cluster, String program) throws Exception {
    while (true) {
      for (long pid : daemon(cluster, program)) {
        return pid;
      }
      Thread.sleep(5);
    }
  }

  /** On an emulated machine it takes longer than any fixed limit. */
  @Test
  @Tag("slow")
  void waitsForASlowSshServerAsLongAsTimeoutAllows() throws Exception {
    ClusterRequest clusterRequest = own(builder("slow-ssh").timeout(Duration.ofSeconds(150)));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.create();
    CompletableFuture<Connection> started = CompletableFuture.supplyAsync(clusterRequest::start);
    long server = awaitDaemon(cluster, "embedded.SshServer");
    signal(server, "STOP");
    assertThatThrownBy(() -> started.get(35, TimeUnit.SECONDS))
        .isInstanceOf(TimeoutException.class);
    signal(server, "CONT");

    assertThat(started.get().sshPort()).isPositive();
  }

  /** Options of the definition must not bring back Slurm's own pace, which is minutes. */
  @ParameterizedTest
  @Releases.One
  @Tag("slow")
  void aPreemptedJobRunsAgainWithinAMinute(SlurmVersion version, @TempDir Path site)
      throws IOException {
    Path definition =
        Files.writeString(
            site.resolve("preempt.yaml"),
            """
            nodes: [{name: slurm, role: all-in-one, cpus: 2, memory: 2048, partitions: [low, high]}]
            partitions:
              - {name: low, default: true, options: {PriorityTier: "1"}}
              - {name: high, options: {PriorityTier: "2"}}
            slurm_conf:
              - PreemptType=preempt/partition_prio
              - PreemptMode=REQUEUE
              - SchedulerParameters=bf_continue,sched_min_interval=1
            """);
    ClusterRequest clusterRequest =
        own(
            builder("preempt-" + version.year())
                .slurmVersion(version.release())
                .definition(definition));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("scontrol show config"))
          .containsPattern(
              "SchedulerParameters += batch_sched_delay=0,sched_min_interval=1,sched_interval=1,bf_interval=1,bf_continue\n");
      JobId job =
          JobId.of(
              shell.ok(
                  "sbatch --parsable --exclusive --requeue --output=runs --open-mode=append --wrap"
                      + " 'echo run ${SLURM_RESTART_COUNT:-0}; [ $SLURM_RESTART_COUNT ] || sleep 300'"));
      shell.ok("until grep -qs run runs; do sleep 0.1; done");
      JobId important =
          JobId.of(shell.ok("sbatch --parsable --exclusive --partition=high --wrap true"));

      assertThat(cluster.await(List.of(job, important), Duration.ofSeconds(60)))
          .extracting(Job::id, Job::state)
          .containsExactly(tuple(job, JobState.COMPLETED), tuple(important, JobState.COMPLETED));
      assertThat(shell.ok("grep run runs")).isEqualTo("run 0\nrun 1");
    }
  }

  private static void signal(long pid, String name) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor())
        .isZero();
  }

  private static void kill(long pid) throws Exception {
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    process.destroyForcibly();
    process.onExit().get(60, TimeUnit.SECONDS);
  }

  @Test
  void startHealsAKilledNode() throws Exception {
    ClusterRequest clusterRequest = own(builder("heal").preset("multi-node"));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    List<Long> victim = daemon(cluster, "slurmd -D -N compute-1 ");
    assertThat(victim).hasSize(1);
    List<Long> other = daemon(cluster, "slurmd -D -N compute-0 ");
    kill(victim.get(0));

    clusterRequest.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("srun --nodelist=compute-1 sh -c 'echo $SLURMD_NODENAME'"))
          .isEqualTo("compute-1");
    }
    assertThat(daemon(cluster, "slurmd -D -N compute-0 ")).isEqualTo(other);
  }

  @Test
  void nothingOfAJobOutlivesAStop() throws IOException {
    ClusterRequest clusterRequest = own(builder("setsid"));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    try (SlurmShell shell = shell(cluster)) {
      String job =
          shell.ok(
              "sbatch --parsable --wrap"
                  + " '(setsid env -i sleep 4712 &) ; trap \"\" TERM; setsid sleep 4713 & sleep 4714'");
      shell.awaitState(job, "RUNNING");
      shell.ok("setsid nohup sleep 4715 > /dev/null 2>&1 &");
      assertThat(shell.ok("sleep 1; pgrep -cf '[s]leep 471[2345]'")).isEqualTo("4");
    }

    cluster.stop();

    assertThat(
            ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(Pattern.compile("^sleep 471[2345]$").asPredicate()))
        .isEmpty();
  }

  @Test
  void deadSupervisorTakesAllAlongAndTheNextStartIsClean() throws Exception {
    ClusterRequest clusterRequest = own(builder("guard"));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    for (long pid : daemon(cluster, "slurm-supervisor")) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!Leftovers.processesOf(cluster.directory()).isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertThat(Leftovers.processesOf(cluster.directory())).isEmpty();

    clusterRequest.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("srun echo works")).isEqualTo("works");
    }
  }

  @Test
  void takenPortOfAStoppedClusterGivesWay() throws IOException {
    ClusterRequest clusterRequest = own(builder("moved"));
    SlurmCluster cluster = clusterRequest.cluster();
    int before = clusterRequest.start().sshPort();
    cluster.stop();
    try (ServerSocket taken = new ServerSocket(before, 1, InetAddress.getLoopbackAddress())) {
      int after = clusterRequest.start().sshPort();

      assertThat(after).isNotEqualTo(taken.getLocalPort());
    }
    assertThat(progress.steps())
        .anyMatch(step -> step.contains("has taken a port or network in the meantime"));
  }

  @Test
  @Tag("slow")
  void takenSlurmPortOfAStoppedClusterGivesWay() throws IOException {
    ClusterRequest clusterRequest = own(builder("moved2"));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    cluster.stop();
    int node =
        Integer.parseInt(
            Files.readString(cluster.directory().resolve(CONFIG))
                .replaceAll("(?s).*NodeAddr=127.0.0.1 Port=(\\d+) .*", "$1"));
    try (ServerSocket taken = new ServerSocket(node, 1, InetAddress.getLoopbackAddress())) {
      clusterRequest.start();

      assertThat(taken.isBound()).isTrue();
    }
    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("srun echo works")).isEqualTo("works");
    }
  }

  @Test
  void namedPortThatIsTakenIsAnErrorThatNamesTheHolder() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ClusterRequest clusterRequest =
          own(builder("port").ssh(ssh -> ssh.port(taken.getLocalPort())));
      SlurmCluster cluster = clusterRequest.cluster();

      assertThatThrownBy(clusterRequest::start)
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageStartingWith("port: '" + taken.getLocalPort() + "' is taken by the process")
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
    }
  }

  @Test
  void whatOnlyContainersCanBeIsRefusedByNameAndMakesNothing() {
    ClusterRequest clusterRequest = own(builder("full").preset("full"));
    SlurmCluster cluster = clusterRequest.cluster();

    assertThatThrownBy(clusterRequest::start)
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("a container registry (withRegistry)")
        .hasMessageContaining("engine=docker");
    assertThat(cluster.directory()).doesNotExist();
  }

  @Test
  void filesMountsAndSetupAreOfTheHome() throws IOException {
    Path data = Files.createDirectories(site.resolve("data"));
    Files.writeString(data.resolve("in.txt"), "input");
    Path tool = Files.writeString(site.resolve("tool.sh"), "#!/bin/sh\necho tool\n");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path definition =
        Files.writeString(
            site.resolve("definition.yaml"),
            """
            preset: multi-node
            mounts:
              - {source: %1$s, target: %1$s}
              - {source: %1$s, target: /home/slurm/deep/data}
            files:
              - {source: %2$s, target: /home/slurm/bin/tool}
            setup:
              - {run: "echo $(id -un) $PWD >> setup.txt", on: controller}
            """
                .formatted(data, tool));
    try {
      ClusterRequest clusterRequest = own(builder("setup").preset(null).definition(definition));
      SlurmCluster cluster = clusterRequest.cluster();
      clusterRequest.start();
      cluster.stop();
      clusterRequest.start();

      try (SlurmShell shell = shell(cluster)) {
        assertThat(shell.ok("srun cat deep/data/in.txt " + data.resolve("in.txt")))
            .isEqualTo("inputinput");
        assertThat(shell.ok("srun bin/tool")).isEqualTo("tool");
        assertThat(shell.ok("cat setup.txt"))
            .isEqualTo(user() + " " + cluster.directory().resolve("home"));
      }
      cluster.destroy();
      assertThat(data.resolve("in.txt")).hasContent("input");
    } finally {
      Files.deleteIfExists(data.resolve("in.txt"));
      Files.deleteIfExists(data);
      Files.deleteIfExists(tool);
      Files.deleteIfExists(definition);
    }
  }

  @ParameterizedTest(name = "{0} nodes")
  @CsvSource({"0", "64"})
  void startsQuickly(int nodes) {
    ClusterRequest clusterRequest =
        own(
            nodes == 0
                ? builder("quick")
                : builder("quick")
                    .preset("multi-node")
                    .nodes(asked -> asked.cpuNodes(nodes).cpusPerNode(1)));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.create();
    long begin = System.nanoTime();
    clusterRequest.start();
    System.out.printf(
        "start with %d nodes: %.2f s%n", Math.max(1, nodes), (System.nanoTime() - begin) / 1e9);

    assertThat(progress.steps()).anyMatch(step -> step.contains("is ready after"));
  }

  @Test
  @Tag("slow")
  void deadOwnerTakesTheClusterAlong() throws Exception {
    Process build =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StartEmbedded.class.getName(),
                outputDirectory().toString(),
                "owned",
                "wait")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    ClusterRequest clusterRequest = own(builder("owned"));
    SlurmCluster cluster = clusterRequest.cluster();
    try (var out = build.inputReader()) {
      assertThat(out.readLine()).isEqualTo("started");
      assertThat(Leftovers.processesOf(cluster.directory())).isNotEmpty();
    } finally {
      build.destroyForcibly();
      build.waitFor();
    }

    long begin = System.nanoTime();
    while (!Leftovers.processesOf(cluster.directory()).isEmpty()
        && System.nanoTime() - begin < Duration.ofSeconds(60).toNanos()) {
      Thread.sleep(20);
    }
    Leftovers.assertNoneOf(cluster);
    assertThat(cluster.status().status()).isEqualTo(ClusterStatus.State.CREATED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"job", "services"})
  @Tag("slow")
  void ordinaryUserNeedsNothing(String mode) throws Exception {
    Files.setPosixFilePermissions(site, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path home = Files.createDirectories(site.resolve("user"));
    Path classes = Files.createDirectories(site.resolve("classes"));
    if (OrdinaryUser.isRoot()) {
      Files.setAttribute(home, "unix:uid", OrdinaryUser.ID);
    }
    List<String> command =
        OrdinaryUser.java(classes, StartEmbedded.class, home.toString(), "ordinary", mode);
    // Where the other module's bundles are found from.
    Path module = Files.createDirectories(classes.resolve("slurm-cluster"));
    OrdinaryUser.copy(
        TestBackend.BUNDLES,
        Files.createDirectories(classes.resolve("slurm-embedded/target")).resolve("bundles"));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(module.toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(Map.of("HOME", home.toString(), "LC_ALL", "C.UTF-8"));
    Process build = builder.start();
    String said = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    try {
      assertThat(build.waitFor()).as(said).isZero();
      assertThat(said).contains("job on slurm", "destroyed");
      if (mode.equals("services")) {
        assertThat(said)
            .contains(
                (OrdinaryUser.isRoot() ? "nobody" : user()) + "|default\n",
                "/slurm/{version}/nodes answers 200",
                "/slurmdb/{version}/accounts answers 200");
      }
      assertThat(Leftovers.processesOf(home)).isEmpty();
    } finally {
      FileTrees.delete(home);
      FileTrees.delete(classes);
    }
  }
}
