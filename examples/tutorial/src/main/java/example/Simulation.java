package example;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Session;

/** A batch job that runs once more, on another node, if its node fails. */
public final class Simulation {

  private static final int ATTEMPTS = 2;

  private final SSHClient ssh;
  private final String script;
  private String job;
  private int attempt;

  /** Submits a batch script, which gets the number of the attempt as its argument. */
  public Simulation(SSHClient ssh, String script) throws IOException {
    this.ssh = ssh;
    this.script = script;
    submit("");
  }

  private void submit(String options) throws IOException {
    attempt++;
    job = execute("sbatch --parsable --no-requeue " + options + " /dev/stdin " + attempt, script);
  }

  /** The node on which the last attempt runs or ran; empty while it waits in the queue. */
  public String node() throws IOException {
    return squeue("%N");
  }

  /** Waits for the end, and returns the state of the last attempt. */
  public String await() throws IOException, InterruptedException {
    while (true) {
      String state = squeue("%T");
      if (state.equals("NODE_FAIL") && attempt < ATTEMPTS) {
        submit("--exclude=" + node());
      } else if (!state.matches("PENDING|CONFIGURING|RUNNING|COMPLETING")) {
        return state;
      }
      Thread.sleep(100);
    }
  }

  private String squeue(String format) throws IOException {
    return execute("squeue --noheader --states=all --jobs=" + job + " --format=" + format, "");
  }

  private String execute(String command, String input) throws IOException {
    try (Session session = ssh.startSession();
        Session.Command running = session.exec(command)) {
      if (!input.isEmpty()) {
        try (OutputStream stdin = running.getOutputStream()) {
          stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
      }
      String output = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      String errors = new String(running.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      running.join();
      if (running.getExitStatus() != 0) {
        throw new IOException(command + ": " + errors);
      }
      return output.strip();
    }
  }
}
