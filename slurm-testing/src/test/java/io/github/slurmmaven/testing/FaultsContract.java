/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.testing.Faults.Fault;
import io.github.slurmmaven.testing.ResetBetweenTests.Scope;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Session;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Slurm itself says of the faults. */
@ResetBetweenTests(Scope.METHOD)
@Timeout(180)
abstract class FaultsContract {

  static final String NODE = "compute-0";
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  final SlurmCluster cluster;
  final Faults faults;

  FaultsContract(SlurmCluster cluster) {
    this.cluster = cluster;
    faults = new Faults(cluster);
  }

  final int exit(String command) {
    return cluster.ssh(
        Optional.empty(),
        command,
        OutputStream.nullOutputStream(),
        OutputStream.nullOutputStream());
  }

  final String run(String command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    cluster.ssh(Optional.empty(), command + " 2>&1", out, OutputStream.nullOutputStream());
    return out.toString(StandardCharsets.UTF_8).strip();
  }

  /** The test's timeout is the deadline. */
  final void await(String command, String pattern) {
    String last;
    do {
      last = run(command);
    } while (!last.matches(pattern));
  }

  final JobId submitted(String options) {
    return JobId.of(run("sbatch --parsable " + options));
  }

  final JobId running() {
    JobId job = submitted("--nodelist=" + NODE + " --wrap='sleep 300'");
    await("squeue -h -o %T -j " + job, "RUNNING");
    return job;
  }

  final void assertEnds(JobId job, JobState state, String reason) {
    assertThat(cluster.await(List.of(job), PATIENCE))
        .singleElement()
        .satisfies(
            ended -> {
              assertThat(ended.state()).isEqualTo(state);
              assertThat(ended.reason()).isEqualTo(reason);
            });
  }

  final String state(String format) {
    return run("sinfo -h -n " + NODE + " -o '" + format + "'");
  }

  @Test
  @DisplayName("a drained node says why, and is idle again")
  void drain() {
    try (Fault fault = faults.drain(NODE, "bad disk")) {
      assertThat(state("%T %E")).isEqualTo("drained bad disk");
    }
    assertThat(state("%T")).isEqualTo("idle");
  }

  @Test
  @DisplayName("a node that is down comes back")
  void down() {
    try (Fault fault = faults.down(NODE, "no power")) {
      assertThat(state("%t %E")).isEqualTo("down no power");
    }
    assertThat(state("%t")).isEqualTo("idle");
  }

  @Test
  @DisplayName("a node that is down stays so when its slurmd registers")
  void downWhileItRegisters() {
    try (Fault fault = faults.down(NODE, "no power")) {
      cluster.startController();
      // A slurmctld knows the versions of those who have registered since its start.
      await("sinfo -h -N -n " + NODE + " -O Version:20", "\\d.*");
      assertThat(state("%t %E")).isEqualTo("down no power");
    }
    assertThat(state("%t")).isEqualTo("idle");
  }

  @Test
  @DisplayName("a node that is cut off is not heard of, while its job goes on, and comes back")
  @Tag("slow")
  void cutOff() {
    JobId job = running();
    try (Fault fault = faults.cutOff(NODE)) {
      await("sinfo -h -n " + NODE + " -o %T", ".*\\*");
      assertThat(run("squeue -h -o %T -j " + job)).isEqualTo("RUNNING");
    }
    assertThat(run("squeue -h -o %T -j " + job)).isEqualTo("RUNNING");
    await("sinfo -h -n " + NODE + " -o %T", "mixed|allocated");
  }

  @Test
  @DisplayName("a node that runs no jobs cannot be cut off")
  void cutOffNothing() {
    assertThatThrownBy(() -> faults.cutOff("nope"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("nope");
    assertThatThrownBy(() -> faults.cutOff("controller"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("controller");
  }

  @Test
  @DisplayName("in a full queue no job starts, and then it does")
  void fullQueue() {
    JobId job;
    try (Fault fault = faults.fullQueue("cpu")) {
      job = submitted("--wrap=true");
      await("squeue -h -o '%T %r' -j " + job, "PENDING PartitionDown");
    }
    assertEnds(job, JobState.COMPLETED, "None");
  }

  @Test
  @DisplayName("a paused slurmctld does not answer, and then it does")
  void pauseController() {
    try (Fault fault = faults.pauseController()) {
      assertThat(exit("timeout 1 squeue")).isEqualTo(124);
    }
    assertThat(exit("timeout 30 squeue")).isZero();
  }

  @Test
  @DisplayName("a stopped slurmctld cannot be contacted, and knows its jobs when it is back")
  @Tag("slow")
  void stopController() {
    JobId job = running();
    try (Fault fault = faults.stopController()) {
      assertThat(run("squeue")).contains("Unable to contact slurm controller");
      assertThat(run("echo still here")).isEqualTo("still here");
    }
    assertThat(run("squeue -h -o %T -j " + job)).isEqualTo("RUNNING");
    assertThat(state("%T")).isIn("mixed", "allocated");
  }

  @Test
  @DisplayName("a slurmctld that was started answers")
  void startController() {
    cluster.stopController();
    cluster.startController();
    // Not by SSH, whose login gives it time.
    assertThat(cluster.run("scontrol ping").stdout()).contains("is UP");
  }

  @Test
  @DisplayName("a scheduler cannot be slow by less than a second")
  void tooFast() {
    assertThatThrownBy(() -> faults.slowScheduler(Duration.ofMillis(10)))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("pace");
  }

  @Test
  @DisplayName("a connection breaks in the middle of a command, and the next one works")
  void dropConnections(SSHClient client) throws IOException {
    try (Session session = client.startSession();
        Session.Command command = session.exec("echo began; sleep 300");
        BufferedReader out =
            new BufferedReader(
                new InputStreamReader(command.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("began");
      faults.dropConnections();
      // The end may be reported by the stream or by the transport.
      try {
        assertThat(out.read()).isEqualTo(-1);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("Broken transport");
      }
      assertThat(command.getExitStatus()).isNull();
    }
    assertThat(run("echo again")).isEqualTo("again");
  }

  @Test
  @DisplayName("a job is cancelled by the administrator")
  void cancel() {
    JobId job = running();
    faults.cancel(job);
    assertEnds(job, JobState.CANCELLED, "None");
  }

  @Test
  @DisplayName("a job fails with its node")
  void fail() {
    JobId job = running();
    faults.fail(job, NODE);
    assertThat(cluster.await(List.of(job), PATIENCE))
        .extracting(Job::state)
        .containsExactly(JobState.NODE_FAIL);
  }

  @Test
  @DisplayName("a job is queued again and runs again")
  @Tag("slow")
  void requeue() {
    JobId job = running();
    faults.requeue(job);
    assertThat(run("scontrol show job " + job)).contains("Restarts=1");
    await("squeue -h -o %T -j " + job, "RUNNING");
  }

  @Test
  @DisplayName("a job that queues itself again runs again at once")
  void runAgain() {
    JobId job =
        submitted(
            "--nodelist="
                + NODE
                + " --wrap='[ -n \"$SLURM_RESTART_COUNT\" ] || scontrol requeue $SLURM_JOB_ID;"
                + " sleep 300'");
    long begin = System.nanoTime();
    faults.runAgain(job);
    await("squeue -h -o %T -j " + job, "RUNNING");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    assertThat(run("scontrol show job " + job)).contains("Restarts=1");
  }

  @Test
  @DisplayName("a job gives way to another; no trace of that is left")
  @Tag("slow")
  void preempt() throws IOException {
    Path conf = cluster.directory().resolve("config/slurm.conf");
    String before = Files.readString(conf);
    JobId job = running();
    faults.preempt(job);
    assertEnds(job, JobState.PREEMPTED, "None");
    assertThat(conf).content().isEqualTo(before);
    assertThat(run("sinfo --all -h -o %R")).isEqualTo("cpu");
  }

  @Test
  @DisplayName("only a job that runs can give way or run out of memory")
  void preemptNothing() {
    JobId job = submitted("--hold --wrap=true");
    assertThatThrownBy(() -> faults.preempt(job))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("Job %s does not run", job);
  }

  @Test
  @DisplayName("what the cluster refuses is told in its words")
  void refused() {
    assertThatThrownBy(() -> faults.drain("nope", "no such node"))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("Invalid node name specified");
  }
}
