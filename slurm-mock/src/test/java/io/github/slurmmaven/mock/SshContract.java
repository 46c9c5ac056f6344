/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.Connection;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import net.schmizz.sshj.connection.ConnectionException;
import net.schmizz.sshj.connection.channel.Channel;
import net.schmizz.sshj.connection.channel.OpenFailException;
import net.schmizz.sshj.connection.channel.OpenFailException.Reason;
import net.schmizz.sshj.connection.channel.direct.DirectConnection;
import net.schmizz.sshj.connection.channel.direct.Session;
import net.schmizz.sshj.connection.channel.direct.Session.Command;
import net.schmizz.sshj.connection.channel.direct.Session.Shell;
import net.schmizz.sshj.connection.channel.forwarded.RemotePortForwarder;
import net.schmizz.sshj.connection.channel.forwarded.RemotePortForwarder.Forward;
import net.schmizz.sshj.sftp.OpenMode;
import net.schmizz.sshj.sftp.SFTPClient;
import net.schmizz.sshj.sftp.SFTPException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What SSH does on a cluster of containers, which is OpenSSH's, on one without containers, and on
 * the mock. What is expected is what OpenSSH of Debian 12 and 13 did.
 */
@Timeout(30)
abstract class SshContract {

  private static final EnumSet<OpenMode> WRITE = EnumSet.of(OpenMode.WRITE, OpenMode.CREAT);

  private static final EnumSet<OpenMode> NEW =
      EnumSet.of(OpenMode.WRITE, OpenMode.CREAT, OpenMode.EXCL);

  private Ssh client;

  abstract Connection connection();

  /** The port of the cluster's own SSH server, as the cluster sees it. */
  abstract int portInside();

  @BeforeEach
  final void connect() throws IOException {
    client = Ssh.to(connection());
  }

  @AfterEach
  final void disconnect() throws IOException {
    client.close();
  }

  // Variables

  private String envWith(String name, String value) throws IOException {
    try (Session session = client.client().startSession()) {
      session.setEnvVar(name, value);
      Command command = session.exec("env");
      return new String(command.getInputStream().readAllBytes(), UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LANG", "LC_ALL", "LC_TIME", "LC_OF_MY_OWN"})
  @DisplayName("a command gets the client's language")
  void takesTheClientsLanguage(String name) throws IOException {
    assertThat(envWith(name, "C")).contains("\n" + name + "=C\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SBATCH_PARTITION", "SLURM_CONF", "COLORTERM", "PATH", "LD_PRELOAD", "X"})
  @DisplayName("a command gets no other variable of the client's")
  void refusesOtherVariables(String name) throws IOException {
    try (Session session = client.client().startSession()) {
      assertThatThrownBy(() -> session.setEnvVar(name, "from the client"))
          .isInstanceOf(ConnectionException.class);
      Command command = session.exec("env");
      assertThat(new String(command.getInputStream().readAllBytes(), UTF_8))
          .contains("HOME=")
          .doesNotContain("from the client");
    }
  }

  @Test
  @DisplayName("the language is UTF-8 where the client sends none")
  void hasALanguageOfItsOwn() throws Exception {
    assertThat(client.run("env")).containsOnlyOnce("LANG=C.UTF-8");
    try (Session session = client.client().startSession();
        Shell shell = session.startShell()) {
      assertThat(answer(shell, reader(shell), "env | grep '^LANG='")).isEqualTo("LANG=C.UTF-8");
    }
  }

  // Tunnels

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1", "slurm"})
  @DisplayName("-L leads to the cluster's loopback interface and its nodes")
  void forwardsToTheCluster(String host) throws IOException {
    try (DirectConnection tunnel = client.client().newDirectConnection(host, portInside())) {
      assertThat(read(tunnel.getInputStream(), 8)).isEqualTo("SSH-2.0-");
    }
  }

  @Test
  @DisplayName("-L to a port that nobody listens on is refused, and the connection goes on")
  void forwardsToNobody() throws IOException {
    assertThatThrownBy(() -> client.client().newDirectConnection("localhost", 1))
        .isInstanceOfSatisfying(
            OpenFailException.class,
            refused -> assertThat(refused.getReason()).isEqualTo(Reason.CONNECT_FAILED));
    assertThat(client.run("echo on")).isEqualTo("on");
  }

  /** Unlike readNBytes, which asks for no byte in the end, for which sshj waits. */
  private static String read(InputStream in, int count) throws IOException {
    byte[] bytes = new byte[count];
    new DataInputStream(in).readFully(bytes);
    return new String(bytes, UTF_8);
  }

  private static void answer(Channel channel, BlockingQueue<String> heard) {
    try (InputStream in = channel.getInputStream();
        OutputStream out = channel.getOutputStream()) {
      heard.add(read(in, 4));
      out.write("pong".getBytes(UTF_8));
      out.flush();
    } catch (IOException e) {
      heard.add(e.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1", "", "0.0.0.0"})
  @DisplayName("-R listens on the cluster's loopback interface, whatever address is asked for")
  void forwardsFromTheCluster(String address) throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    RemotePortForwarder forwarder = client.client().getRemotePortForwarder();
    Forward forward =
        forwarder.bind(
            new Forward(address, 0),
            channel -> {
              channel.confirm();
              new Thread(() -> answer(channel, heard)).start();
            });
    // What is behind the cluster's port is reached as a job would reach it.
    try (DirectConnection tunnel =
        client.client().newDirectConnection("127.0.0.1", forward.getPort())) {
      tunnel.getOutputStream().write("ping".getBytes(UTF_8));
      tunnel.getOutputStream().flush();
      assertThat(read(tunnel.getInputStream(), 4)).isEqualTo("pong");
    }
    assertThat(heard.take()).isEqualTo("ping");
    forwarder.cancel(forward);
  }

  @Test
  @DisplayName("-R to a port that is taken is refused, and the connection goes on")
  void forwardsFromATakenPort() throws IOException {
    assertThatThrownBy(
            () ->
                client
                    .client()
                    .getRemotePortForwarder()
                    .bind(new Forward("localhost", portInside()), channel -> channel.confirm()))
        .isInstanceOf(ConnectionException.class);
    assertThat(client.run("echo on")).isEqualTo("on");
  }

  /** Where nodes are no machines of their own. */
  final void assertLeadsNowhereElse() {
    assertThatThrownBy(() -> client.client().newDirectConnection("192.0.2.1", 80))
        .isInstanceOfSatisfying(
            OpenFailException.class,
            refused ->
                assertThat(refused.getReason()).isEqualTo(Reason.ADMINISTRATIVELY_PROHIBITED));
  }

  // A shell

  private static BufferedReader reader(Shell shell) {
    return new BufferedReader(new InputStreamReader(shell.getInputStream(), UTF_8));
  }

  private static void type(Shell shell, String text) throws IOException {
    shell.getOutputStream().write(text.getBytes(UTF_8));
    shell.getOutputStream().flush();
  }

  private static String answer(Shell shell, BufferedReader reader, String line) throws IOException {
    type(shell, line + "\n");
    return reader.readLine();
  }

  @Test
  @DisplayName("a shell answers line by line, and keeps what it was told")
  void shellAnswersEachLine() throws Exception {
    try (Session session = client.client().startSession();
        Shell shell = session.startShell()) {
      BufferedReader reader = reader(shell);
      assertThat(answer(shell, reader, "echo one")).isEqualTo("one");
      assertThat(answer(shell, reader, "cd /tmp; x=5; pwd")).isEqualTo("/tmp");
      assertThat(answer(shell, reader, "echo $x $PWD")).isEqualTo("5 /tmp");
      type(shell, "for i in 1 2\ndo\necho \"in $i\"\n");
      assertThat(answer(shell, reader, "done")).isEqualTo("in 1");
      assertThat(reader.readLine()).isEqualTo("in 2");
      type(shell, "cat <<END\nhere $x\n");
      assertThat(answer(shell, reader, "END")).isEqualTo("here 5");
      type(shell, "echo 'two\n");
      assertThat(answer(shell, reader, "lines' \\\nlong")).isEqualTo("two");
      assertThat(reader.readLine()).isEqualTo("lines long");
      assertThat(answer(shell, reader, "nosuchcommand; false; echo $?")).isEqualTo("1");
      // What a command reads is what comes after its line.
      type(shell, "read y\ntyped\n");
      assertThat(answer(shell, reader, "echo $y")).isEqualTo("typed");
      type(shell, "exit 7\n");
      assertThat(reader.readLine()).isNull();
      session.join();
      assertThat(((Command) shell).getExitStatus()).isEqualTo(7);
    }
  }

  // Files

  /** Something that is done to files. */
  @FunctionalInterface
  private interface Deed {
    void run(SFTPClient sftp) throws IOException;
  }

  private final List<String> answers = new ArrayList<>();

  private void attempt(SFTPClient sftp, String what, Deed deed) throws IOException {
    try {
      deed.run(sftp);
      answers.add(what + ": done");
    } catch (SFTPException e) {
      answers.add(what + ": " + e.getStatusCode().getCode() + " " + e.getMessage());
    }
  }

  @Test
  @DisplayName("SFTP fails with OpenSSH's codes and words")
  void sftpFailsAsOpenSsh() throws Exception {
    client.run("mkdir -p t/full t/empty t/dir; echo a > t/a; echo b > t/b; echo c > t/full/c");
    try (SFTPClient sftp = client.client().newSFTPClient()) {
      assertThat(sftp.getSFTPEngine().getOperativeProtocolVersion()).isEqualTo(3);
      attempt(sftp, "rename onto a file", s -> s.rename("t/a", "t/b"));
      attempt(sftp, "rename onto itself", s -> s.rename("t/a", "t/a"));
      attempt(sftp, "rename onto a directory", s -> s.rename("t/a", "t/dir"));
      attempt(sftp, "rename of a directory onto a file", s -> s.rename("t/dir", "t/a"));
      attempt(sftp, "rename onto an empty directory", s -> s.rename("t/dir", "t/empty"));
      attempt(sftp, "rename of nothing", s -> s.rename("t/no", "t/new"));
      attempt(sftp, "rename into nothing", s -> s.rename("t/a", "t/no/a"));
      attempt(sftp, "rmdir of a full directory", s -> s.rmdir("t/full"));
      attempt(sftp, "rmdir of nothing", s -> s.rmdir("t/no"));
      attempt(sftp, "rmdir of a file", s -> s.rmdir("t/a"));
      attempt(sftp, "rmdir behind a file", s -> s.rmdir("t/a/x"));
      attempt(sftp, "remove of a directory", s -> s.rm("t/dir"));
      attempt(sftp, "remove of nothing", s -> s.rm("t/no"));
      attempt(sftp, "mkdir of a directory", s -> s.mkdir("t/dir"));
      attempt(sftp, "mkdir of a file", s -> s.mkdir("t/a"));
      attempt(sftp, "mkdir in nothing", s -> s.mkdir("t/no/no"));
      attempt(sftp, "mkdir behind a file", s -> s.mkdir("t/a/no"));
      attempt(sftp, "open of nothing", s -> s.open("t/no").close());
      attempt(sftp, "open of a directory for writing", s -> s.open("t/dir", WRITE).close());
      attempt(sftp, "open of a new file that exists", s -> s.open("t/a", NEW).close());
      attempt(sftp, "open in nothing", s -> s.open("t/no/x", WRITE).close());
      attempt(sftp, "open behind a file", s -> s.open("t/a/x").close());
      attempt(sftp, "open of a name too long", s -> s.open("t/" + "x".repeat(300)).close());
      attempt(sftp, "list of nothing", s -> s.ls("t/no"));
      attempt(sftp, "list of a file", s -> s.ls("t/a"));
      attempt(sftp, "stat of nothing", s -> s.lstat("t/no"));
      attempt(sftp, "stat behind a file", s -> s.lstat("t/a/x"));
      attempt(sftp, "readlink of a file", s -> s.readlink("t/a"));
      attempt(sftp, "chmod of nothing", s -> s.chmod("t/no", 0600));
      attempt(sftp, "truncate of nothing", s -> s.truncate("t/no", 0));
    } finally {
      client.run("rm -rf t");
    }

    assertThat(answers)
        .containsExactly(
            "rename onto a file: 4 Failure",
            "rename onto itself: 4 Failure",
            "rename onto a directory: 4 Failure",
            "rename of a directory onto a file: 4 Failure",
            "rename onto an empty directory: 4 Failure",
            "rename of nothing: 2 No such file",
            "rename into nothing: 2 No such file",
            "rmdir of a full directory: 4 Failure",
            "rmdir of nothing: 2 No such file",
            "rmdir of a file: 2 No such file",
            "rmdir behind a file: 2 No such file",
            "remove of a directory: 4 Failure",
            "remove of nothing: 2 No such file",
            "mkdir of a directory: 4 Failure",
            "mkdir of a file: 4 Failure",
            "mkdir in nothing: 2 No such file",
            "mkdir behind a file: 2 No such file",
            "open of nothing: 2 No such file",
            "open of a directory for writing: 4 Failure",
            "open of a new file that exists: 4 Failure",
            "open in nothing: 2 No such file",
            "open behind a file: 2 No such file",
            "open of a name too long: 5 Bad message",
            "list of nothing: 2 No such file",
            "list of a file: 2 No such file",
            "stat of nothing: 2 No such file",
            "stat behind a file: 2 No such file",
            "readlink of a file: 5 Bad message",
            "chmod of nothing: 2 No such file",
            "truncate of nothing: 2 No such file");
  }
}
