/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.client.SshKeyPair;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.Security;
import java.util.Base64;
import java.util.List;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.transport.verification.OpenSSHKnownHosts;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SshFilesTest {

  /** sshj needs it for ECDSA keys, and registers it itself only until the library's first login. */
  @BeforeAll
  static void provideEcdsaToSshj() {
    Security.addProvider(new BouncyCastleProvider());
  }

  private final SshKeyPair host = SshKeyPair.generate();

  private static PublicKey parsed(SshKeyPair pair) throws Exception {
    String blob = pair.publicKey().split(" ", -1)[1];
    return new Buffer.PlainBuffer(Base64.getDecoder().decode(blob)).readPublicKey();
  }

  @ParameterizedTest
  @ValueSource(ints = {22, 2222, 65535})
  void knownHostsPinsTheKeysForThisAddressOnly(int port) throws Exception {
    SshKeyPair other = SshKeyPair.generateEcdsa();
    OpenSSHKnownHosts known =
        new OpenSSHKnownHosts(
            new StringReader(
                SshFiles.knownHosts(
                    "127.0.0.1", port, List.of(host.publicKey(), other.publicKey()))));

    assertThat(known.verify("127.0.0.1", port, parsed(host))).isTrue();
    assertThat(known.verify("127.0.0.1", port, parsed(other))).isTrue();
    assertThat(known.verify("127.0.0.1", port, parsed(SshKeyPair.generateEcdsa()))).isFalse();
    assertThat(known.verify("127.0.0.1", port + 1, parsed(host))).isFalse();
    assertThat(known.verify("127.0.0.1", port, parsed(SshKeyPair.generate()))).isFalse();
  }

  @Test
  void configNamesEverything() {
    assertThat(
            SshFiles.config(
                "slurm my-cluster",
                "127.0.0.1",
                2222,
                "slurm",
                Path.of("/c/ssh/id_ed25519"),
                Path.of("/c/ssh/known_hosts")))
        .startsWith("Host slurm my-cluster\n")
        .contains("  HostName 127.0.0.1\n", "  Port 2222\n", "  User slurm\n")
        .contains("  IdentityFile \"/c/ssh/id_ed25519\"\n")
        .contains("  UserKnownHostsFile \"/c/ssh/known_hosts\"\n")
        .contains("  StrictHostKeyChecking yes\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "two words",
        "100%",
        "%h",
        "ünï",
        "a#b",
        "$HOME",
        "it's",
        "\"",
        "\\",
        "\\\"\\\\"
      })
  void openSshTakesTheFilesLiterally(String folder, @TempDir Path directory) throws Exception {
    LocalProgram ssh = LocalProgram.require("ssh");
    Path home = Files.createDirectories(directory.resolve(folder));
    Path config =
        Files.writeString(
            directory.resolve("config"),
            SshFiles.config(
                "slurm alias",
                "127.0.0.1",
                2222,
                "slurm",
                home.resolve("id_ed25519"),
                home.resolve("known_hosts")));

    for (String alias : List.of("slurm", "alias")) {
      String output = ssh.run("-G", "-F", config.toString(), alias);

      // ssh -G shows file names before it replaces their percent signs.
      assertThat(output.lines().map(line -> line.replace("%%", "%")))
          .contains("hostname 127.0.0.1", "port 2222", "user slurm")
          .contains("identityfile " + home.resolve("id_ed25519"))
          .contains("userknownhostsfile " + home.resolve("known_hosts"));
    }
  }

  @Test
  void percentSignsAreNoTokens() {
    assertThat(
            SshFiles.config(
                "a", "127.0.0.1", 2222, "slurm", Path.of("/50%h/key"), Path.of("/50%h/hosts")))
        .contains("IdentityFile \"/50%%h/key\"", "UserKnownHostsFile \"/50%%h/hosts\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/home/me/p-1/ü", "/my projects/a", "/it's/\"a\"", "/$HOME/`id`", "/a;b&c", "/#x"})
  void commandIsOneThatAShellUnderstands(String path) throws Exception {
    Process shell =
        new ProcessBuilder(
                "bash",
                "-c",
                "ssh() { printf '%s\\n' \"$@\"; }; " + SshFiles.command(Path.of(path)))
            .start();

    assertThat(new String(shell.getInputStream().readAllBytes(), UTF_8).lines())
        .containsExactly("-F", path, "slurm");
  }

  @Test
  void commandHasNoQuotesWhereNoneAreNeeded() {
    assertThat(SshFiles.command(Path.of("/home/me/.slurm-cluster/a-1/ssh/config")))
        .isEqualTo("ssh -F /home/me/.slurm-cluster/a-1/ssh/config slurm");
  }
}
