package it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SiteIT {

  private static Login login;

  @BeforeAll
  static void logIn() throws Exception {
    login = Login.to(System.getProperties());
  }

  @AfterAll
  static void logOut() throws Exception {
    login.close();
  }

  @Test
  void aJobWithoutATimeLimitIsRefused() {
    assertThatThrownBy(() -> login.run("sbatch --wrap hostname"))
        .hasMessageContaining("Say how long the job may take: --time");
  }

  @Test
  void aJobWithATimeLimitRunsOnAPreparedNode() throws Exception {
    assertThat(
            login.run("srun --time=1 sh -c 'cat /tmp/it-site-$SLURM_JOB_ID-$(id -u)'"))
        .isEqualTo("prepared");
  }

  @Test
  @Timeout(240)
  void theEpilogTakesBackWhatThePrologHasMade() throws Exception {
    String job =
        login.run(
            "sbatch --parsable --wait --time=1 --wrap 'ls /tmp/it-site-$SLURM_JOB_ID-$(id -u)'")
            .strip();

    // Slurm runs it when the job has ended for those who wait.
    assertThat(login.run("while ls /tmp/it-site-" + job + "-*; do sleep 0.1; done 2>&1"))
        .endsWith("No such file or directory");
  }
}
