/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.client.Connection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import javax.net.SocketFactory;
import net.schmizz.sshj.DefaultConfig;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Session;
import net.schmizz.sshj.connection.channel.direct.Session.Command;

/** A client of a cluster, as a test's code under test is one. */
final class Ssh implements AutoCloseable {

  record Result(int exitCode, String stdout, String stderr) {}

  /** Sockets that do not wait 40 ms for company: sshj sends small messages. */
  private static final class PromptSockets extends SocketFactory {

    private final SocketFactory usual = SocketFactory.getDefault();

    private static Socket prompt(Socket socket) throws IOException {
      socket.setTcpNoDelay(true);
      return socket;
    }

    @Override
    public Socket createSocket() throws IOException {
      return prompt(usual.createSocket());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      return prompt(usual.createSocket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      return prompt(usual.createSocket(host, port, local, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return prompt(usual.createSocket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      return prompt(usual.createSocket(host, port, local, localPort));
    }
  }

  private final SSHClient client;

  private Ssh(SSHClient client) {
    this.client = client;
  }

  static Ssh to(Connection connection) throws IOException {
    SSHClient client = new SSHClient(new DefaultConfig());
    client.setSocketFactory(new PromptSockets());
    client.loadKnownHosts(connection.sshKnownHosts().toFile());
    client.connect(connection.sshHost(), connection.sshPort());
    client.authPublickey(
        connection.sshUser(), client.loadKeys(connection.sshPrivateKey().toString()));
    return new Ssh(client);
  }

  SSHClient client() {
    return client;
  }

  String run(String line) throws IOException {
    return exec(line, "").stdout().strip();
  }

  Result exec(String line, String stdin) throws IOException {
    try (Session session = client.startSession()) {
      Command command = session.exec(line);
      try (var in = command.getOutputStream()) {
        in.write(stdin.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // The command ended without reading it.
      }
      CompletableFuture<String> err =
          CompletableFuture.supplyAsync(() -> read(command.getErrorStream()));
      String out = read(command.getInputStream());
      String errors = err.join();
      command.join();
      Integer status = command.getExitStatus();
      if (status == null) {
        throw new IOException("the connection was lost");
      }
      return new Result(status, out, errors);
    }
  }

  private static String read(java.io.InputStream in) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      in.transferTo(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
