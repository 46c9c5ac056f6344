package it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AfterRestartIT {

  @Test
  void thePendingJobIsStillThereAndRuns() throws Exception {
    try (Login login = Login.to(System.getProperties())) {
      String job = login.run("squeue --noheader --name=survivor --states=PENDING --format=%i");
      assertThat(job).matches("\\d+");

      login.run("scontrol release " + job);
      login.await(job, "COMPLETED");

      assertThat(login.read("survivor.out")).isEqualTo("I am job " + job);
    }
  }

  @Test
  void newJobsRunToo() throws Exception {
    try (Login login = Login.to(System.getProperties())) {
      assertThat(login.run("srun printenv SLURMD_NODENAME")).isEqualTo("slurm");
    }
  }
}
