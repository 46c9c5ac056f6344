/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** The engine of these tests behind TLS, for clients that it knows. */
public final class TlsProxy implements AutoCloseable {

  private interface Work {
    void run() throws IOException;
  }

  private final SSLServerSocket server;

  /**
   * @param host address to listen at, on any free port
   */
  public TlsProxy(SSLContext tls, String host) throws IOException {
    server =
        (SSLServerSocket)
            tls.getServerSocketFactory().createServerSocket(0, 0, InetAddress.getByName(host));
    server.setNeedClientAuth(true);
    run(
        () -> {
          while (true) {
            SSLSocket client = (SSLSocket) server.accept();
            run(() -> serve(client));
          }
        });
  }

  public int port() {
    return server.getLocalPort();
  }

  private static void serve(SSLSocket client) throws IOException {
    SocketChannel engine =
        SocketChannel.open(UnixDomainSocketAddress.of(RawClient.SOCKET.getPath()));
    run(
        () -> {
          try (client;
              engine) {
            InputStream from = client.getInputStream();
            byte[] buffer = new byte[8192];
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
              ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
              while (bytes.hasRemaining()) {
                engine.write(bytes);
              }
            }
          }
        });
    try (client;
        engine) {
      OutputStream to = client.getOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(8192);
      while (engine.read(buffer) >= 0) {
        to.write(buffer.array(), 0, buffer.position());
        to.flush();
        buffer.clear();
      }
    }
  }

  private static void run(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // Closed by one of the two ends.
              }
            },
            "tls-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
