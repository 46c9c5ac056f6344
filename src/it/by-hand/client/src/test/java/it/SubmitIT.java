package it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SubmitIT {

  @Test
  void leavesAJobPending() throws Exception {
    try (Login login = Login.to(System.getProperties())) {
      String job =
          login.run(
              "sbatch --parsable --hold --job-name=survivor --output=survivor.out"
                  + " --wrap='echo I am job $SLURM_JOB_ID'");

      assertThat(login.states(job)).containsExactly("PENDING");
    }
  }
}
