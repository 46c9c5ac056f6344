/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.hierynomus.sshj.userauth.keyprovider.OpenSSHKeyV1KeyFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.KeyType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SshKeyPairTest {

  private final SshKeyPair pair = SshKeyPair.generate();

  private byte[] publicBlob() {
    String[] words = pair.publicKey().split(" ", -1);
    assertThat(words).hasSize(2).startsWith("ssh-ed25519");
    return Base64.getDecoder().decode(words[1]);
  }

  @Test
  void sshjReadsThePrivateKeyAndFindsThePublicOneInIt(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("key"), pair.privateKey(), US_ASCII);
    OpenSSHKeyV1KeyFile key = new OpenSSHKeyV1KeyFile();
    key.init(file.toFile());

    assertThat(key.getType()).isEqualTo(KeyType.ED25519);
    assertThat(key.getPrivate().getAlgorithm()).isIn("EdDSA", "Ed25519");
    assertThat(new Buffer.PlainBuffer().putPublicKey(key.getPublic()).getCompactData())
        .isEqualTo(publicBlob());
  }

  @Test
  void openSshDerivesThePublicKeyFromThePrivateOne(@TempDir Path directory) throws Exception {
    LocalProgram keygen = LocalProgram.require("ssh-keygen");
    Path file = Files.writeString(directory.resolve("key"), pair.privateKey(), US_ASCII);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

    String output = keygen.run("-y", "-P", "", "-f", file.toString());

    assertThat(output.strip()).isEqualTo(pair.publicKey());
  }

  @Test
  void linesAreAsOpenSshWritesThem() {
    assertThat(pair.privateKey())
        .startsWith("-----BEGIN OPENSSH PRIVATE KEY-----\n")
        .endsWith("\n-----END OPENSSH PRIVATE KEY-----\n");
    assertThat(pair.privateKey().lines()).allMatch(line -> line.length() <= 70);
  }

  @Test
  void twoPairsDiffer() {
    assertThat(SshKeyPair.generate().publicKey()).isNotEqualTo(pair.publicKey());
  }

  @Test
  void textNeverShowsThePrivateKey() {
    assertThat(pair).hasToString(pair.publicKey());
  }
}
