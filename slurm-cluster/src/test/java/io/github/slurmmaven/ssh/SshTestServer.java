/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.client.SshKeyPair;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.Signal;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.shell.ProcessShellFactory;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/**
 * A real SSH server in this JVM. Commands run in this machine's shell, but {@code die by TERM} ends
 * with that signal; a shell is an {@link EchoShell}.
 */
public final class SshTestServer implements AutoCloseable {

  static final String USER = "slurm";

  private final SshServer server = SshServer.setUpDefaultServer();
  private final SshKeyPair hostKey = SshKeyPair.generate();
  private final SshKeyPair userKey = SshKeyPair.generate();

  private SshTestServer() {}

  public static SshTestServer start() throws IOException, GeneralSecurityException {
    SshTestServer started = new SshTestServer();
    KeyPair accepted = keyPair(started.userKey);
    SshServer server = started.server;
    CoreModuleProperties.TCP_NODELAY.set(server, true);
    // Small, so that few bytes fill it.
    CoreModuleProperties.WINDOW_SIZE.set(server, 64 * 1024L);
    server.setHost("127.0.0.1");
    server.setKeyPairProvider(KeyPairProvider.wrap(keyPair(started.hostKey)));
    server.setPublickeyAuthenticator(
        (user, key, session) ->
            user.equals(USER) && KeyUtils.compareKeys(key, accepted.getPublic()));
    server.setCommandFactory(
        (channel, command) ->
            switch (command) {
              case "die by TERM" -> new DyingCommand();
              case "echo" -> new EchoShell();
              default ->
                  new ProcessShellFactory(command, "/bin/sh", "-c", command).createShell(channel);
            });
    server.setShellFactory(channel -> new EchoShell());
    server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
    server.start();
    return started;
  }

  private static KeyPair keyPair(SshKeyPair pair) throws IOException, GeneralSecurityException {
    return SecurityUtils.loadKeyPairIdentities(
            null,
            NamedResource.ofName("key"),
            new ByteArrayInputStream(pair.privateKey().getBytes(StandardCharsets.US_ASCII)),
            null)
        .iterator()
        .next();
  }

  /** What is needed to log in, with its files in a directory. */
  public Connection connection(Path directory) {
    return connection(directory, server.getPort(), hostKey, userKey);
  }

  /** The same with other keys or another port. */
  public Connection connection(Path directory, int port, SshKeyPair hostKey, SshKeyPair userKey) {
    try {
      Path key = Files.writeString(directory.resolve("id_ed25519"), userKey.privateKey());
      Path knownHosts =
          Files.writeString(
              directory.resolve("known_hosts"),
              SshFiles.knownHosts("127.0.0.1", port, List.of(hostKey.publicKey())));
      return new Connection(
          "test",
          directory,
          "24.11",
          "debug",
          "127.0.0.1",
          port,
          USER,
          Optional.empty(),
          key,
          knownHosts,
          Map.of("alice", key),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.getPort();
  }

  SshKeyPair hostKey() {
    return hostKey;
  }

  SshKeyPair userKey() {
    return userKey;
  }

  /** Breaks the connection of the client with a port of this machine. */
  void dropAll() {
    server.getActiveSessions().forEach(session -> session.close(true));
  }

  /** Ends each connection from now on when its user shows a key. */
  void dropLogins() {
    server.setPublickeyAuthenticator(
        (user, key, session) -> {
          session.close(true);
          return false;
        });
  }

  @Override
  public void close() throws IOException {
    server.close(true);
  }

  /**
   * Writes the type and size of its terminal, and each key as a number; {@code q} ends it with
   * status 7.
   */
  private static final class EchoShell implements Command, Runnable {

    private InputStream in;
    private OutputStream out;
    private ExitCallback exit;

    @Override
    public void setInputStream(InputStream in) {
      this.in = in;
    }

    @Override
    public void setOutputStream(OutputStream out) {
      this.out = out;
    }

    @Override
    public void setErrorStream(OutputStream err) {}

    @Override
    public void setExitCallback(ExitCallback callback) {
      exit = callback;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) {
      tell(environment);
      environment.addSignalListener((from, signal) -> tell(environment), Signal.WINCH);
      new Thread(this, "echo-shell").start();
    }

    private void tell(Environment environment) {
      Map<String, String> variables = environment.getEnv();
      write(
          variables.get(Environment.ENV_TERM)
              + " "
              + variables.get(Environment.ENV_COLUMNS)
              + "x"
              + variables.get(Environment.ENV_LINES));
    }

    private synchronized void write(String line) {
      try {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void run() {
      try {
        for (int key = in.read(); key >= 0 && key != 'q'; key = in.read()) {
          write("key " + key);
        }
        exit.onExit(7);
      } catch (IOException e) {
        exit.onExit(1);
      }
    }

    @Override
    public void destroy(ChannelSession channel) {}
  }

  /** Ends by a signal (RFC 4254, section 6.10). */
  private static final class DyingCommand implements Command {

    @Override
    public void setInputStream(InputStream in) {}

    @Override
    public void setOutputStream(OutputStream out) {}

    @Override
    public void setErrorStream(OutputStream err) {}

    @Override
    public void setExitCallback(ExitCallback callback) {}

    @Override
    public void start(ChannelSession channel, Environment environment) throws IOException {
      Buffer request = channel.getSession().createBuffer(SshConstants.SSH_MSG_CHANNEL_REQUEST);
      request.putUInt(channel.getRecipient());
      request.putString("exit-signal");
      request.putBoolean(false);
      request.putString("TERM");
      request.putBoolean(false);
      request.putString("");
      request.putString("");
      channel.writePacket(request);
      channel.close(false);
    }

    @Override
    public void destroy(ChannelSession channel) {}
  }
}
