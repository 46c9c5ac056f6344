package it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the generated client of each release does with a real slurmrestd. */
@Timeout(120)
class GeneratedClientIT {

  private final Jobs jobs =
      new Jobs(
          System.getProperty("slurm.rest.url"),
          System.getProperty("slurm.ssh.user"),
          System.getProperty("slurm.rest.token"));

  @Test
  void aJobIsSubmittedAndRead() throws Exception {
    int job = jobs.submit("#!/bin/sh\nexit 0\n");

    await(job, "COMPLETED");
  }

  @Test
  void aJobIsCancelled() throws Exception {
    int job = jobs.submit("#!/bin/sh\nsleep 600\n");
    await(job, "RUNNING");

    jobs.cancel(job);

    await(job, "CANCELLED");
  }

  private void await(int job, String wanted) throws Exception {
    while (!jobs.state(job).equals(wanted)) {
      assertThat(jobs.state(job)).isNotIn("FAILED", "NODE_FAIL", "TIMEOUT");
      Thread.sleep(100);
    }
  }
}
