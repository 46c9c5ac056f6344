/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.engine.endpoint.NoEngineException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An engine that wants TLS and knows one client. */
@Timeout(60)
class DockerEngineTlsTest {

  private static final String PASSWORD = "changeit";

  private Path directory;
  private Path certificates;
  private HttpEngine http;

  @BeforeEach
  void start(@TempDir Path temporary) throws Exception {
    directory = temporary;
    certificates = Files.createDirectories(directory.resolve("certs"));
    KeyStore server = selfSigned("server");
    KeyStore client = selfSigned("client");
    pem("ca.pem", "CERTIFICATE", server.getCertificate("server").getEncoded());
    pem("cert.pem", "CERTIFICATE", client.getCertificate("client").getEncoded());
    pem("key.pem", "PRIVATE KEY", client.getKey("client", PASSWORD.toCharArray()).getEncoded());

    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(server, PASSWORD.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("client", client.getCertificate("client"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
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
    KeyStore other = selfSigned("other");
    pem("ca.pem", "CERTIFICATE", other.getCertificate("other").getEncoded());

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

  private KeyStore selfSigned(String name) throws Exception {
    Path file = directory.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-keyalg",
                "EC",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes(), UTF_8);
    assertThat(keytool.waitFor()).as(output).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store;
  }

  private void pem(String name, String type, byte[] bytes) throws Exception {
    Files.writeString(
        certificates.resolve(name),
        "-----BEGIN "
            + type
            + "-----\n"
            + Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(bytes)
            + "\n-----END "
            + type
            + "-----\n");
  }
}
