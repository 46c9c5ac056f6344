/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.slurmmaven.definition.Archive;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is fetched from servers that are slow, or stop in the middle. */
@Timeout(120)
class DownloadsTest {

  private static final byte[] HALF = "half".getBytes(US_ASCII);

  private final CountDownLatch ended = new CountDownLatch(1);
  private final HttpServer server;
  private final Path cache;

  DownloadsTest(@TempDir Path cache) throws IOException {
    this.cache = cache;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
  }

  @AfterEach
  void stop() {
    ended.countDown();
    server.stop(0);
  }

  private byte[] fetch(Duration silenceLimit) throws IOException {
    return new Downloads(Map.of("XDG_CACHE_HOME", cache.toString()), silenceLimit)
        .fetch(
            new Archive(
                "http://127.0.0.1:" + server.getAddress().getPort() + "/archive", Optional.empty()),
            "sha256",
            content -> true);
  }

  /** Sends one half, waits, and sends the other. */
  private void serve(Wait wait) {
    server.createContext(
        "/archive",
        exchange -> {
          exchange.sendResponseHeaders(200, 2L * HALF.length);
          send(exchange);
          try {
            wait.now();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          send(exchange);
          exchange.close();
        });
  }

  private static void send(HttpExchange exchange) throws IOException {
    exchange.getResponseBody().write(HALF);
    exchange.getResponseBody().flush();
  }

  @FunctionalInterface
  private interface Wait {
    void now() throws InterruptedException;
  }

  @Test
  void aServerMayPause() throws IOException {
    serve(() -> Thread.sleep(50));

    assertThat(fetch(Duration.ofMinutes(1))).asString().isEqualTo("halfhalf");
  }

  @Test
  void aServerThatSendsNothingMoreIsGivenUp() {
    serve(ended::await);

    assertThatThrownBy(() -> fetch(Duration.ofMillis(300)))
        .isInstanceOf(IOException.class)
        .hasMessage("no answer in time");
  }
}
