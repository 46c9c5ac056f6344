/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.hierynomus.sshj.userauth.keyprovider.OpenSSHKeyV1KeyFile;
import io.github.slurmmaven.client.SshKeyPair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Security;
import java.util.Base64;
import java.util.Set;
import java.util.function.Supplier;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.KeyType;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SshKeyPairTest {

  /** sshj needs it for ECDSA keys, and registers it itself only until the library's first login. */
  @BeforeAll
  static void provideEcdsaToSshj() {
    Security.addProvider(new BouncyCastleProvider());
  }

  enum Kind {
    ED25519(KeyType.ED25519, "ssh-ed25519", Set.of("EdDSA", "Ed25519"), SshKeyPair::generate),
    ECDSA(
        KeyType.ECDSA256, "ecdsa-sha2-nistp256", Set.of("EC", "ECDSA"), SshKeyPair::generateEcdsa);

    final KeyType type;
    final String word;
    final Set<String> algorithms;
    final Supplier<SshKeyPair> generator;

    Kind(KeyType type, String word, Set<String> algorithms, Supplier<SshKeyPair> generator) {
      this.type = type;
      this.word = word;
      this.algorithms = algorithms;
      this.generator = generator;
    }

    byte[] publicBlob(SshKeyPair pair) {
      String[] words = pair.publicKey().split(" ", -1);
      assertThat(words).hasSize(2).startsWith(word);
      return Base64.getDecoder().decode(words[1]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sshjReadsThePrivateKeyAndFindsThePublicOneInIt(Kind kind, @TempDir Path directory)
      throws Exception {
    SshKeyPair pair = kind.generator.get();
    Path file = Files.writeString(directory.resolve("key"), pair.privateKey(), US_ASCII);
    OpenSSHKeyV1KeyFile key = new OpenSSHKeyV1KeyFile();
    key.init(file.toFile());

    assertThat(key.getType()).isEqualTo(kind.type);
    assertThat(key.getPrivate().getAlgorithm()).isIn(kind.algorithms);
    assertThat(new Buffer.PlainBuffer().putPublicKey(key.getPublic()).getCompactData())
        .isEqualTo(kind.publicBlob(pair));
  }

  /** Several: a number that begins with zeros is shorter, one that begins with a one is longer. */
  @ParameterizedTest
  @EnumSource
  void openSshDerivesThePublicKeyFromThePrivateOne(Kind kind, @TempDir Path directory)
      throws Exception {
    LocalProgram keygen = LocalProgram.require("ssh-keygen");
    for (int i = 0; i < 20; i++) {
      SshKeyPair pair = kind.generator.get();
      Path file = Files.writeString(directory.resolve("key"), pair.privateKey(), US_ASCII);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

      String output = keygen.run("-y", "-P", "", "-f", file.toString());

      assertThat(output.strip()).isEqualTo(pair.publicKey()).startsWith(kind.word + " ");
    }
  }

  @ParameterizedTest
  @EnumSource
  void linesAreAsOpenSshWritesThem(Kind kind) {
    SshKeyPair pair = kind.generator.get();

    assertThat(pair.privateKey())
        .startsWith("-----BEGIN OPENSSH PRIVATE KEY-----\n")
        .endsWith("\n-----END OPENSSH PRIVATE KEY-----\n");
    assertThat(pair.privateKey().lines()).allMatch(line -> line.length() <= 70);
  }

  @ParameterizedTest
  @EnumSource
  void twoPairsDiffer(Kind kind) {
    assertThat(kind.generator.get().publicKey()).isNotEqualTo(kind.generator.get().publicKey());
  }

  @ParameterizedTest
  @EnumSource
  void textNeverShowsThePrivateKey(Kind kind) {
    SshKeyPair pair = kind.generator.get();

    assertThat(pair).hasToString(pair.publicKey());
  }
}
