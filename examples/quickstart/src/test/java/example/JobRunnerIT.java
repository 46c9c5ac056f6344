package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import example.JobRunner.FinishedJob;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JobRunnerIT {

  private JobRunner runner;

  @BeforeEach
  void connect() throws Exception {
    runner =
        new JobRunner(
            System.getProperty("slurm.ssh.host"),
            Integer.getInteger("slurm.ssh.port"),
            System.getProperty("slurm.ssh.user"),
            Path.of(System.getProperty("slurm.ssh.privateKey")),
            Path.of(System.getProperty("slurm.ssh.knownHosts")));
  }

  @AfterEach
  void disconnect() throws Exception {
    runner.close();
  }

  @Test
  void runsAJobOnARealCluster() throws Exception {
    FinishedJob job =
        runner.run(
            """
            #!/bin/bash
            #SBATCH --job-name=hello
            #SBATCH --ntasks=2
            echo "Job $SLURM_JOB_ID on $(scontrol --version), partition $SLURM_JOB_PARTITION:"
            srun --label bash -c 'echo "Hello from task $SLURM_PROCID on $SLURMD_NODENAME"'
            """);

    System.out.println(job.output());

    assertEquals("COMPLETED", job.state());
    assertTrue(job.output().contains("0: Hello from task 0 on slurm"));
    assertTrue(job.output().contains("1: Hello from task 1 on slurm"));
  }

  @Test
  void tellsWhenAJobFails() throws Exception {
    FinishedJob job =
        runner.run(
            """
            #!/bin/bash
            echo "Something went wrong."
            exit 3
            """);

    assertEquals("FAILED", job.state());
    assertEquals("Something went wrong.\n", job.output());
  }
}
