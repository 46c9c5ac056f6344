package it;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Session;
import net.schmizz.sshj.sftp.OpenMode;
import net.schmizz.sshj.sftp.RemoteFile;
import net.schmizz.sshj.sftp.SFTPClient;

/** A session on a cluster's login node. */
final class Login implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private final SSHClient ssh;

  private Login(SSHClient ssh) {
    this.ssh = ssh;
  }

  /** Logs in with the cluster's key, to no host but the one of the known key. */
  static Login to(Properties connection) throws IOException {
    SSHClient ssh = new SSHClient();
    ssh.setConnectTimeout((int) PATIENCE.toMillis());
    ssh.setTimeout((int) PATIENCE.toMillis());
    ssh.loadKnownHosts(new File(connection.getProperty("slurm.ssh.knownHosts")));
    ssh.connect(
        connection.getProperty("slurm.ssh.host"),
        Integer.parseInt(connection.getProperty("slurm.ssh.port")));
    ssh.authPublickey(
        connection.getProperty("slurm.ssh.user"), connection.getProperty("slurm.ssh.privateKey"));
    return new Login(ssh);
  }

  /** Runs a command and returns what it prints. */
  String run(String command) throws IOException {
    try (Session session = ssh.startSession()) {
      Session.Command running = session.exec(command);
      String output = text(running.getInputStream());
      String errors = text(running.getErrorStream());
      running.join(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (!Integer.valueOf(0).equals(running.getExitStatus())) {
        throw new IOException(command + " ended with " + running.getExitStatus() + ": " + errors);
      }
      return output;
    }
  }

  /** Writes a file of the home directory over SFTP. */
  void write(String file, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    try (SFTPClient sftp = ssh.newSFTPClient();
        RemoteFile remote = sftp.open(file, EnumSet.of(OpenMode.WRITE, OpenMode.CREAT))) {
      remote.write(0, bytes, 0, bytes.length);
    }
  }

  /** Reads a file of the home directory over SFTP. */
  String read(String file) throws IOException {
    try (SFTPClient sftp = ssh.newSFTPClient();
        RemoteFile remote = sftp.open(file);
        InputStream content = remote.new RemoteFileInputStream()) {
      return text(content);
    }
  }

  /** The states of a job: one, or one for each task of an array. */
  List<String> states(String job) throws IOException {
    return run("squeue --noheader --array --states=all --format=%T --jobs=" + job).lines().toList();
  }

  /** Waits until a job is in a state, with all its tasks. */
  void await(String job, String state) throws IOException, InterruptedException {
    Instant deadline = Instant.now().plus(PATIENCE);
    List<String> states = states(job);
    while (states.isEmpty() || !states.stream().allMatch(state::equals)) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError(
            "Job %s is %s, not %s:%n%s"
                .formatted(job, states, state, run("scontrol show job " + job)));
      }
      Thread.sleep(100);
      states = states(job);
    }
  }

  @Override
  public void close() throws IOException {
    ssh.close();
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
