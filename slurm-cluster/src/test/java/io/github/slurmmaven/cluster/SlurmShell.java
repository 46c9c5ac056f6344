/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.client.Connection;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.DefaultConfig;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Session;
import net.schmizz.sshj.connection.channel.direct.Session.Command;
import net.schmizz.sshj.sftp.SFTPClient;
import net.schmizz.sshj.xfer.InMemoryDestFile;
import net.schmizz.sshj.xfer.InMemorySourceFile;

/** A login to a cluster, with no more than its {@link Connection} says. */
final class SlurmShell implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(120);

  /** How a command ended. */
  record Result(int exitCode, String stdout, String stderr) {}

  private final SSHClient client;

  private SlurmShell(SSHClient client) {
    this.client = client;
  }

  /** Logs in with the key. */
  static SlurmShell withKey(Connection connection) throws IOException {
    SSHClient client = connect(connection);
    client.authPublickey(connection.sshUser(), connection.sshPrivateKey().toString());
    return new SlurmShell(client);
  }

  /** Logs in with a password. */
  static SlurmShell withPassword(Connection connection, String password) throws IOException {
    SSHClient client = connect(connection);
    try {
      client.authPassword(connection.sshUser(), password);
    } catch (IOException e) {
      client.close();
      throw e;
    }
    return new SlurmShell(client);
  }

  private static SSHClient connect(Connection connection) throws IOException {
    SSHClient client = new SSHClient(new DefaultConfig());
    client.loadKnownHosts(connection.sshKnownHosts().toFile());
    client.setConnectTimeout((int) TIMEOUT.toMillis());
    client.setTimeout((int) TIMEOUT.toMillis());
    client.connect(connection.sshHost(), connection.sshPort());
    return client;
  }

  /** Runs a command line. */
  Result run(String line) throws IOException {
    return run(line, "");
  }

  Result run(String line, String stdin) throws IOException {
    try (Session session = client.startSession();
        Command command = session.exec(line)) {
      if (!stdin.isEmpty()) {
        command.getOutputStream().write(stdin.getBytes(StandardCharsets.UTF_8));
        command.getOutputStream().close();
      }
      String stdout = text(command.getInputStream());
      String stderr = text(command.getErrorStream());
      command.join(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      Integer status = command.getExitStatus();
      return new Result(status == null ? -1 : status, stdout, stderr);
    }
  }

  /** Runs a command line that must succeed, and returns what it wrote, without the last newline. */
  String ok(String line) throws IOException {
    return ok(line, "");
  }

  String ok(String line, String stdin) throws IOException {
    Result result = run(line, stdin);
    if (result.exitCode() != 0) {
      throw new AssertionError(line + " ended with " + result);
    }
    return result.stdout().strip();
  }

  /**
   * Waits until slurmctld has written what happened to the disk: it keeps it for up to 5 s to
   * itself, and a crash then loses it.
   *
   * @param job any that is not finished
   */
  void awaitSavedState(String job) throws IOException {
    ok(
        """
        touch saved
        scontrol update jobid=%s comment=save
        state=$(scontrol show config | sed -n 's/^StateSaveLocation *= *//p')
        until [ "$state/job_state" -nt saved ]; do sleep 0.1; done
        """
            .formatted(job));
  }

  /** The state of a job once it is one of those named. */
  String awaitState(String job, String states) throws IOException {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    String state;
    do {
      state = ok("scontrol show job " + job + " -o | grep -o ' JobState=[A-Z_]*' | head -1");
      state = state.substring(state.indexOf('=') + 1);
      if (state.matches(states)) {
        return state;
      }
      pause();
    } while (System.nanoTime() < deadline);
    throw new AssertionError("job " + job + " is " + state + " and not " + states);
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Writes a file over SFTP. */
  void upload(String name, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    try (SFTPClient sftp = client.newSFTPClient()) {
      sftp.put(
          new InMemorySourceFile() {
            @Override
            public String getName() {
              return name;
            }

            @Override
            public long getLength() {
              return bytes.length;
            }

            @Override
            public InputStream getInputStream() {
              return new ByteArrayInputStream(bytes);
            }
          },
          name);
    }
  }

  /** Reads a file over SFTP. */
  String download(String name) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (SFTPClient sftp = client.newSFTPClient()) {
      sftp.get(
          name,
          new InMemoryDestFile() {
            @Override
            public long getLength() {
              return content.size();
            }

            @Override
            public ByteArrayOutputStream getOutputStream() {
              return content;
            }

            @Override
            public ByteArrayOutputStream getOutputStream(boolean append) {
              return content;
            }
          });
    }
    return content.toString(StandardCharsets.UTF_8);
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
