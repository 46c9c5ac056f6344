/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.lifecycle.SlurmCluster;
import io.github.slurmmaven.slurm.JobId;
import io.github.slurmmaven.slurm.JobState;
import io.github.slurmmaven.testing.Faults.Fault;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Faults of a cluster of containers. */
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
}
