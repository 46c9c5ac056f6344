package it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import net.schmizz.sshj.SSHClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlurmIT {

  private static Login login;

  @BeforeAll
  static void logIn() throws Exception {
    login = Login.to(System.getProperties());
  }

  @AfterAll
  static void logOut() throws Exception {
    login.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "port", "user", "password", "knownHosts"})
  void theProjectsPropertiesAreThoseOfTheFile(String name) {
    assertThat(System.getProperty("slurm.ssh." + name))
        .isNotBlank()
        .isEqualTo(System.getProperty("fromTheProject." + name));
  }

  @Test
  void runsTheSlurmThatWasAskedFor() throws Exception {
    assertThat(System.getProperty("slurm.version")).isEqualTo(System.getProperty("expected.version"));
    assertThat(login.run("scontrol --version"))
        .contains(" " + System.getProperty("expected.version") + ".");
  }

  @Test
  void isOneNodeInOnePartition() throws Exception {
    assertThat(login.run("sinfo --noheader --format='%P %n %c %m %l'"))
        .isEqualTo(System.getProperty("slurm.partition") + "* slurm 4 4096 1:00:00");
  }

  @Test
  void letsTheUserLogInWithThePassword() throws Exception {
    try (SSHClient ssh = new SSHClient()) {
      ssh.loadKnownHosts(new File(System.getProperty("slurm.ssh.knownHosts")));
      ssh.connect(System.getProperty("slurm.ssh.host"), Integer.getInteger("slurm.ssh.port"));
      ssh.authPassword(
          System.getProperty("slurm.ssh.user"), System.getProperty("slurm.ssh.password"));

      assertThat(ssh.isAuthenticated()).isTrue();
    }
  }

  @Test
  void batchJobLeavesItsOutput() throws Exception {
    login.write(
        "batch.sh",
        """
        #!/bin/bash
        #SBATCH --job-name=batch
        #SBATCH --output=batch-%j.out
        #SBATCH --cpus-per-task=2
        #SBATCH --time=1
        echo "Job $SLURM_JOB_ID has $SLURM_CPUS_PER_TASK CPUs on $SLURMD_NODENAME."
        """);

    String job = login.run("sbatch --parsable batch.sh");
    login.await(job, "COMPLETED");

    assertThat(login.read("batch-" + job + ".out"))
        .isEqualTo("Job " + job + " has 2 CPUs on slurm.");
  }

  @Test
  void srunPrintsWhatTheTasksPrint() throws Exception {
    assertThat(login.run("srun --ntasks=2 --label bash -c 'echo task $SLURM_PROCID'").lines())
        .containsExactlyInAnyOrder("0: task 0", "1: task 1");
  }

  @Test
  void arrayJobRunsEachTask() throws Exception {
    String job =
        login.run(
            "sbatch --parsable --array=1-3 --output=array-%a.out"
                + " --wrap='echo $((SLURM_ARRAY_TASK_ID * 10))'");
    login.await(job, "COMPLETED");

    assertThat(login.states(job)).hasSize(3);
    assertThat(login.read("array-1.out")).isEqualTo("10");
    assertThat(login.read("array-2.out")).isEqualTo("20");
    assertThat(login.read("array-3.out")).isEqualTo("30");
  }

  @Test
  void scancelEndsARunningJob() throws Exception {
    String job = login.run("sbatch --parsable --wrap='sleep 600'");
    login.await(job, "RUNNING");

    login.run("scancel " + job);

    login.await(job, "CANCELLED");
  }

  @Test
  void failedJobTellsItsExitCode() throws Exception {
    String job = login.run("sbatch --parsable --wrap='exit 3'");
    login.await(job, "FAILED");

    assertThat(login.run("scontrol show job " + job)).contains("ExitCode=3:0");
  }
}
