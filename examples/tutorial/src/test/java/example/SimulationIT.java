package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.slurmmaven.testing.MultiNodeClusterTest;
import net.schmizz.sshj.SSHClient;
import org.junit.jupiter.api.Test;

@MultiNodeClusterTest
class SimulationIT {

  @Test
  void completes(SSHClient ssh) throws Exception {
    Simulation simulation =
        new Simulation(
            ssh,
            """
            #!/bin/bash
            echo "attempt $1 on $SLURMD_NODENAME"
            """);

    assertEquals("COMPLETED", simulation.await());
  }
}
