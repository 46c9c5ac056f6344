/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.lifecycle.Owner;
import io.github.slurmmaven.status.ClusterStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real Slurm as processes of this machine. */
@Timeout(120)
class EmbeddedIT {

  /** Short, so that some tests have paths that need no shortcut. */
  static final Path OUTPUT = Path.of("/tmp", "e-" + UUID.randomUUID().toString().substring(0, 6));

  private static final Path BUNDLES =
      Path.of("../slurm-embedded/target/bundles").toAbsolutePath().normalize();

  private static final Map<SlurmVersion, SlurmCluster> SHARED = new TreeMap<>();

  private final List<SlurmCluster> own = new ArrayList<>();
  private final RecordingProgress progress = new RecordingProgress();

  /** Skips tests where no bundle could be made. */
  @BeforeAll
  static void requireBundles() {
    assumeTrue(
        Files.isDirectory(BUNDLES),
        () -> "No bundles in " + BUNDLES + ": 'mvn package -pl slurm-embedded' says why");
  }

  @AfterAll
  static void removeShared() throws IOException {
    for (SlurmCluster cluster : SHARED.values()) {
      cluster.destroy();
      Leftovers.assertNoneOf(cluster);
    }
    Files.deleteIfExists(OUTPUT);
  }

  @AfterEach
  void removeOwn() {
    own.forEach(SlurmCluster::destroy);
    own.forEach(Leftovers::assertNoneOf);
  }

  /** The bundles as they were built. */
  static BundleSource bundles() {
    return (release, platform) ->
        BundleSource.directory(BUNDLES.resolve(release).resolve(BundleSource.RESOURCES))
            .find(release, platform);
  }

  static SlurmCluster.Builder builder(String name) {
    return SlurmCluster.builder()
        .engine("embedded")
        .bundles(bundles())
        .outputDirectory(OUTPUT)
        .name(name)
        .port(0)
        .owner(Owner.thisBuild());
  }

  /** A running cluster that no test changes. */
  private static SlurmCluster shared(SlurmVersion version) {
    SlurmCluster there = SHARED.get(version);
    if (there != null) {
      return there;
    }
    SlurmCluster cluster = builder("shared-" + version).slurmVersion(version.release()).build();
    SHARED.put(version, cluster);
    cluster.start();
    return cluster;
  }

  /** A cluster of one test, gone after it. */
  private SlurmCluster own(SlurmCluster.Builder builder) {
    SlurmCluster cluster = builder.progress(progress).build();
    own.add(cluster);
    return cluster;
  }

  private static SlurmShell shell(SlurmCluster cluster) throws IOException {
    return SlurmShell.withKey(cluster.connection().orElseThrow());
  }

  private static List<String> lines(String text) {
    return text.lines().map(String::strip).toList();
  }

  private static String user() {
    try {
      return Files.getOwner(Path.of("/proc/self")).getName();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void append(SlurmCluster cluster, String file, String text) throws IOException {
    Path path = cluster.directory().resolve(file);
    Files.writeString(path, Files.readString(path) + text);
  }

  private static SlurmClusterException startFails(SlurmCluster cluster) {
    SlurmClusterException failure =
        catchThrowableOfType(SlurmClusterException.class, cluster::start);
    assertThat(failure).as("SlurmClusterException").isNotNull();
    return failure;
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
  void waitsForASlowSshServerAsLongAsTimeoutAllows() throws Exception {
    SlurmCluster cluster = own(builder("slow-ssh").timeout(Duration.ofSeconds(150)));
    cluster.create();
    CompletableFuture<Connection> started = CompletableFuture.supplyAsync(cluster::start);
    long server = awaitDaemon(cluster, "embedded.SshServer");
    signal(server, "STOP");
    assertThatThrownBy(() -> started.get(35, TimeUnit.SECONDS))
        .isInstanceOf(TimeoutException.class);
    signal(server, "CONT");

    assertThat(started.get().sshPort()).isPositive();
  }

  /** Options of the definition must not bring back Slurm's own pace, which is minutes. */
  @ParameterizedTest
  @Releases.Two
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
    SlurmCluster cluster =
        own(
            builder("preempt-" + version.year())
                .slurmVersion(version.release())
                .definition(definition));
    cluster.start();

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
    process.onExit().get(10, TimeUnit.SECONDS);
  }

  @Nested
  @DisplayName("A test")
  @ParameterizedClass(name = "with Slurm {0}")
  @Releases.Two
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
            echo "$SLURM_JOB_PARTITION $SLURMD_NODENAME $SLURM_NTASKS $(id -un) $PWD $HOME"
            srun --ntasks=2 printf 'task\\n'
            """);
        String job = shell.ok("sbatch --parsable job.sh");

        assertThat(shell.awaitState(job, "COMPLETED|FAILED")).isEqualTo("COMPLETED");
        Path home = shared(version).directory().resolve("home");
        assertThat(shell.download("out-" + job + ".txt"))
            .isEqualTo("debug slurm 2 %s %s %s%ntask%ntask%n".formatted(user(), home, home));
        assertThat(home.resolve("out-" + job + ".txt")).exists();
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
    void makesAJobWaitForAnother() throws IOException {
      try (SlurmShell shell = login()) {
        String first = shell.ok("sbatch --parsable --wrap 'sleep 1; echo first >> order.txt'");
        String second =
            shell.ok(
                "sbatch --parsable --dependency=afterok:"
                    + first
                    + " --wrap 'echo second >> order.txt'");

        assertThat(shell.awaitState(second, "COMPLETED|FAILED")).isEqualTo("COMPLETED");
        assertThat(shell.download("order.txt")).isEqualTo("first\nsecond\n");
      }
    }

    @Test
    void runsStepsAndSeesExitCodes() throws IOException {
      try (SlurmShell shell = login()) {
        assertThat(lines(shell.ok("srun --ntasks=2 --label printf 'task\\n'")))
            .containsExactlyInAnyOrder("0: task", "1: task");
        assertThat(shell.run("srun sh -c 'exit 3'").exitCode()).isEqualTo(3);
        String job = shell.ok("sbatch --parsable --wrap 'exit 3'");
        assertThat(shell.awaitState(job, "COMPLETED|FAILED")).isEqualTo("FAILED");
        assertThat(shell.ok("scontrol show job " + job)).contains("ExitCode=3:0");
      }
    }

    @Test
    void cancelsARunningJob() throws IOException {
      try (SlurmShell shell = login()) {
        // Slurm takes as long as KillWait to end a job whose processes are not there yet.
        String job = shell.ok("sbatch --parsable --wrap 'touch runs; sleep 4711'");
        shell.ok("until [ -e runs ]; do sleep 0.05; done; rm runs");
        shell.ok("scancel " + job);

        assertThat(shell.awaitState(job, "CANCELLED|COMPLETED|FAILED")).isEqualTo("CANCELLED");
        assertThat(daemon(shared(version), "sleep 4711")).isEmpty();
      }
    }

    @Test
    void seesAJobThatTakesTooMuchMemoryKilled() throws IOException {
      try (SlurmShell shell = login()) {
        String job =
            shell.ok(
                "sbatch --parsable --mem=50M --output=memory.txt --wrap"
                    + " 'python3 -c \"import time; x = bytearray(200 << 20); time.sleep(60)\"'");

        assertThat(shell.awaitState(job, "COMPLETED|FAILED|OUT_OF_MEMORY|CANCELLED"))
            .isNotEqualTo("COMPLETED");
        assertThat(shell.download("memory.txt")).containsIgnoringCase("memory limit");
      }
    }

    @Test
    void isRefusedWhatTheNodeDoesNotHave() throws IOException {
      try (SlurmShell shell = login()) {
        assertThat(shell.run("sbatch --mem=999G --wrap true").stderr())
            .containsIgnoringCase("not available");
        assertThat(shell.run("sbatch --partition=none --wrap true").stderr())
            .containsIgnoringCase("invalid partition");
      }
    }

    @Test
    void logsInAsTheCurrentUserWithAPasswordOfThisClusterAlone() throws IOException {
      Connection connection = shared(version).connection().orElseThrow();
      String password = connection.sshPassword().orElseThrow();

      assertThat(connection.sshUser()).isEqualTo(user());
      assertThat(password).hasSizeGreaterThan(20);
      try (SlurmShell shell = SlurmShell.withPassword(connection, password)) {
        assertThat(shell.ok("id -un")).isEqualTo(user());
      }
      assertThatThrownBy(() -> SlurmShell.withPassword(connection, "slurm"))
          .isInstanceOf(UserAuthException.class);
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(
                      shared(version).directory().resolve("secrets/password"))))
          .isEqualTo("rw-------");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(shared(version).directory())))
          .isEqualTo("rwx------");
    }

    @Test
    void findsThePromisedRelease() throws IOException {
      try (SlurmShell shell = login()) {
        assertThat(shell.ok("scontrol --version")).contains(" " + version.release() + ".");
        assertThat(shell.ok("env"))
            .doesNotContain("MAVEN", "JAVA_", "LD_PRELOAD", "LD_LIBRARY_PATH");
        assertThat(shell.ok("srun env")).doesNotContain("LD_PRELOAD", "LD_LIBRARY_PATH");
      }
    }

    @Test
    void findsSlurmsCommandsInALoginShell() throws IOException {
      try (SlurmShell shell = login()) {
        assertThat(shell.ok("bash --login -c 'sinfo --version'")).startsWith("slurm");
      }
    }

    @Test
    void findsSlurmsCommandsAlsoInAJobWithoutAnEnvironment() throws IOException {
      try (SlurmShell shell = login()) {
        String job =
            shell.ok("sbatch --parsable --export=NONE --output=none.txt --wrap 'srun echo step'");

        assertThat(shell.awaitState(job, "COMPLETED|FAILED")).isEqualTo("COMPLETED");
        assertThat(shell.download("none.txt")).isEqualTo("step\n");
      }
    }

    @Test
    void isAloneOnLoopback() throws IOException {
      List<Long> all =
          Leftovers.processesOf(shared(version).directory()).stream()
              .map(process -> Long.parseLong(process.substring(0, process.indexOf(' '))))
              .toList();

      assertThat(ListeningSockets.of(all))
          .isNotEmpty()
          .allSatisfy(address -> assertThat(address).startsWith("127.0.0.1:"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @Releases.All
  void twoJobsGetDifferentGpus(SlurmVersion version) throws IOException {
    SlurmCluster cluster = own(builder("gpu").preset("gpu").slurmVersion(version.release()));
    cluster.start();

    try (SlurmShell shell = shell(cluster)) {
      String script =
          " --gpus=1 --output=gpu-%j.txt --wrap 'echo $CUDA_VISIBLE_DEVICES $SLURM_GPUS_ON_NODE; sleep 3'";
      String one = shell.ok("sbatch --parsable" + script);
      String other = shell.ok("sbatch --parsable" + script);
      shell.awaitState(one, "COMPLETED");
      shell.awaitState(other, "COMPLETED");

      assertThat(
              List.of(
                  shell.download("gpu-" + one + ".txt"), shell.download("gpu-" + other + ".txt")))
          .containsExactlyInAnyOrder("0 1\n", "1 1\n");
      assertThat(shell.run("srun --gpus=3 true").stderr()).containsIgnoringCase("not available");
      assertThat(shell.ok("nvidia-smi -L").lines()).hasSize(2);
      assertThat(shell.ok("srun --gpus=1 nvidia-smi -L").lines()).hasSize(1);
    }
  }

  @ParameterizedTest(name = "{0}")
  @Releases.Two
  void nodesAreApart(SlurmVersion version) throws IOException {
    SlurmCluster cluster =
        own(builder("nodes").preset("multi-node").cpuNodes(4).slurmVersion(version.release()));
    cluster.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(lines(shell.ok("srun --nodes=4 sh -c 'echo $SLURMD_NODENAME'")))
          .containsExactlyInAnyOrder("compute-0", "compute-1", "compute-2", "compute-3");
      assertThat(shell.ok("srun --nodelist=compute-2 sh -c 'echo $SLURMD_NODENAME'"))
          .isEqualTo("compute-2");
    }
  }

  @ParameterizedTest(name = "{0}")
  @Releases.Two
  void jobsSurviveAStopAndAnEditIsHonoured(SlurmVersion version) throws IOException {
    SlurmCluster cluster = own(builder("stop").slurmVersion(version.release()));
    cluster.start();
    String held;
    try (SlurmShell shell = shell(cluster)) {
      held = shell.ok("sbatch --parsable --hold --output=held.txt --wrap 'echo held'");
      shell.ok("echo kept > file");
    }

    cluster.stop();
    assertThat(cluster.connection()).isEmpty();
    assertThat(Leftovers.processesOf(cluster.directory())).isEmpty();
    append(cluster, "config/slurm.conf", "MaxJobCount=4321\n");
    cluster.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.awaitState(held, "[A-Z]+")).isEqualTo("PENDING");
      shell.ok("scontrol release " + held);
      shell.awaitState(held, "COMPLETED");
      assertThat(shell.download("held.txt")).isEqualTo("held\n");
      assertThat(shell.download("file")).isEqualTo("kept\n");
      assertThat(shell.ok("scontrol show config")).containsPattern("MaxJobCount +=? *4321");
    }
  }

  @Test
  void editOfARunningClusterIsHonouredByTheNextStart() throws IOException {
    SlurmCluster cluster = own(builder("edit"));
    cluster.start();
    append(cluster, "config/slurm.conf", "MaxJobCount=4321\n");

    cluster.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("scontrol show config")).containsPattern("MaxJobCount +=? *4321");
    }
  }

  @Test
  void startOfARunningClusterChangesNothing() {
    SlurmCluster cluster = shared(SlurmVersion.DEFAULT);
    Connection before = cluster.connection().orElseThrow();
    List<String> processes = Leftovers.processesOf(cluster.directory());

    assertThat(cluster.start()).isEqualTo(before);

    assertThat(Leftovers.processesOf(cluster.directory())).containsAll(processes);
  }

  @Test
  void startHealsAKilledNode() throws Exception {
    SlurmCluster cluster = own(builder("heal").preset("multi-node"));
    cluster.start();
    List<Long> victim = daemon(cluster, "slurmd -D -N compute-1 ");
    assertThat(victim).hasSize(1);
    List<Long> other = daemon(cluster, "slurmd -D -N compute-0 ");
    kill(victim.get(0));

    cluster.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("srun --nodelist=compute-1 sh -c 'echo $SLURMD_NODENAME'"))
          .isEqualTo("compute-1");
    }
    assertThat(daemon(cluster, "slurmd -D -N compute-0 ")).isEqualTo(other);
  }

  @Test
  void nothingOfAJobOutlivesAStop() throws IOException {
    SlurmCluster cluster = own(builder("setsid"));
    cluster.start();
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
    SlurmCluster cluster = own(builder("guard"));
    cluster.start();
    for (long pid : daemon(cluster, "slurm-supervisor")) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
    long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (!Leftovers.processesOf(cluster.directory()).isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertThat(Leftovers.processesOf(cluster.directory())).isEmpty();

    cluster.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("srun echo works")).isEqualTo("works");
    }
  }

  @ParameterizedTest(name = "{0}")
  @Releases.Two
  void brokenSlurmConfFailsAndSaysWhy(SlurmVersion version) throws IOException {
    SlurmCluster cluster = own(builder("broken").slurmVersion(version.release()));
    cluster.create();
    append(cluster, "config/slurm.conf", "NoSuchParameter=yes\n");

    SlurmClusterException failure = startFails(cluster);

    assertThat(failure)
        .hasMessageContaining("Cluster broken: node slurm exited with code 1")
        .hasMessageContaining(
            "Likely cause: " + cluster.directory().resolve("config/slurm.conf") + ", line ")
        .hasMessageContaining(": Slurm has no parameter 'NoSuchParameter'; correct it")
        .hasMessageContaining("All logs: " + cluster.directory().resolve("logs"));
    assertThat(cluster.directory().resolve("logs/slurm.log")).content().contains("NoSuchParameter");
    assertThat(Leftovers.processesOf(cluster.directory())).isEmpty();
  }

  @Test
  void takenPortOfAStoppedClusterGivesWay() throws IOException {
    SlurmCluster cluster = own(builder("moved"));
    int before = cluster.start().sshPort();
    cluster.stop();
    try (ServerSocket taken = new ServerSocket(before, 1, InetAddress.getLoopbackAddress())) {
      int after = cluster.start().sshPort();

      assertThat(after).isNotEqualTo(taken.getLocalPort());
    }
    assertThat(progress.steps()).anyMatch(step -> step.contains("taken meanwhile"));
  }

  @Test
  void takenSlurmPortOfAStoppedClusterGivesWay() throws IOException {
    SlurmCluster cluster = own(builder("moved2"));
    cluster.start();
    cluster.stop();
    int node =
        Integer.parseInt(
            Files.readString(cluster.directory().resolve("config/slurm.conf"))
                .replaceAll("(?s).*NodeAddr=127.0.0.1 Port=(\\d+) .*", "$1"));
    try (ServerSocket taken = new ServerSocket(node, 1, InetAddress.getLoopbackAddress())) {
      cluster.start();

      assertThat(taken.isBound()).isTrue();
    }
    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("srun echo works")).isEqualTo("works");
    }
  }

  @Test
  void namedPortThatIsTakenIsAnErrorThatNamesTheHolder() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      SlurmCluster cluster = own(builder("port").port(taken.getLocalPort()));

      assertThatThrownBy(cluster::start)
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageStartingWith("port: '" + taken.getLocalPort() + "' is taken by the process")
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
    }
  }

  @Test
  void whatOnlyContainersCanBeIsRefusedByNameAndMakesNothing() {
    SlurmCluster cluster = own(builder("full").preset("full"));

    assertThatThrownBy(cluster::start)
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("a container registry (withRegistry)")
        .hasMessageContaining("engine=docker");
    assertThat(cluster.directory()).doesNotExist();
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
    assertThat(Leftovers.processesOf(cluster.directory())).isNotEmpty();

    cluster.destroy();

    Leftovers.assertNoneOf(cluster);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          two words, ünï#:"$x | 24.11
          two words, ünï#:"$x | 22.05
          a-very-long-name-of-a-directory-that-goes-on-and-on-beyond-what-an-address-of-a-unix-socket-can-hold | 24.11
          """)
  void directoryWithAHostileNameWorks(String name, String version) throws IOException {
    SlurmCluster cluster =
        own(
            builder("name")
                .outputDirectory(OUTPUT.resolve(name))
                .preset("gpu")
                .slurmVersion(version));
    cluster.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("srun --gpus=1 sh -c 'echo $SLURMD_NODENAME $CUDA_VISIBLE_DEVICES; pwd'"))
          .isEqualTo("slurm 0\n" + cluster.directory().resolve("home"));
      String job = shell.ok("sbatch --parsable --output=out.txt --wrap 'srun echo step'");
      shell.awaitState(job, "COMPLETED|FAILED");
      assertThat(shell.download("out.txt")).isEqualTo("step\n");
    }
    assertThat(Leftovers.shortcutsTo(cluster.directory())).hasSize(1);
    cluster.stop();
    assertThat(Leftovers.shortcutsTo(cluster.directory())).isEmpty();
    cluster.start();
    cluster.destroy();
  }

  @Test
  void filesMountsAndSetupAreOfTheHome() throws IOException {
    Path data = Files.createDirectories(OUTPUT.resolve("data"));
    Files.writeString(data.resolve("in.txt"), "input");
    Path tool = Files.writeString(OUTPUT.resolve("tool.sh"), "#!/bin/sh\necho tool\n");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path definition =
        Files.writeString(
            OUTPUT.resolve("definition.yaml"),
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
      SlurmCluster cluster = own(builder("setup").preset(null).definition(definition));
      cluster.start();
      cluster.stop();
      cluster.start();

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
    SlurmCluster cluster =
        own(
            nodes == 0
                ? builder("quick")
                : builder("quick").preset("multi-node").cpuNodes(nodes).cpusPerNode(1));
    cluster.create();
    long begin = System.nanoTime();
    cluster.start();
    System.out.printf(
        "start with %d nodes: %.2f s%n", Math.max(1, nodes), (System.nanoTime() - begin) / 1e9);

    assertThat(progress.steps()).anyMatch(step -> step.contains("is ready after"));
  }

  @Test
  void deadOwnerTakesTheClusterAlong() throws Exception {
    Process build =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StartEmbedded.class.getName(),
                OUTPUT.toString(),
                "owned",
                "wait")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    SlurmCluster cluster = own(builder("owned"));
    try (var out = build.inputReader()) {
      assertThat(out.readLine()).isEqualTo("started");
      assertThat(Leftovers.processesOf(cluster.directory())).isNotEmpty();
    } finally {
      build.destroyForcibly();
      build.waitFor();
    }

    long begin = System.nanoTime();
    while (!Leftovers.processesOf(cluster.directory()).isEmpty()
        && System.nanoTime() - begin < Duration.ofSeconds(10).toNanos()) {
      Thread.sleep(20);
    }
    Leftovers.assertNoneOf(cluster);
    assertThat(cluster.status().status()).isEqualTo(ClusterStatus.State.CREATED);
  }

  @Test
  void ordinaryUserNeedsNothing() throws Exception {
    Path home = Files.createDirectories(OUTPUT.resolve("user"));
    Path classes = Files.createDirectories(OUTPUT.resolve("classes"));
    if (OrdinaryUser.isRoot()) {
      Files.setAttribute(home, "unix:uid", OrdinaryUser.ID);
    }
    List<String> command =
        OrdinaryUser.java(classes, StartEmbedded.class, home.toString(), "ordinary", "job");
    // Where the other module's bundles are found from.
    Path module = Files.createDirectories(classes.resolve("slurm-cluster"));
    OrdinaryUser.copy(
        BUNDLES,
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
      assertThat(Leftovers.processesOf(home)).isEmpty();
    } finally {
      OrdinaryUser.deleteAll(home);
      OrdinaryUser.deleteAll(classes);
    }
  }
}
