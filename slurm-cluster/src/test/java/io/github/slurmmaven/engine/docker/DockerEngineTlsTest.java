/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.engine.endpoint.NoEngineException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An engine that wants TLS and knows one client. */
@Timeout(120)
class DockerEngineTlsTest {

  private Path directory;
  private TestCertificates issued;
  private Path certificates;
  private HttpEngine http;

  @BeforeEach
  void start(@TempDir Path temporary) throws Exception {
    directory = temporary;
    issued = new TestCertificates(directory);
    certificates = issued.clientDirectory();
    SSLContext tls = issued.server();
    HttpsServer https =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    https.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters needed = tls.getDefaultSSLParameters();
            needed.setNeedClientAuth(true);
            parameters.setSSLParameters(needed);
          }
        });
    http = new HttpEngine(https).version("1.44", "1.24").answer("GET /v1.44/networks", 200, "[]");
  }

  @AfterEach
  void stop() {
    http.close();
  }

  private DockerEngine connect() {
    return DockerEngine.connect(
        new Environment(
            Map.of(
                "DOCKER_HOST",
                "tcp://127.0.0.1:" + http.port(),
                "DOCKER_TLS_VERIFY",
                "1",
                "DOCKER_CERT_PATH",
                certificates.toString()),
            directory,
            URI.create("unix:///var/run/docker.sock")));
  }

  @Test
  void bothSidesAreVerified() {
    try (DockerEngine engine = connect()) {
      assertThat(engine.listNetworks()).isEmpty();
    }
  }

  @Test
  void engineOfAnotherCaIsRefused() throws Exception {
    issued.trustAnother();

    assertThatThrownBy(this::connect)
        .isInstanceOf(NoEngineException.class)
        .hasMessageContaining("(DOCKER_HOST): ")
        .hasMessageContaining("certification path");
  }

  @Test
  void engineDoesNotKnowOthers() throws Exception {
    Files.delete(certificates.resolve("cert.pem"));
    Files.delete(certificates.resolve("key.pem"));

    assertThatThrownBy(this::connect).isInstanceOf(NoEngineException.class);
    assertThat(http.seen()).isEmpty();
  }

  @Test
  void fileWithoutAKeyIsNamed() throws Exception {
    Files.writeString(certificates.resolve("key.pem"), "oops");

    assertThatThrownBy(this::connect)
        .isInstanceOf(NoEngineException.class)
        .hasMessageContaining(certificates.resolve("key.pem") + " holds no private key");
  }
}
