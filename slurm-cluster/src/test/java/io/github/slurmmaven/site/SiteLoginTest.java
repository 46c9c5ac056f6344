/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.SshKeyPair;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.ssh.SshTestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the stand-in for ssh is a shell script")
class SiteLoginTest {

  @TempDir private Path directory;

  private Path outputs() {
    return directory.resolve("outputs");
  }

  /** A stand-in for ssh, which writes its arguments to a file, and then runs a script. */
  private List<String> ssh(String script) throws IOException {
    Path file = directory.resolve("ssh");
    Files.writeString(
        file,
        "#!/bin/sh\necho \"$*\" >> %s\nfor last; do :; done\n%s\n"
            .formatted(directory.resolve("calls"), script));
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return List.of(file.toString());
  }

  private SiteLogin.Outputs read(String site, String script) throws IOException {
    return SiteLogin.of(site).orElseThrow().read(outputs(), ssh(script));
  }

  @Test
  void runsTheFiveCommandsAndKeepsWhatTheyPrint() throws IOException {
    SiteLogin.Outputs outputs = read("ada@login.site.example:2222", "echo \"of $last\"");

    assertThat(outputs.notes()).isEmpty();
    assertThat(outputs.directory().resolve("scontrol-config.txt"))
        .hasContent("of scontrol show config");
    assertThat(outputs.directory().resolve("scontrol-partition.txt"))
        .hasContent("of scontrol show partition");
    assertThat(outputs.directory().resolve("scontrol-node.txt"))
        .hasContent("of scontrol show node");
    assertThat(outputs.directory().resolve("sacctmgr-assoc.txt"))
        .hasContent("of sacctmgr -P show assoc tree");
    assertThat(outputs.directory().resolve("sacctmgr-qos.txt"))
        .hasContent("of sacctmgr -P show qos");
    assertThat(Files.readAllLines(directory.resolve("calls")))
        .hasSize(5)
        .allSatisfy(
            call ->
                assertThat(call)
                    .contains("-o BatchMode=yes", "-o StrictHostKeyChecking=yes")
                    .containsPattern(
                        "-l ada -p 2222 -- login.site.example (scontrol show|sacctmgr -P show) \\w+( tree)?$"));
  }

  @Test
  void aSiteWithoutAccountingIsRead() throws IOException {
    SiteLogin.Outputs outputs =
        read("login", "case $last in sacctmgr*) echo 'not supported' >&2; exit 1;; esac; echo out");

    assertThat(outputs.directory().resolve("sacctmgr-qos.txt")).doesNotExist();
    assertThat(outputs.notes())
        .hasSize(2)
        .first()
        .asString()
        .contains("sacctmgr -P show assoc tree", "not supported");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "No ED25519 host key is known for h and you have requested strict checking.|compare the fingerprint",
        "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!|ssh-keygen -R",
        "ada@h: Permission denied (publickey).|ssh-add",
        "ssh: Could not resolve hostname h: Name or service not known|neither a file here nor a host"
      })
  void aRefusedLoginSaysWhatToDo(String answer, String advice) {
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> read("ada@h", "echo '" + answer + "' >&2; exit 255"))
        .withMessageStartingWith("site: ")
        .withMessageContaining("ada@h")
        .withMessageContaining(advice);
  }

  @Test
  void showsSshsWarningWithoutItsFrame() {
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(
            () ->
                read(
                    "ada@h",
                    "printf '@@@@@\\n@   WARNING: UNPROTECTED PRIVATE KEY FILE!   @\\nPermission denied' >&2; exit 255"))
        .withMessageContaining("(WARNING: UNPROTECTED PRIVATE KEY FILE!; Permission denied)");
  }

  @Test
  void aLostConnectionIsAFailure() {
    assertThatExceptionOfType(SlurmClusterException.class)
        .isThrownBy(() -> read("ada@h:7", "echo 'connect to host h: refused' >&2; exit 255"))
        .withMessageContaining("connect to host h: refused")
        .withMessageContaining("ssh -p 7 ada@h scontrol show config");
  }

  @Test
  void aHostWithoutSlurmSaysWhatToDo() {
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> read("ada@h", "echo 'sh: scontrol: not found' >&2; exit 127"))
        .withMessageContaining("has no command scontrol")
        .withMessageContaining("Name a login node");
  }

  @Test
  void aFailedCommandIsReportedWithItsWords() {
    assertThatExceptionOfType(SlurmClusterException.class)
        .isThrownBy(() -> read("ada@h", "echo 'Unable to contact slurm controller' >&2; exit 1"))
        .withMessageContaining("'scontrol show config' failed")
        .withMessageContaining("Unable to contact slurm controller");
    assertThat(outputs()).isEmptyDirectory();
  }

  @Test
  void aMachineWithoutSshSaysWhatToDo() {
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(
            () ->
                SiteLogin.of("ada@h")
                    .orElseThrow()
                    .read(outputs(), List.of(directory.resolve("no-ssh").toString())))
        .withMessageContaining("Install OpenSSH's client");
  }

  // ---- the real ssh --------------------------------------------------------------------------

  /** Reads a host with this machine's ssh, which refuses a key that others can read. */
  private SiteLogin.Outputs readWithSsh(Connection login) throws IOException {
    Files.setPosixFilePermissions(
        login.sshPrivateKey(), PosixFilePermissions.fromString("rw-------"));
    return LoginNode.of(login).read("slurm", outputs());
  }

  @Test
  void aRealLoginNodeWithoutSlurmSaysWhatToDo() throws Exception {
    assumeTrue(LoginNode.hasSsh(), "ssh is not installed");
    assumeTrue(!Files.exists(Path.of("/usr/bin/scontrol")), "this machine has Slurm");
    try (SshTestServer server = SshTestServer.start()) {
      assertThatExceptionOfType(UserMistakeException.class)
          .isThrownBy(() -> readWithSsh(server.connection(directory)))
          .withMessageContaining("has no command scontrol")
          .withMessageContaining("Name a login node");
    }
  }

  @Test
  void aRealHostThatRefusesConnectionsDoesNotAnswer() throws Exception {
    assumeTrue(LoginNode.hasSsh(), "ssh is not installed");
    Connection ended;
    try (SshTestServer server = SshTestServer.start()) {
      ended = server.connection(directory);
    }

    assertThatExceptionOfType(SlurmClusterException.class)
        .isThrownBy(() -> readWithSsh(ended))
        .withMessageContaining("does not answer (")
        .withMessageContaining("Connection refused");
  }

  @Test
  void aRealHostThatSendsNothingDoesNotAnswer() throws Exception {
    assumeTrue(LoginNode.hasSsh(), "ssh is not installed");
    try (SshTestServer server = SshTestServer.start();
        ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Connection connection =
          server.connection(
              directory, silent.getLocalPort(), SshKeyPair.generate(), SshKeyPair.generate());

      assertThatExceptionOfType(SlurmClusterException.class)
          .isThrownBy(() -> readWithSsh(connection))
          .withMessageContaining("does not answer (Connection timed out");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ada@login", "login.site.example", "ssh://ada@login:22", "[fe80::1]:22", "hpc"})
  void namesOfHosts(String site) {
    assertThat(SiteLogin.of(site)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "slurm.conf",
        "./login",
        "etc/slurm.conf",
        "-oProxyCommand=x",
        "ada@-x",
        "a b",
        ""
      })
  void whatIsNotAHost(String site) {
    assertThat(SiteLogin.of(site)).isEmpty();
  }

  @Test
  void refusesAPortThatIsNotOne() {
    assertThatExceptionOfType(UserMistakeException.class)
        .isThrownBy(() -> SiteLogin.of("ada@h:70000"))
        .withMessageContaining("70000");
  }
}
