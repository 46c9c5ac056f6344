package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.testing.Faults;
import io.github.slurmmaven.testing.Faults.Fault;
import io.github.slurmmaven.testing.MultiNodeClusterTest;
import net.schmizz.sshj.SSHClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@MultiNodeClusterTest
class NodeFailureIT {

  @Test
  @Timeout(300)
  void runsOnceMoreOnAnotherNode(SSHClient ssh, SlurmCluster cluster) throws Exception {
    // The first attempt runs until its node fails.
    Simulation simulation =
        new Simulation(
            ssh,
            """
            #!/bin/bash
            test "$1" -gt 1 || sleep 600
            """);
    String node = simulation.node();
    while (node.isEmpty()) {
      Thread.sleep(100);
      node = simulation.node();
    }

    try (Fault fault = new Faults(cluster).down(node, "power supply")) {
      assertEquals("COMPLETED", simulation.await());
      assertNotEquals(node, simulation.node());
    }
  }
}
