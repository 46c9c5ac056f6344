package example;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Session;
import net.schmizz.sshj.sftp.RemoteFile;
import net.schmizz.sshj.sftp.SFTPClient;

/** Runs batch jobs on a Slurm cluster, over SSH to its login node. */
public final class JobRunner implements AutoCloseable {

  private static final Set<String> UNFINISHED =
      Set.of("PENDING", "CONFIGURING", "RUNNING", "COMPLETING");

  private final SSHClient ssh = new SSHClient();

  /** A job that has ended, the state Slurm gave it, and what it wrote to standard output. */
  public record FinishedJob(String id, String state, String output) {}

  public JobRunner(String host, int port, String user, Path privateKey, Path knownHosts)
      throws IOException {
    ssh.loadKnownHosts(knownHosts.toFile());
    ssh.connect(host, port);
    ssh.authPublickey(user, privateKey.toString());
  }

  /** Submits a batch script and waits for the end of the job. */
  public FinishedJob run(String script) throws IOException, InterruptedException {
    String id = execute("sbatch --parsable --output=%j.out", script);
    String state = state(id);
    while (UNFINISHED.contains(state)) {
      Thread.sleep(200);
      state = state(id);
    }
    return new FinishedJob(id, state, read(id + ".out"));
  }

  private String state(String id) throws IOException {
    return execute("squeue --noheader --states=all --format=%T --jobs=" + id, "");
  }

  private String execute(String command, String input) throws IOException {
    try (Session session = ssh.startSession();
        Session.Command running = session.exec(command)) {
      if (!input.isEmpty()) {
        try (OutputStream stdin = running.getOutputStream()) {
          stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
      }
      String output = text(running.getInputStream());
      String errors = text(running.getErrorStream());
      running.join();
      if (running.getExitStatus() != 0) {
        throw new IOException(command + ": " + errors);
      }
      return output.strip();
    }
  }

  private String read(String file) throws IOException {
    try (SFTPClient sftp = ssh.newSFTPClient();
        RemoteFile remote = sftp.open(file);
        InputStream content = remote.new RemoteFileInputStream()) {
      return text(content);
    }
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    ssh.close();
  }
}
