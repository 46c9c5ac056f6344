/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers requests of the Docker Engine API with what a test has said. */
final class HttpEngine implements AutoCloseable {

  /** A request that came: method, path with query (decoded), and the registry credentials. */
  record Seen(String method, String path, String auth) {}

  private record Answer(int status, String body) {}

  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final Map<String, Answer> firstAnswers = new ConcurrentHashMap<>();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private volatile Duration pause = Duration.ZERO;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  HttpEngine(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  static HttpEngine start() throws IOException {
    return new HttpEngine(
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
  }

  int port() {
    return server.getAddress().getPort();
  }

  HttpEngine version(String newest, String oldest) {
    return answer(
        "GET /version",
        200,
        """
        {"Version": "29.0.1", "ApiVersion": "%s", "MinAPIVersion": "%s", "Components": [
          {"Name": "Engine", "Version": "29.0.1"}]}
        """
            .formatted(newest, oldest));
  }

  /**
   * @param request method and path without the query, for example {@code GET /v1.44/info}
   */
  HttpEngine answer(String request, int status, String body) {
    answers.put(request, new Answer(status, body));
    return this;
  }

  /** Sets the response to the first request; later ones get the usual response. */
  HttpEngine answerFirst(String request, int status, String body) {
    firstAnswers.put(request, new Answer(status, body));
    return this;
  }

  /** Delays each later response. */
  HttpEngine answerAfter(Duration time) {
    pause = time;
    return this;
  }

  List<Seen> seen() {
    return seen;
  }

  Seen last() {
    return seen.get(seen.size() - 1);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      String method = exchange.getRequestMethod();
      String auth = exchange.getRequestHeaders().getFirst("X-Registry-Auth");
      String config = exchange.getRequestHeaders().getFirst("X-Registry-Config");
      seen.add(
          new Seen(
              method,
              URLDecoder.decode(exchange.getRequestURI().toString(), UTF_8),
              auth != null ? auth : config != null ? config : ""));
      String request = method + " " + exchange.getRequestURI().getPath();
      Answer answer = firstAnswers.remove(request);
      if (answer == null) {
        answer =
            answers.getOrDefault(request, new Answer(404, "{\"message\": \"page not found\"}"));
      }
      Thread.sleep(pause.toMillis());
      byte[] body = answer.body.getBytes(UTF_8);
      exchange.sendResponseHeaders(answer.status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
