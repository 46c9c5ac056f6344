package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import example.Training.Outcome;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.testing.CpuClusterTest;
import io.github.slurmmaven.testing.Faults;
import io.github.slurmmaven.testing.Faults.Fault;
import java.time.Duration;
import net.schmizz.sshj.SSHClient;
import org.junit.jupiter.api.Test;

/** On a real cluster, which is started for it, or runs already. */
@CpuClusterTest
class TrainingIT {

  @Test
  void trains(SSHClient client) throws Exception {
    Training training = new Training(client);

    assertEquals(Outcome.TRAINED, training.await(training.submit(3), Duration.ofSeconds(30)));
  }

  @Test
  void fails(SSHClient client) throws Exception {
    Training training = new Training(client);

    assertEquals(Outcome.FAILED, training.await(training.submit(0), Duration.ofSeconds(30)));
  }

  @Test
  void givesUpWhereNothingStarts(SSHClient client, SlurmCluster cluster) throws Exception {
    Training training = new Training(client);

    try (Fault fault = new Faults(cluster).fullQueue("debug")) {
      assertEquals(
          Outcome.TOO_SLOW, training.await(training.submit(3), Duration.ofMillis(500)));
      assertEquals("", cluster.run("squeue --noheader --name=train").stdout());
    }
  }
}
