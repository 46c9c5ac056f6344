package example;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Session;

/** Trains models on a cluster: the code under test. */
public final class Training {

  /** What became of a training. */
  public enum Outcome {
    TRAINED,
    FAILED,
    TOO_SLOW
  }

  private final SSHClient cluster;

  public Training(SSHClient cluster) {
    this.cluster = cluster;
  }

  /** Submits a training and returns its job. */
  public String submit(int epochs) throws IOException {
    String script =
        """
        #!/bin/bash
        #SBATCH --job-name=train
        #SBATCH --cpus-per-task=2
        echo "training $1 epochs"
        test "$1" -gt 0
        """;
    return run("mkdir -p models && cat > models/train.sh <<'END'\n" + script + "END\n"
        + "sbatch --parsable --chdir=models models/train.sh " + epochs);
  }

  /** Waits for a training's end. */
  public Outcome await(String job, Duration patience) throws IOException, InterruptedException {
    Map<String, Outcome> outcomes = Map.of("COMPLETED", Outcome.TRAINED, "FAILED", Outcome.FAILED);
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < deadline) {
      Outcome outcome = outcomes.get(run("squeue -h --states=all --jobs=" + job + " -o %T"));
      if (outcome != null) {
        return outcome;
      }
      Thread.sleep(50);
    }
    run("scancel " + job);
    return Outcome.TOO_SLOW;
  }

  private String run(String command) throws IOException {
    try (Session session = cluster.startSession();
        Session.Command running = session.exec(command)) {
      String output = new String(running.getInputStream().readAllBytes()).strip();
      String errors = new String(running.getErrorStream().readAllBytes()).strip();
      running.join();
      if (running.getExitStatus() != 0) {
        throw new IOException(errors);
      }
      return output;
    }
  }
}
