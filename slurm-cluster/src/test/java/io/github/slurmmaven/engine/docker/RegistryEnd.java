/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/**
 * What an engine meets where a registry should be. It hangs up on TLS, which engines try first, at
 * once: an HTTP server would wait for the end of the line.
 */
final class RegistryEnd implements AutoCloseable {

  private static final int TLS_HANDSHAKE = 0x16;

  private interface Behaviour {
    void answer(Socket client, String request) throws IOException;
  }

  private final Queue<Socket> clients = new ConcurrentLinkedQueue<>();
  private final ServerSocket server;
  private final Behaviour behaviour;

  private RegistryEnd(Behaviour behaviour) throws IOException {
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.behaviour = behaviour;
    start(this::accept);
  }

  /** Is there, and denies all that is asked of it. */
  static RegistryEnd refusing() throws IOException {
    return new RegistryEnd(
        (client, request) -> {
          boolean ping = request.startsWith("GET /v2/ ");
          String body =
              ping ? "{}" : "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"not here\"}]}";
          String answer =
              "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                  .formatted(ping ? "200 OK" : "403 Forbidden", body.length(), body);
          client.getOutputStream().write(answer.getBytes(US_ASCII));
          client.close();
        });
  }

  /**
   * Takes requests and answers none.
   *
   * @param asked counted down by each
   */
  static RegistryEnd silent(CountDownLatch asked) throws IOException {
    return new RegistryEnd((client, request) -> asked.countDown());
  }

  String address() {
    return "localhost:" + server.getLocalPort();
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "registry-end");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        clients.add(client);
        start(() -> serve(client));
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private void serve(Socket client) {
    try {
      PushbackInputStream in = new PushbackInputStream(client.getInputStream());
      int first = in.read();
      if (first < 0 || first == TLS_HANDSHAKE) {
        client.close();
        return;
      }
      in.unread(first);
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, US_ASCII));
      String request = lines.readLine();
      for (String line = request; line != null && !line.isEmpty(); line = lines.readLine()) {}
      behaviour.answer(client, String.valueOf(request));
    } catch (IOException e) {
      // The engine has hung up.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket client : clients) {
      client.close();
    }
  }
}
