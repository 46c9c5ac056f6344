/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.core.util.CertificateUtils;
import io.github.slurmmaven.engine.endpoint.EngineEndpoint.ClientCertificate;
import io.github.slurmmaven.engine.endpoint.EngineEndpoint.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Reads PEM files into an {@link SSLContext}. docker-java's own reader requires all three files.
 */
final class TlsContext {

  private TlsContext() {}

  static SSLContext of(Tls tls) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          tls.client().isPresent() ? keys(tls.client().get()) : null,
          tls.ca().isPresent() ? trust(tls.ca().get()) : null,
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot use the TLS material " + tls + ": " + e.getMessage(), e);
    }
  }

  private static KeyManager[] keys(ClientCertificate client)
      throws IOException, GeneralSecurityException {
    PrivateKey key = CertificateUtils.loadPrivateKey(Files.readString(client.key()));
    if (key == null) {
      throw new IOException(client.key() + " holds no private key in PEM form");
    }
    char[] password = new char[0];
    KeyStore store = emptyStore();
    store.setKeyEntry(
        "client", key, password, certificates(client.certificate()).toArray(new Certificate[0]));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, password);
    return factory.getKeyManagers();
  }

  private static TrustManager[] trust(Path ca) throws IOException, GeneralSecurityException {
    KeyStore store = emptyStore();
    int number = 0;
    for (Certificate certificate : certificates(ca)) {
      store.setCertificateEntry("ca-" + number++, certificate);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static Collection<? extends Certificate> certificates(Path pem)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(pem)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    @Nullable InputStream nothing = null;
    store.load(nothing, null);
    return store;
  }
}
