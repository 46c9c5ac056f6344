package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import example.JobRunner.FinishedJob;
import io.github.slurmmaven.client.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JobRunnerIT {

  private JobRunner runner;

  @BeforeEach
  void connect() throws Exception {
    // The cluster of this build or, in an IDE, the one that mvn slurm:start has started.
    Connection cluster = Connection.current();
    runner =
        new JobRunner(
            cluster.sshHost(),
            cluster.sshPort(),
            cluster.sshUser(),
            cluster.sshPrivateKey(),
            cluster.sshKnownHosts());
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
