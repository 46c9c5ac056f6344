package example;

import static io.github.slurmmaven.client.JobState.CANCELLED;
import static io.github.slurmmaven.client.JobState.FAILED;
import static io.github.slurmmaven.client.JobState.RUNNING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import example.Training.Outcome;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.mock.MockJob;
import io.github.slurmmaven.mock.MockSlurm;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import net.schmizz.sshj.SSHClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Without a cluster: what is submitted, and what happens when things go wrong. */
class TrainingTest {

  private final MockSlurm mock = MockSlurm.start();
  private final SSHClient client = new SSHClient();

  @BeforeEach
  void logIn() throws IOException {
    Connection connection = mock.connection();
    client.loadKnownHosts(connection.sshKnownHosts().toFile());
    client.connect(connection.sshHost(), connection.sshPort());
    client.authPublickey(connection.sshUser(), connection.sshPrivateKey().toString());
  }

  @AfterEach
  void end() throws IOException {
    client.close();
    mock.close();
  }

  @Test
  void asksForTwoProcessors() throws Exception {
    MockJob job = mock.job(new Training(client).submit(3));

    assertEquals("train", job.name());
    assertEquals("2", job.options().get("cpus-per-task"));
    assertEquals(List.of("3"), job.arguments());
    assertEquals("/home/slurm/models", job.directory());
    assertTrue(job.script().contains("training $1 epochs"));
  }

  @Test
  void reportsAFailure() throws Exception {
    mock.on("train").then(RUNNING).after(Duration.ofMillis(200)).then(FAILED).exit(3);
    Training training = new Training(client);

    assertEquals(Outcome.FAILED, training.await(training.submit(3), Duration.ofSeconds(10)));
  }

  @Test
  void cancelsWhatTakesTooLong() throws Exception {
    mock.on("train").then(RUNNING);
    Training training = new Training(client);

    assertEquals(Outcome.TOO_SLOW, training.await(training.submit(3), Duration.ofMillis(200)));
    assertEquals(CANCELLED, mock.job("1").state());
  }

  @Test
  void saysWhatSlurmSays() {
    mock.fault("sbatch").times(1).socketTimeout();

    IOException failure = assertThrows(IOException.class, () -> new Training(client).submit(3));
    assertTrue(failure.getMessage().contains("Socket timed out"));
  }
}
