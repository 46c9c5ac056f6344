/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import net.schmizz.keepalive.KeepAlive;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.common.DisconnectReason;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.connection.channel.direct.SessionChannel;
import net.schmizz.sshj.transport.TransportException;
import net.schmizz.sshj.transport.verification.HostKeyVerifier;
import net.schmizz.sshj.userauth.UserAuthException;
import net.schmizz.sshj.userauth.keyprovider.FileKeyProvider;
import org.jspecify.annotations.Nullable;

/**
 * A login to a cluster with the data of its {@link Connection}. If the host key is not the pinned
 * one, nothing is sent. It runs commands and shells, one at a time.
 *
 * <p>Every method throws {@link SlurmClusterException} when the connection is lost. When its thread
 * is interrupted, it throws that, too, after it has signaled the program to end and closed the
 * connection.
 */
public final class SshConnection implements AutoCloseable {

  /** Limit for a response of the server, not for a command. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Interval of keep-alive messages. After five without a response, the connection is lost. */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

  /** Whether the classes are loaded, which is needed once in a JVM. */
  private static final AtomicBoolean PREPARED = new AtomicBoolean();

  private final SSHClient client;
  private final String server;

  /**
   * The server refuses the key, or its host key is not the pinned one. A retry has the same result.
   */
  public static final class LoginRefusedException extends SlurmClusterException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message server, account and key
     * @param cause the server's response
     */
    public LoginRefusedException(String message, IOException cause) {
      super(message, cause);
    }
  }

  private SshConnection(SSHClient client, String server) {
    this.client = client;
    this.server = server;
  }

  /** Loads the classes of this JVM's first login, on a thread of its own. */
  public static void prepare() {
    if (PREPARED.getAndSet(true)) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              try {
                SshClients.rehearse();
              } catch (IOException | GeneralSecurityException | LinkageError e) {
                // The login has the same failure and reports it. If there is no login, because the
                // start has failed, Maven has closed the plugin's class loader.
              }
            },
            "slurm-ssh-prepare");
    thread.setDaemon(true);
    thread.start();
  }

  /** Logs in as the cluster's default user. */
  public static SshConnection open(Connection connection) {
    return open(connection, connection.sshUser());
  }

  /**
   * Logs in.
   *
   * @param user an account of the cluster
   * @throws UserMistakeException when there is no such account, or the files of the connection are
   *     gone
   * @throws SlurmClusterException when the cluster's server cannot be reached, or another server
   *     answers
   */
  public static SshConnection open(Connection connection, String user) {
    Path keyFile = keyFile(connection, user);
    FileKeyProvider key = key(keyFile);
    HostKeyVerifier knownHosts = knownHosts(connection.sshKnownHosts());
    String server =
        "SSH of cluster '%s' at %s:%d"
            .formatted(connection.clusterName(), connection.sshHost(), connection.sshPort());
    SSHClient client = SshClients.create();
    try {
      client.setConnectTimeout((int) LIMIT.toMillis());
      client.getTransport().setTimeoutMs((int) LIMIT.toMillis());
      client.getConnection().setTimeoutMs((int) LIMIT.toMillis());
      client.addHostKeyVerifier(knownHosts);
      client.connect(connection.sshHost(), connection.sshPort());
      client.authPublickey(user, key);
      watch(client);
      return new SshConnection(client, server);
    } catch (IOException e) {
      disconnect(client);
      throw notOpened(server, user, keyFile, connection.sshKnownHosts(), e);
    }
  }

  /** Starts keep-alive messages. Before the login, they would break the key exchange. */
  private static void watch(SSHClient client) {
    KeepAlive keepAlive = client.getConnection().getKeepAlive();
    keepAlive.setKeepAliveInterval((int) KEEP_ALIVE.toSeconds());
    keepAlive.start();
  }

  private static Path keyFile(Connection connection, String user) {
    if (user.equals(connection.sshUser())) {
      return connection.sshPrivateKey();
    }
    Path file = connection.userKeys().get(user);
    if (file == null) {
      TreeSet<String> users = new TreeSet<>(connection.userKeys().keySet());
      users.add(connection.sshUser());
      throw new UserMistakeException(
          "cluster '%s' has no user '%s' to log in as: it has %s"
              .formatted(connection.clusterName(), user, String.join(", ", users)));
    }
    return file;
  }

  private static FileKeyProvider key(Path file) {
    FileKeyProvider key = SshClients.key(readable(file, "private key"));
    try {
      key.getPrivate();
      return key;
    } catch (IOException | RuntimeException e) {
      throw new UserMistakeException(
          file + " is not an Ed25519 private key of OpenSSH without passphrase: " + reason(e), e);
    }
  }

  private static HostKeyVerifier knownHosts(Path file) {
    try {
      return SshClients.knownHosts(readable(file, "host key"));
    } catch (IOException e) {
      throw new SlurmClusterException(file + " cannot be read: " + reason(e), e);
    }
  }

  private static Path readable(Path file, String what) {
    if (!Files.isReadable(file)) {
      throw new UserMistakeException(
          "the cluster's "
              + what
              + " cannot be read: "
              + file
              + ": start the cluster again, which writes it");
    }
    return file;
  }

  private static SlurmClusterException notOpened(
      String server, String user, Path keyFile, Path knownHosts, IOException e) {
    Throwable broken = brokenBy(e);
    if (e instanceof UserAuthException && broken == null) {
      return new LoginRefusedException(
          "%s does not let user '%s' in with the key %s: was the cluster created anew?"
              .formatted(server, user, keyFile),
          e);
    }
    if (e instanceof SSHException ssh
        && ssh.getDisconnectReason() == DisconnectReason.HOST_KEY_NOT_VERIFIABLE) {
      return new LoginRefusedException(
          ("%s: another server answers there, whose host key is not the one in %s; stop what holds"
                  + " the port, and start the cluster again")
              .formatted(server, knownHosts),
          e);
    }
    return new SlurmClusterException(
        "%s cannot be reached: %s; is the cluster running?"
            .formatted(server, reason(broken == null ? e : broken)),
        e);
  }

  /** Returns the end of the connection, or of the wait for an answer, that failed a login. */
  private static @Nullable Throwable brokenBy(IOException login) {
    Throwable cause = login;
    while (cause != null
        && !(cause instanceof TransportException)
        && !(cause instanceof TimeoutException)) {
      cause = cause.getCause();
    }
    return cause;
  }

  /**
   * Runs a command line in the user's login shell, without standard input.
   *
   * @param out receives standard output as it is written
   * @param err receives standard error as it is written
   * @return its exit status; 128 plus the number of the signal that ended it
   */
  public int run(String command, OutputStream out, OutputStream err) {
    return run(command, InputStream.nullInputStream(), out, err);
  }

  /**
   * Runs a command line in the user's login shell.
   *
   * @param in its standard input, read on a thread of its own until the input or the command ends;
   *     a read may still block when this method returns
   * @param out receives standard output as it is written
   * @param err receives standard error as it is written
   * @return its exit status; 128 plus the number of the signal that ended it
   */
  public int run(String command, InputStream in, OutputStream out, OutputStream err) {
    return converse("'" + command + "'", channel -> channel.exec(command), in, out, err);
  }

  /**
   * Runs the user's login shell in a terminal until it ends.
   *
   * @return its exit status; 128 plus the number of the signal that ended it
   */
  public int shell(Terminal terminal) {
    return inTerminal("the shell", SessionChannel::startShell, terminal);
  }

  /**
   * Runs a command line in a terminal, for example {@code srun --pty bash}.
   *
   * @return its exit status; 128 plus the number of the signal that ended it
   */
  public int shell(Terminal terminal, String command) {
    return inTerminal("'" + command + "'", channel -> channel.exec(command), terminal);
  }

  private int inTerminal(String what, Start start, Terminal terminal) {
    return converse(
        what,
        channel -> {
          RemoteTerminal.attach(channel, terminal);
          start.on(channel);
        },
        terminal.input(),
        terminal.output(),
        terminal.output());
  }

  /** Starts a program in a channel. */
  private interface Start {
    void on(SessionChannel channel) throws IOException;
  }

  private int converse(
      String what, Start start, InputStream in, OutputStream out, OutputStream err) {
    SessionChannel channel = new SessionChannel(client.getConnection());
    try {
      channel.open();
      start.on(channel);
      return new RemoteProgram(channel).converse(in, out, err);
    } catch (UncheckedIOException e) {
      close();
      throw new SlurmClusterException(
          "The input or output of %s failed: %s".formatted(what, reason(e.getCause())), e);
    } catch (IOException | InterruptedException e) {
      throw broken(what, e);
    }
  }

  private SlurmClusterException broken(String what, Exception e) {
    boolean interrupted = Thread.interrupted() || e instanceof InterruptedException;
    close();
    if (interrupted) {
      Thread.currentThread().interrupt();
      return new SlurmClusterException("Interrupted during " + what, e);
    }
    return new SlurmClusterException(
        "%s was lost during %s: %s".formatted(server, what, reason(e)), e);
  }

  private static String reason(@Nullable Throwable e) {
    if (e instanceof FileSystemException file) {
      return FileFailure.of(file);
    }
    String message = e == null ? null : e.getMessage();
    return message == null ? String.valueOf(e) : message;
  }

  @Override
  public void close() {
    disconnect(client);
  }

  private static void disconnect(SSHClient client) {
    try {
      client.disconnect();
    } catch (IOException e) {
      // The connection is already closed.
    }
  }
}
