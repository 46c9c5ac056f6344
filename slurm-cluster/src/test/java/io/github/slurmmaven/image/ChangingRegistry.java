/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Stands before a registry, and changes some of what it sends: one byte is appended. */
final class ChangingRegistry implements AutoCloseable {

  /** Between what is JSON, or compressed, and its end: both are still read. */
  private static final byte APPENDED = '\n';

  private static final List<String> PASSED = List.of("Content-Type", "Docker-Content-Digest");

  private final String registry;
  private final String changed;
  private final HttpClient client = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  /**
   * @param registry host and port of the one that has the images
   * @param changed part of the paths that are changed
   */
  ChangingRegistry(String registry, String changed) throws IOException {
    this.registry = registry;
    this.changed = changed;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  String address() {
    return "localhost:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://" + registry + path))
              .method(exchange.getRequestMethod(), BodyPublishers.noBody());
      exchange
          .getRequestHeaders()
          .getOrDefault("Accept", List.of())
          .forEach(type -> request.header("Accept", type));
      HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
      byte[] body = response.body();
      if (response.statusCode() == 200 && path.contains(changed)) {
        body = Arrays.copyOf(body, body.length + 1);
        body[body.length - 1] = APPENDED;
      }
      for (String header : PASSED) {
        response
            .headers()
            .firstValue(header)
            .ifPresent(value -> exchange.getResponseHeaders().set(header, value));
      }
      boolean head = exchange.getRequestMethod().equals("HEAD");
      if (head) {
        response
            .headers()
            .firstValue("Content-Length")
            .ifPresent(value -> exchange.getResponseHeaders().set("Content-Length", value));
      }
      exchange.sendResponseHeaders(
          response.statusCode(), head || body.length == 0 ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
