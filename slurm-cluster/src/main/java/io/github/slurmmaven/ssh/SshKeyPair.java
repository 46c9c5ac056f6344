/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.EdECPrivateKey;
import java.util.Arrays;
import java.util.Base64;

/**
 * A new Ed25519 key pair in OpenSSH's formats.
 *
 * <p>Made by the JDK: the classes of Bouncy Castle take ten times as long to load as a key takes.
 *
 * @param privateKey content of a private key file, without passphrase
 * @param publicKey type and key, as they stand in {@code .pub}, authorized_keys and known_hosts
 * @see <a href="https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key">OpenSSH's
 *     format of private keys</a>
 */
public record SshKeyPair(String privateKey, String publicKey) {

  private static final String TYPE = "ssh-ed25519";
  private static final int LENGTH = 32;
  private static final int BLOCK = 8;

  public static SshKeyPair generate() {
    KeyPair pair;
    try {
      pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK from 15 on has Ed25519", e);
    }
    byte[] encoded = pair.getPublic().getEncoded();
    // What goes before is the algorithm's name, of a fixed length (RFC 8410, section 4).
    byte[] point = Arrays.copyOfRange(encoded, encoded.length - LENGTH, encoded.length);
    byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
    byte[] publicBlob = wire(out -> putPublic(out, point));
    return new SshKeyPair(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(70, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(wire(out -> putFile(out, publicBlob, point, seed)))
            + "\n-----END OPENSSH PRIVATE KEY-----\n",
        TYPE + " " + Base64.getEncoder().encodeToString(publicBlob));
  }

  private static void putFile(DataOutputStream out, byte[] publicBlob, byte[] point, byte[] seed)
      throws IOException {
    out.write(ascii("openssh-key-v1\0"));
    put(out, ascii("none"));
    put(out, ascii("none"));
    put(out, new byte[0]);
    out.writeInt(1);
    put(out, publicBlob);
    put(out, wire(inner -> putPrivate(inner, point, seed)));
  }

  private static void putPrivate(DataOutputStream out, byte[] point, byte[] seed)
      throws IOException {
    // Twice the same number, which tells a wrong passphrase; there is none.
    out.writeInt(0);
    out.writeInt(0);
    putPublic(out, point);
    out.writeInt(2 * LENGTH);
    out.write(seed);
    out.write(point);
    put(out, new byte[0]);
    for (int padding = 1; out.size() % BLOCK != 0; padding++) {
      out.write(padding);
    }
  }

  private static void putPublic(DataOutputStream out, byte[] point) throws IOException {
    put(out, ascii(TYPE));
    put(out, point);
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

  /** Never the private key. */
  @Override
  public String toString() {
    return publicKey;
  }
}
