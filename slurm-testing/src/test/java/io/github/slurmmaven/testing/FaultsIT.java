/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.lifecycle.SlurmCluster;
import io.github.slurmmaven.report.SlurmClusterException;
import io.github.slurmmaven.slurm.Job;
import io.github.slurmmaven.slurm.JobId;
import io.github.slurmmaven.slurm.JobState;
import io.github.slurmmaven.testing.Faults.Fault;
import io.github.slurmmaven.testing.ResetBetweenTests.Scope;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Slurm itself says of the faults. */
@SlurmTest(preset = "cpu")
@ResetBetweenTests(Scope.METHOD)
@Timeout(120)
class FaultsIT {

  private final SlurmCluster cluster;
  private final Faults faults;

  FaultsIT(SlurmCluster cluster) {
    this.cluster = cluster;
    faults = new Faults(cluster);
  }

  private int exit(String command) {
    return cluster.ssh(
        Optional.empty(),
        command,
        OutputStream.nullOutputStream(),
        OutputStream.nullOutputStream());
  }

  private String run(String command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    cluster.ssh(Optional.empty(), command, out, OutputStream.nullOutputStream());
    return out.toString(StandardCharsets.UTF_8).strip();
  }

  private void await(String command, String answer) {
    String last;
    do {
      last = run(command);
    } while (!last.equals(answer));
  }

  private JobId running() {
    String job = run("sbatch --parsable --wrap='sleep 60'");
    await("squeue -h -o %T -j " + job, "RUNNING");
    return JobId.of(job);
  }

  @BeforeEach
  void isWell() {
    assertThat(run("sinfo -h -o %t")).isEqualTo("idle");
  }

  @Test
  @DisplayName("a drained node says why, and is idle again")
  void drain() {
    try (Fault fault = faults.drain("slurm", "bad disk")) {
      assertThat(run("sinfo -h -o '%T %E'")).isEqualTo("drained bad disk");
    }
    assertThat(run("sinfo -h -o %T")).isEqualTo("idle");
  }

  @Test
  @DisplayName("a node that is down comes back")
  void down() {
    try (Fault fault = faults.down("slurm", "no power")) {
      assertThat(run("sinfo -h -o '%t %E'")).isEqualTo("down no power");
    }
    assertThat(run("sinfo -h -o %t")).isEqualTo("idle");
  }

  @Test
  @DisplayName("in a full queue no job starts, and then it does")
  void fullQueue() {
    String job;
    try (Fault fault = faults.fullQueue("debug")) {
      job = run("sbatch --parsable --wrap=true");
      await("squeue -h -o '%T %r' -j " + job, "PENDING PartitionDown");
    }
    assertThat(cluster.await(List.of(JobId.of(job)), Duration.ofSeconds(30)))
        .extracting(Job::state)
        .containsExactly(JobState.COMPLETED);
  }

  @Test
  @DisplayName("a paused slurmctld does not answer, and then it does")
  void pauseController() {
    try (Fault fault = faults.pauseController()) {
      assertThat(exit("timeout 1 squeue")).isEqualTo(124);
    }
    assertThat(exit("timeout 10 squeue")).isZero();
  }

  @Test
  @DisplayName("a job fails with its node")
  void fail() {
    JobId job = running();
    faults.fail(job, "slurm");
    assertThat(cluster.await(List.of(job), Duration.ofSeconds(30)))
        .extracting(Job::state)
        .containsExactly(JobState.NODE_FAIL);
    await("sinfo -h -o %t", "idle");
  }

  @Test
  @DisplayName("a job is queued again")
  void requeue() {
    JobId job = running();
    faults.requeue(job);
    assertThat(run("scontrol show job " + job)).contains("Restarts=1");
  }

  @Test
  @DisplayName("what the cluster refuses is told in its words")
  void refused() {
    assertThatThrownBy(() -> faults.drain("nope", "no such node"))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("Invalid node name specified");
  }
}
