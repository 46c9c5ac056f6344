/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An engine that wants TLS, and one client that it knows. */
public final class TestCertificates {

  private static final String PASSWORD = "changeit";

  private final Path directory;
  private final Path clients;
  private final SSLContext server;

  /**
   * @param directory where to keep keys
   */
  public TestCertificates(Path directory) throws Exception {
    this.directory = directory;
    clients = Files.createDirectories(directory.resolve("certs"));
    KeyStore own = selfSigned("server");
    KeyStore client = selfSigned("client");
    pem("ca.pem", "CERTIFICATE", own.getCertificate("server").getEncoded());
    pem("cert.pem", "CERTIFICATE", client.getCertificate("client").getEncoded());
    pem("key.pem", "PRIVATE KEY", client.getKey("client", PASSWORD.toCharArray()).getEncoded());

    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, PASSWORD.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("client", client.getCertificate("client"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    server = SSLContext.getInstance("TLS");
    server.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
  }

  /** For the engine, at 127.0.0.1 and 127.0.0.2. */
  public SSLContext server() {
    return server;
  }

  /** What DOCKER_CERT_PATH is to name. */
  public Path clientDirectory() {
    return clients;
  }

  /** Makes the client trust somebody else than the engine. */
  void trustAnother() throws Exception {
    pem("ca.pem", "CERTIFICATE", selfSigned("other").getCertificate("other").getEncoded());
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
                "san=ip:127.0.0.1,ip:127.0.0.2",
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
        clients.resolve(name),
        "-----BEGIN "
            + type
            + "-----\n"
            + Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(bytes)
            + "\n-----END "
            + type
            + "-----\n");
  }
}
