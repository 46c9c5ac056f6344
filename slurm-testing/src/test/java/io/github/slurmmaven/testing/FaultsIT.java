/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.testing.Faults.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Faults of a cluster of containers, and those that take Slurm a while wherever it runs. */
@Tag("docker")
@SlurmTest(preset = "multi-node", slurmVersion = "24.11", engine = "docker")
class FaultsIT extends FaultsContract {

  FaultsIT(SlurmCluster cluster) {
    super(cluster);
  }

  @Test
  @DisplayName("a job is out of memory")
  void outOfMemory() {
    JobId job = running();
    faults.outOfMemory(job);
    assertEnds(job, JobState.OUT_OF_MEMORY, "OutOfMemory");
  }

  @Test
  @DisplayName("a full home takes nothing more, on no node, and is as before afterwards")
  void fullHome() {
    assertThat(run("echo before > kept.txt")).isEmpty();
    String write = "dd if=/dev/zero of=big.bin bs=1000 count=100 status=none";
    try (Fault fault = faults.fullHome()) {
      assertThat(run("cat kept.txt")).isEqualTo("before");
      assertThat(run(write)).contains("No space left on device");
      assertThat(run("srun -N 2 bash -c 'cat kept.txt; " + write + "'"))
          .contains("before")
          .contains("No space left on device");
    }
    assertThat(run("cat kept.txt; stat -c %F ~; rm -f big.bin; " + write))
        .isEqualTo("before\ndirectory");
    assertThat(run("ls /dev/shm; ls -A /home")).isEqualTo("slurm");
  }

  @Test
  @DisplayName("a restarted slurmctld is another process, and takes jobs")
  void restartController() throws IOException {
    String boot = "scontrol show config | grep BOOT_TIME";
    String before = run(boot);
    // BOOT_TIME is in seconds.
    await("date +%S", "(?!" + run("date +%S") + ").*");
    faults.restartController();
    assertThat(run(boot)).isNotEqualTo(before);
    assertEnds(submitted("--wrap=true"), JobState.COMPLETED, "None");
  }

  @Test
  @DisplayName(
      "a slow scheduler lets jobs wait on a free cluster; slurm.conf is as before afterwards")
  void slowScheduler() throws IOException {
    Path conf = cluster.directory().resolve("config/slurm.conf");
    String before = Files.readString(conf);
    JobId job;
    try (Fault fault = faults.slowScheduler(Duration.ofMinutes(10))) {
      assertThat(run("scontrol show config | grep SchedulerParameters"))
          .contains("batch_sched_delay=600");
      job = submitted("--wrap=true");
      // What else would be a fraction of a second.
      assertThat(exit("sleep 3")).isZero();
      assertThat(run("squeue -h -o %T -j " + job)).isEqualTo("PENDING");
    }
    assertEnds(job, JobState.COMPLETED, "None");
    assertThat(conf).content().isEqualTo(before);
  }

  @Test
  @DisplayName("a job reaches its time limit")
  void timeOut() {
    JobId job = running();
    faults.timeOut(job);
    assertEnds(job, JobState.TIMEOUT, "TimeLimit");
  }
}
