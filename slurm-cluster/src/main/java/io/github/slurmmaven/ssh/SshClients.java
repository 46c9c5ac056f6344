/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import com.hierynomus.sshj.key.KeyAlgorithms;
import com.hierynomus.sshj.transport.cipher.BlockCiphers;
import com.hierynomus.sshj.transport.cipher.GcmCiphers;
import com.hierynomus.sshj.transport.mac.Macs;
import com.hierynomus.sshj.userauth.keyprovider.OpenSSHKeyV1KeyFile;
import io.github.slurmmaven.client.SshKeyPair;
import io.github.slurmmaven.common.LibraryLogs;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.List;
import javax.crypto.KeyAgreement;
import net.schmizz.keepalive.KeepAliveProvider;
import net.schmizz.sshj.Config;
import net.schmizz.sshj.ConfigImpl;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.common.LoggerFactory;
import net.schmizz.sshj.common.SecurityUtils;
import net.schmizz.sshj.signature.Signature;
import net.schmizz.sshj.transport.cipher.Cipher;
import net.schmizz.sshj.transport.cipher.Cipher.Mode;
import net.schmizz.sshj.transport.compression.NoneCompression;
import net.schmizz.sshj.transport.kex.Curve25519SHA256;
import net.schmizz.sshj.transport.random.JCERandom;
import net.schmizz.sshj.transport.random.SingletonRandomFactory;
import net.schmizz.sshj.transport.verification.HostKeyVerifier;
import net.schmizz.sshj.transport.verification.OpenSSHKnownHosts;
import net.schmizz.sshj.userauth.keyprovider.FileKeyProvider;
import org.slf4j.Logger;
import org.slf4j.helpers.NOPLogger;

/**
 * Creates sshj's clients, keys and host key verifiers. The clients support only the algorithms of a
 * cluster's server, because sshj's default tries dozens of ciphers before it sends the first byte.
 */
final class SshClients {

  /** sshj logs every packet, which would flood a build's debug output. */
  private static final LoggerFactory SILENT =
      new LoggerFactory() {
        @Override
        public Logger getLogger(String name) {
          return NOPLogger.NOP_LOGGER;
        }

        @Override
        public Logger getLogger(Class<?> type) {
          return NOPLogger.NOP_LOGGER;
        }
      };

  static {
    // A few of its classes ignore the configured logger factory.
    LibraryLogs.onlyErrors("net.schmizz");
    LibraryLogs.onlyErrors("com.hierynomus");
    // The JDK has all algorithms that are used here. A provider that is registered from a plugin's
    // class loader would stay in the build's JVM and outlive its classes.
    SecurityUtils.setRegisterBouncyCastle(false);
  }

  private SshClients() {}

  static SSHClient create() {
    return new SSHClient(config()) {
      @Override
      protected void onConnect() throws IOException {
        // A keystroke must not wait until the previous one is acknowledged.
        getSocket().setTcpNoDelay(true);
        super.onConnect();
      }
    };
  }

  /**
   * Runs both sides of a login without a server, to load their classes, which take most of the time
   * of a JVM's first login.
   */
  static void rehearse() throws IOException, GeneralSecurityException {
    create().close();
    SshKeyPair pair = SshKeyPair.generate();
    OpenSSHKeyV1KeyFile file = new OpenSSHKeyV1KeyFile();
    file.init(pair.privateKey(), pair.publicKey());
    file.getPrivate();
    new OpenSSHKnownHosts(new StringReader("[127.0.0.1]:22 " + pair.publicKey()), SILENT);
    KeyPair exchange = KeyPairGenerator.getInstance("X25519").generateKeyPair();
    KeyAgreement agreement = KeyAgreement.getInstance("X25519");
    agreement.init(exchange.getPrivate());
    agreement.doPhase(exchange.getPublic(), true);
    byte[] secret = agreement.generateSecret();

    KeyPair key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Signature signature = KeyAlgorithms.EdDSA25519().create().newSignature();
    signature.initSign(key.getPrivate());
    signature.update(secret);
    signature.sign();

    Cipher cipher = GcmCiphers.AES128GCM().create();
    cipher.init(Mode.Encrypt, secret, secret);
    cipher.updateAAD(secret, 0, Integer.BYTES);
    cipher.update(new byte[secret.length + cipher.getAuthenticationTagSize()], 0, secret.length);
  }

  /** Returns a private key in OpenSSH's format, which is read later. */
  static FileKeyProvider key(Path file) {
    OpenSSHKeyV1KeyFile key = new OpenSSHKeyV1KeyFile();
    key.init(file.toFile());
    return key;
  }

  /** Returns a verifier that accepts only the host keys of a known_hosts file. */
  static HostKeyVerifier knownHosts(Path file) throws IOException {
    return new OpenSSHKnownHosts(file.toFile(), SILENT);
  }

  private static Config config() {
    ConfigImpl config = new ConfigImpl();
    config.setLoggerFactory(SILENT);
    config.setVersion("slurm-cluster");
    config.setRandomFactory(new SingletonRandomFactory(new JCERandom.Factory()));
    config.setKeyExchangeFactories(
        List.of(new Curve25519SHA256.Factory(), new Curve25519SHA256.FactoryLibSsh()));
    config.setKeyAlgorithms(List.of(KeyAlgorithms.EdDSA25519()));
    config.setFileKeyProviderFactories(List.of(new OpenSSHKeyV1KeyFile.Factory()));
    config.setCipherFactories(
        List.of(GcmCiphers.AES128GCM(), GcmCiphers.AES256GCM(), BlockCiphers.AES128CTR()));
    config.setMACFactories(List.of(Macs.HMACSHA2256Etm(), Macs.HMACSHA2256()));
    config.setCompressionFactories(List.of(new NoneCompression.Factory()));
    config.setKeepAliveProvider(KeepAliveProvider.KEEP_ALIVE);
    return config;
  }
}
