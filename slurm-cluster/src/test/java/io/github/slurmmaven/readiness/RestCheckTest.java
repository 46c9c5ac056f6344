/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.github.slurmmaven.common.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestCheckTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String DOCUMENT =
      """
      {"paths": {"/slurm/v0.0.41/ping/": {}, "/slurm/v0.0.9/ping": {}, "/slurm/v0.0.41/jobs/": {},
                 "/slurmdb/v0.0.42/ping/": {}, "\\/slurm\\/v0.0.40\\/ping\\/": {}}}
      """;

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile int status = 200;
  private volatile String ping = "{\"pings\": [{\"pinged\": \"UP\"}]}";
  private volatile String document = DOCUMENT;
  private HttpServer server;

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          asked.add(
              path
                  + " "
                  + exchange.getRequestHeaders().getFirst("X-SLURM-USER-NAME")
                  + " "
                  + exchange.getRequestHeaders().getFirst("X-SLURM-USER-TOKEN"));
          byte[] answer =
              (path.contains("ping") ? ping : document).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(path.contains("ping") ? status : 200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void end() {
    server.stop(0);
  }

  private RestCheck check() {
    return new RestCheck(() -> new Readiness.RestLogin("slurm", "secret"));
  }

  private Address address() {
    return new Address("127.0.0.1", server.getAddress().getPort());
  }

  @Test
  void pingsTheNewestVersionWithAToken() throws IOException {
    RestCheck check = check();

    check.at(address(), LIMIT);

    assertThat(check.versions()).containsExactly("v0.0.9", "v0.0.40", "v0.0.41");
    assertThat(asked)
        .containsExactly("/openapi/v3 slurm secret", "/slurm/v0.0.41/ping/ slurm secret");
  }

  @Test
  void aRefusedPingIsNotReady() throws IOException {
    RestCheck check = check();
    status = 401;

    assertThatThrownBy(() -> check.at(address(), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessage("it answers /slurm/v0.0.41/ping/ with HTTP status 401");
    status = 200;
    check.at(address(), LIMIT);
    assertThat(asked).as("the document is read once").hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"pings\":[{\"ping\":\"UP\",\"status\":0}]}",
        "{\"pings\":[{\"hostname\":\"a\",\"responding\":true}]}"
      })
  void everyReleasesAnswerIsUnderstood(String answer) {
    ping = answer;

    assertThatCode(() -> check().at(address(), LIMIT)).doesNotThrowAnyException();
  }

  /** What slurmrestd 24.11 answers, with status 200, when slurmctld refuses the token. */
  @Test
  void aPingThatSlurmctldDoesNotAnswerIsNotReady() {
    ping = "{\"pings\": [{\"pinged\": \"DOWN\", \"responding\": false}]}";

    assertThatThrownBy(() -> check().at(address(), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessage("slurmctld does not answer it");
  }

  @Test
  void itsVersionsNeedNoSlurmctld() throws IOException {
    RestCheck check = check();
    status = 500;

    check.withoutSlurmctld(address(), LIMIT);

    assertThat(check.versions()).endsWith("v0.0.41");
    assertThat(asked).containsExactly("/openapi/v3 slurm secret");
  }

  @Test
  void aDocumentWithoutAVersionIsNotSlurms() {
    document = "{}";

    assertThatThrownBy(() -> check().at(address(), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no API version");
  }
}
