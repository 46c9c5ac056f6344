/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.crypto.util.OpenSSHPrivateKeyUtil;
import org.bouncycastle.crypto.util.OpenSSHPublicKeyUtil;

/**
 * A new Ed25519 key pair in OpenSSH's formats.
 *
 * @param privateKey content of a private key file, without passphrase
 * @param publicKey type and key, as they stand in {@code .pub}, authorized_keys and known_hosts
 */
public record SshKeyPair(String privateKey, String publicKey) {

  public static SshKeyPair generate(SecureRandom random) {
    Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
    generator.init(new Ed25519KeyGenerationParameters(random));
    AsymmetricCipherKeyPair pair = generator.generateKeyPair();
    try {
      return new SshKeyPair(
          "-----BEGIN OPENSSH PRIVATE KEY-----\n"
              + Base64.getMimeEncoder(70, "\n".getBytes(StandardCharsets.US_ASCII))
                  .encodeToString(OpenSSHPrivateKeyUtil.encodePrivateKey(pair.getPrivate()))
              + "\n-----END OPENSSH PRIVATE KEY-----\n",
          "ssh-ed25519 "
              + Base64.getEncoder()
                  .encodeToString(OpenSSHPublicKeyUtil.encodePublicKey(pair.getPublic())));
    } catch (java.io.IOException e) {
      throw new IllegalStateException("an Ed25519 key could not be encoded", e);
    }
  }

  /** Never the private key. */
  @Override
  public String toString() {
    return publicKey;
  }
}
