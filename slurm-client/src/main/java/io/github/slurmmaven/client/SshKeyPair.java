/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;

/**
 * A new key pair in OpenSSH's formats.
 *
 * <p>The JDK makes it: the classes of Bouncy Castle take ten times as long to load as the key takes
 * to make.
 *
 * @param privateKey content of a private key file, without passphrase
 * @param publicKey type and key, as in {@code .pub}, authorized_keys and known_hosts
 * @see <a href="https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key">OpenSSH's
 *     format of private keys</a>
 */
public record SshKeyPair(String privateKey, String publicKey) {

  private static final int ED25519_LENGTH = 32;
  private static final int P256_POINT_LENGTH = 65;
  private static final int BLOCK = 8;

  /** Makes an Ed25519 key. */
  public static SshKeyPair generate() {
    KeyPair pair = generate("Ed25519", NamedParameterSpec.ED25519);
    byte[] point = endOf(pair.getPublic(), ED25519_LENGTH);
    byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
    return of(
        "ssh-ed25519",
        wire(
            out -> {
              put(out, ascii("ssh-ed25519"));
              put(out, point);
            }),
        wire(
            out -> {
              out.write(seed);
              out.write(point);
            }));
  }

  /** Makes an ECDSA key of the curve P-256, for clients that do not support Ed25519. */
  public static SshKeyPair generateEcdsa() {
    KeyPair pair = generate("EC", new ECGenParameterSpec("secp256r1"));
    byte[] point = endOf(pair.getPublic(), P256_POINT_LENGTH);
    return of(
        "ecdsa-sha2-nistp256",
        wire(
            out -> {
              put(out, ascii("ecdsa-sha2-nistp256"));
              put(out, ascii("nistp256"));
              put(out, point);
            }),
        ((ECPrivateKey) pair.getPrivate()).getS().toByteArray());
  }

  private static KeyPair generate(String algorithm, AlgorithmParameterSpec parameters) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(parameters);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK from 15 on has " + algorithm, e);
    }
  }

  /** Returns the key itself. Before it are names, of a fixed length (RFC 8410 and RFC 5480). */
  private static byte[] endOf(PublicKey key, int length) {
    byte[] encoded = key.getEncoded();
    return Arrays.copyOfRange(encoded, encoded.length - length, encoded.length);
  }

  private static SshKeyPair of(String type, byte[] publicBlob, byte[] secret) {
    return new SshKeyPair(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(70, ascii("\n"))
                .encodeToString(wire(out -> putFile(out, publicBlob, secret)))
            + "\n-----END OPENSSH PRIVATE KEY-----\n",
        type + " " + Base64.getEncoder().encodeToString(publicBlob));
  }

  private static void putFile(DataOutputStream out, byte[] publicBlob, byte[] secret)
      throws IOException {
    out.write(ascii("openssh-key-v1\0"));
    put(out, ascii("none"));
    put(out, ascii("none"));
    put(out, new byte[0]);
    out.writeInt(1);
    put(out, publicBlob);
    put(out, wire(inner -> putPrivate(inner, publicBlob, secret)));
  }

  private static void putPrivate(DataOutputStream out, byte[] publicBlob, byte[] secret)
      throws IOException {
    // The same number twice, by which a reader detects a wrong passphrase; there is no passphrase.
    out.writeInt(0);
    out.writeInt(0);
    out.write(publicBlob);
    put(out, secret);
    put(out, new byte[0]);
    for (int padding = 1; out.size() % BLOCK != 0; padding++) {
      out.write(padding);
    }
  }

  private static void put(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private interface Content {
    void writeTo(DataOutputStream out) throws IOException;
  }

  private static byte[] wire(Content content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      content.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Leaves out the private key. */
  @Override
  public String toString() {
    return publicKey;
  }
}
