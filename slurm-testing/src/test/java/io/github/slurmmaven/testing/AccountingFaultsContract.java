/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.testing.Faults.Fault;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What is not recorded while a daemon of accounting is away is recorded when it is back. */
@ResourceLock("accounting")
@Timeout(240)
abstract class AccountingFaultsContract {

  private static final Duration LONG = Duration.ofMinutes(2);

  private final SlurmCluster cluster;

  AccountingFaultsContract(SlurmCluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void jobsGoOnWhileTheDatabaseIsPaused() throws Exception {
    JobId job;
    try (Fault fault = new Faults(cluster).pauseDatabase()) {
      assertThat(cluster.tryRun("timeout 3 sacct -n -X").ok()).isFalse();
      job = runsAJob();
    }
    assertIsRecorded(job);
  }

  @Test
  @Tag("slow")
  void jobsGoOnWithoutSlurmdbd() throws Exception {
    JobId job;
    try (Fault fault = new Faults(cluster).stopSlurmdbd()) {
      assertThat(cluster.tryRun("sacct -n -X").ok()).isFalse();
      job = runsAJob();
    }
    assertIsRecorded(job);
  }

  private JobId runsAJob() {
    JobId job =
        JobId.of(
            cluster.run("sbatch --parsable --output=/dev/null --wrap 'exit 9'").stdout().strip());
    assertThat(cluster.await(job, LONG).state()).isEqualTo(JobState.FAILED);
    return job;
  }

  private void assertIsRecorded(JobId job) throws InterruptedException {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (System.nanoTime() < deadline
        && cluster.records(job).stream().noneMatch(record -> record.exit().code() == 9)) {
      Thread.sleep(100);
    }
    assertThat(cluster.records(job))
        .singleElement()
        .satisfies(record -> assertThat(record.exit().code()).isEqualTo(9));
  }
}
