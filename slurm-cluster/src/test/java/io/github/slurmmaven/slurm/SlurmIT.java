/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.Reset;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** Real Slurm: a controller, two nodes without GPUs and one with four. */
@Tag("docker")
@ParameterizedClass(name = "{0}")
@Releases.One
@Timeout(120)
class SlurmIT {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final String SLEEP = "sleep 300";

  /** Goes on when it is asked to end. */
  private static final String STUBBORN = "trap '' TERM; while :; do sleep 1; done";

  private static SlurmCluster cluster;
  private static ClusterRequest clusterRequest;
  private static ContainerEngine engine;
  private static Map<String, String> containers;
  private static Slurm slurm;

  private final SlurmVersion version;

  SlurmIT(SlurmVersion version) {
    this.version = version;
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) {
    clusterRequest =
        ClusterRequest.builder()
            .outputDirectory(
                Path.of("target", "it", UUID.randomUUID().toString().substring(0, 8))
                    .toAbsolutePath())
            .preset("full")
            .pyxis(pyxis -> pyxis.withPyxis(false))
            .registry(registry -> registry.withRegistry(false))
            .pyxis(pyxis -> pyxis.withPyxis(false))
            .slurmVersion(version.release())
            .ssh(ssh -> ssh.port(0))
            .ownedByThisBuild(true)
            .build();
    cluster = clusterRequest.cluster();
    engine = DockerEngine.connect(Environment.system());
    clusterRequest.start();
    containers =
        engine
            .listContainers(
                Map.of("io.github.slurmmaven.directory", cluster.directory().toString()))
            .stream()
            .collect(
                Collectors.toMap(
                    container -> container.labels().get("io.github.slurmmaven.node"),
                    ContainerSummary::id));
    slurm =
        new Slurm(
            (user, command, lines, timeout) -> {
              CommandResult result = exec(user, command, lines, timeout);
              return new CommandResult(result.exitCode(), result.stdout(), result.stderr());
            });
  }

  @AfterParameterizedClassInvocation
  static void destroy() {
    cluster.destroy();
    engine.close();
  }

  @AfterEach
  void reset() {
    slurm.reset(TIMEOUT);
  }

  private static CommandResult exec(
      String user, List<String> command, Consumer<String> lines, Duration timeout) {
    return engine.exec(
        containers.get("controller"), new ExecCommand(command, user, Map.of()), lines, timeout);
  }

  private String ok(String user, String script) {
    CommandResult result = exec(user, List.of("bash", "-c", script), line -> {}, TIMEOUT);
    assertThat(result.exitCode()).as(script + ": " + result).isZero();
    return result.stdout().strip();
  }

  /** Submits a script of these commands. */
  private static JobId submit(String commands, String... options) {
    String write = "printf '#!/bin/bash\\n%s\\n' \"$1\" >/tmp/job";
    CommandResult written =
        exec("slurm", List.of("bash", "-c", write, "-", commands), line -> {}, TIMEOUT);
    assertThat(written.exitCode()).as(written.toString()).isZero();
    List<String> all = new ArrayList<>(List.of("--chdir=/tmp", "--mem=64"));
    Collections.addAll(all, options);
    return slurm.submit(Submission.of("/tmp/job").withOptions(all));
  }

  private Job awaitRunning(JobId id) {
    return slurm.await(List.of(id), Set.of(JobState.RUNNING), job -> {}, TIMEOUT).get(0);
  }

  private Node node(String name) {
    return slurm.nodes().stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void givesAJobNoMoreThanItsUserMay() {
    String tell =
        "srun --mem=64 --chdir=/tmp grep -E '^(CapEff|CapBnd|NoNewPrivs):' /proc/self/status";
    // The nodes share it; root's, and for everybody to run as root.
    ok("root", "install -m 4755 /usr/bin/id /home/slurm/setuid-id");

    // CHOWN, FOWNER, KILL, SETGID, SETUID and SETPCAP.
    assertThat(ok("root", tell).lines())
        .containsExactly(
            "CapEff:\t00000000000001e9", "CapBnd:\t00000000000001e9", "NoNewPrivs:\t1");
    assertThat(ok("slurm", tell).lines()).contains("CapEff:\t0000000000000000", "NoNewPrivs:\t1");
    assertThat(
            ok("slurm", "srun --mem=64 --chdir=/tmp /home/slurm/setuid-id -u; rm -f ~/setuid-id"))
        .isEqualTo("1000");
  }

  @Test
  void looksAtEverythingAtOnce() {
    JobId running = submit(SLEEP, "--partition=gpu", "--gpus=3", "--job-name=a = b");
    awaitRunning(running);
    JobId held = submit(SLEEP, "--hold");

    Snapshot snapshot = slurm.snapshot();

    assertThat(SlurmVersion.of(snapshot.version()).isOf(version)).isTrue();
    assertThat(snapshot.partitions())
        .extracting(Partition::name, Partition::isDefault, Partition::nodes)
        .containsExactly(tuple("cpu", true, "cpu-[0-1]"), tuple("gpu", false, "gpu-0"));
    assertThat(snapshot.nodes()).extracting(Node::name).containsExactly("cpu-0", "cpu-1", "gpu-0");
    Node gpu = snapshot.nodes().get(2);
    assertThat(gpu.state()).hasToString("mixed");
    assertThat(gpu.gpus()).isEqualTo(Map.of("fake", 4));
    assertThat(gpu.gpusAllocated()).isEqualTo(Map.of("fake", 3));
    assertThat(gpu.cpusAllocated()).isEqualTo(1);
    assertThat(gpu.memoryAllocated()).isEqualTo(64);
    assertThat(snapshot.jobs())
        .filteredOn(job -> job.id().equals(running))
        .singleElement()
        .satisfies(
            job -> {
              assertThat(job.name()).isEqualTo("a = b");
              assertThat(job.nodes()).contains("gpu-0");
              assertThat(job.started().orElseThrow())
                  .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(1));
            });
    assertThat(slurm.job(held).map(Job::reason)).contains("JobHeldUser");
    assertThat(slurm.job(JobId.of(999_999))).isEmpty();
  }

  @Test
  void reportsAJobFromItsStartToItsEnd() {
    JobId id = submit("sleep 0.5; exit 3", "--begin=now");
    List<JobState> heard = Collections.synchronizedList(new ArrayList<>());

    Job job =
        slurm
            .await(List.of(id), JobState.TERMINAL, each -> heard.add(each.state()), TIMEOUT)
            .get(0);

    assertThat(job.state()).isEqualTo(JobState.FAILED);
    assertThat(job.exit()).isEqualTo(new Job.Exit(3, 0));
    assertThat(job.stdout()).contains("/tmp/slurm-" + id + ".out");
    assertThat(heard).contains(JobState.RUNNING).endsWith(JobState.FAILED);
  }

  @Test
  void awaitsAllTasksOfAnArray() {
    JobId array = submit("exit $((SLURM_ARRAY_TASK_ID == 2))", "--array=1-3");

    List<Job> tasks = slurm.await(List.of(array), JobState.TERMINAL, job -> {}, TIMEOUT);

    assertThat(tasks)
        .extracting(job -> job.id() + " " + job.state())
        .containsExactly(array + "_1 COMPLETED", array + "_2 FAILED", array + "_3 COMPLETED");
    assertThat(slurm.await(array, TIMEOUT).id()).isEqualTo(JobId.of(array + "_2"));
    assertThat(slurm.await(JobId.of(array + "_3"), TIMEOUT).state()).isEqualTo(JobState.COMPLETED);
  }

  @Test
  void awaitsAHeterogeneousJob() {
    submit("srun true", "--hold");
    // It would begin with the next pass of backfill, half a minute later.
    JobId job =
        slurm.submit(
            Submission.of("/tmp/job")
                .withOptions(List.of("--chdir=/tmp", "--hold", "--mem=64", ":", "--mem=32")));
    slurm.cancel(List.of(job));

    assertThat(slurm.await(List.of(job), JobState.TERMINAL, each -> {}, TIMEOUT))
        .extracting(each -> each.id() + " " + each.state())
        .containsExactly(job + "+0 CANCELLED", job + "+1 CANCELLED");
  }

  @Test
  void cancels() {
    JobId running = submit(SLEEP);
    JobId pending = submit(SLEEP, "--hold");
    awaitRunning(running);

    slurm.cancel(List.of(running, pending, JobId.of(999_999)));

    assertThat(slurm.await(List.of(running, pending), JobState.TERMINAL, job -> {}, TIMEOUT))
        .extracting(Job::state)
        .containsOnly(JobState.CANCELLED);
    slurm.cancel(List.of(running));
  }

  @Test
  void givesUpWaitingWithTheReason() {
    JobId held = submit(SLEEP, "--hold");

    assertThatThrownBy(() -> slurm.await(held, Duration.ofMillis(300)))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessage("Not within 0.3 s: job " + held + " is PENDING (JobHeldUser)");
    assertThatThrownBy(() -> slurm.await(JobId.of(999_999), TIMEOUT))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageStartingWith("Slurm knows no job 999999");
    assertThatThrownBy(
            () ->
                slurm.await(
                    List.of(held, JobId.of(999_999)), Set.of(JobState.PENDING), job -> {}, TIMEOUT))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageStartingWith("Slurm knows no job 999999");
  }

  @Test
  void isRefusedInSbatchsWords() {
    assertThatThrownBy(() -> submit("true", "--partition=none"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageStartingWith("sbatch refused job: sbatch: error: ")
        .hasMessageContaining("Invalid partition name specified");
    assertThatThrownBy(() -> slurm.submit(Submission.of("/nowhere")))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("Unable to open file /nowhere");
    assertThatThrownBy(() -> slurm.submit(Submission.of("/tmp/job").from("/nowhere")))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("/nowhere: No such file or directory");
  }

  @Test
  void submitsFromTheHomeWithArguments() {
    submit("pwd; printf '<%s>' \"$@\"; echo $USER", "--hold");
    JobId id =
        slurm.submit(
            Submission.of("/tmp/job")
                .withOptions(List.of("--output=/tmp/out-%j"))
                .withArguments(List.of("one", "two three")));

    Job job = slurm.await(id, TIMEOUT);

    assertThat(job.state()).isEqualTo(JobState.COMPLETED);
    assertThat(job.directory()).contains("/home/slurm");
    String node = job.nodes().orElseThrow();
    assertThat(
            engine
                .exec(
                    containers.get(node),
                    ExecCommand.asRoot("cat", "/tmp/out-" + id),
                    line -> {},
                    TIMEOUT)
                .stdout())
        .isEqualTo("/home/slurm\n<one><two three>slurm\n");
  }

  @Test
  void emptiesTheQueue() {
    JobId requeued = submit(SLEEP);
    awaitRunning(requeued);
    ok("root", "scontrol requeuehold " + requeued);
    for (int i = 0; i < 6; i++) {
      submit(SLEEP);
    }
    submit(SLEEP, "--partition=gpu", "--gpus=2");
    submit(STUBBORN);
    JobId step = submit("srun bash -c \"" + STUBBORN + "\"");
    JobId array = submit(SLEEP, "--array=1-50%2");
    awaitRunning(step);
    slurm.await(List.of(JobId.of(array + "_1")), Set.of(JobState.RUNNING), job -> {}, TIMEOUT);
    submit(SLEEP, "--dependency=afterany:" + step);
    for (int i = 0; i < 4; i++) {
      submit(SLEEP, "--begin=now+1day");
    }
    submit(SLEEP, "--hold");
    submit(SLEEP, "--nodes=2");
    ok("root", "cd /tmp; sbatch --mem=32 --wrap 'sleep 300'");
    ok(
        "root",
        "scontrol create reservation reservationname=later starttime=now+1day duration=60"
            + " users=root nodes=cpu-0 flags=ignore_jobs");

    long begin = System.nanoTime();
    Reset reset = slurm.reset(TIMEOUT);
    Duration took = Duration.ofNanos(System.nanoTime() - begin);

    assertThat(reset.jobs()).contains(step, requeued).hasSizeGreaterThan(18);
    assertThat(reset.reservations()).containsExactly("later");
    assertThat(reset.nodes()).isEmpty();
    assertThat(ok("root", "squeue --all --noheader")).isEmpty();
    assertThat(slurm.nodes())
        .allSatisfy(node -> assertThat(node.state().isWell()).isTrue())
        .allSatisfy(node -> assertThat(node.cpusAllocated()).isZero());
    assertThat(slurm.jobs()).allSatisfy(job -> assertThat(job.state().isTerminal()).isTrue());
    assertThat(took)
        .as("a few tenths of a second where the machine is idle; KillWait would be 30 s")
        .isLessThan(Duration.ofSeconds(25));
  }

  @Test
  void wakesWhatWasSuspended() {
    JobId suspended = submit(SLEEP);
    awaitRunning(suspended);
    ok("root", "scontrol suspend " + suspended);

    assertThat(slurm.reset(TIMEOUT).jobs()).containsExactly(suspended);

    // reset kills the script before it cancels: Slurm may hear of the script's end first.
    assertThat(slurm.job(suspended).map(Job::state))
        .get()
        .isIn(JobState.CANCELLED, JobState.FAILED);
  }

  @Test
  void takesNodesBack() {
    ok("root", "scontrol update nodename=cpu-0 state=drain reason='a = b, State=IDLE [x]'");
    ok("root", "scontrol update nodename=cpu-1 state=down reason=gone");
    Node drained = node("cpu-0");
    assertThat(drained.state()).hasToString("drained");
    assertThat(drained.reason().orElseThrow().text()).isEqualTo("a = b, State=IDLE [x]");
    assertThat(drained.reason().orElseThrow().user()).contains("root");
    assertThat(drained.reason().orElseThrow().since().orElseThrow())
        .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(1));

    Reset reset = slurm.reset(TIMEOUT);

    // A node that is down comes back by itself when its slurmd happens to register.
    assertThat(reset.nodes()).contains("cpu-0").isSubsetOf("cpu-0", "cpu-1");
    assertThat(slurm.nodes()).allSatisfy(node -> assertThat(node.state().isWell()).isTrue());
    assertThat(slurm.await(submit("true", "--nodelist=cpu-0"), TIMEOUT).state())
        .isEqualTo(JobState.COMPLETED);
  }

  @Test
  void leavesADeadNodeDown() {
    // Not by the engine: the container must not end.
    engine.exec(
        containers.get("cpu-1"),
        ExecCommand.asRoot("bash", "-c", "kill -STOP $(pidof slurmd)"),
        line -> {},
        TIMEOUT);
    ok("root", "scontrol update nodename=cpu-1 state=down reason=frozen");
    try {
      Reset reset = slurm.reset(TIMEOUT);

      assertThat(reset.nodes()).isEmpty();
      assertThat(node("cpu-1").state().isWell()).isFalse();
      assertThat(node("cpu-1").reason().map(Node.Reason::text)).contains("does not respond");
    } finally {
      engine.exec(
          containers.get("cpu-1"),
          ExecCommand.asRoot("bash", "-c", "kill -CONT $(pidof slurmd)"),
          line -> {},
          TIMEOUT);
    }
    // It may come back by itself before it is taken back.
    slurm.reset(TIMEOUT);
    assertThat(node("cpu-1").state().isWell()).isTrue();
  }

  @Test
  void saysWhenSlurmctldHangs() {
    ok("root", "kill -STOP $(pidof slurmctld)");
    try {
      assertThatThrownBy(() -> slurm.snapshot())
          .isInstanceOf(NoAnswerException.class)
          .hasMessage("slurmctld does not answer within 3 s");
      assertThatThrownBy(() -> slurm.reset(TIMEOUT)).isInstanceOf(NoAnswerException.class);
    } finally {
      ok("root", "kill -CONT $(pidof slurmctld)");
    }
    assertThat(slurm.snapshot().nodes()).hasSize(3);
  }
}
