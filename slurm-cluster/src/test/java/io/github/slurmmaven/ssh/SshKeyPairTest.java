/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.hierynomus.sshj.userauth.keyprovider.OpenSSHKeyV1KeyFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.function.Supplier;
import net.schmizz.sshj.common.Buffer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SshKeyPairTest {

  enum Kind {
    ED25519("ssh-ed25519", SshKeyPair::generate),
    ECDSA("ecdsa-sha2-nistp256", SshKeyPair::generateEcdsa);

    final String type;
    final Supplier<SshKeyPair> generator;

    Kind(String type, Supplier<SshKeyPair> generator) {
      this.type = type;
      this.generator = generator;
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

    assertThat(key.getType()).hasToString(kind.type);
    assertThat(key.getPrivate()).isNotNull();
    assertThat(
            Base64.getEncoder()
                .encodeToString(
                    new Buffer.PlainBuffer().putPublicKey(key.getPublic()).getCompactData()))
        .isEqualTo(pair.publicKey().substring(kind.type.length() + 1));
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

      assertThat(output.strip()).isEqualTo(pair.publicKey()).startsWith(kind.type + " ");
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
