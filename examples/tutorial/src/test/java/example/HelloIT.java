package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.testing.CpuClusterTest;
import java.util.List;
import org.junit.jupiter.api.Test;

@CpuClusterTest
class HelloIT {

  @Test
  void runsAJobWithTwoTasks(SlurmCluster cluster) {
    String output = cluster.run("srun --ntasks=2 printenv SLURMD_NODENAME").stdout();

    assertEquals(List.of("slurm", "slurm"), output.lines().toList());
  }
}
