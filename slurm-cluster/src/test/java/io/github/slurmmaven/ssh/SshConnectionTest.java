/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.SshKeyPair;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.engine.TestTerminal;
import io.github.slurmmaven.terminal.Screen;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SshConnectionTest {

  @TempDir private static Path directory;
  private static SshTestServer server;
  private static SshConnection login;

  @BeforeAll
  static void start() throws Exception {
    server = SshTestServer.start();
    login = SshConnection.open(server.connection(directory));
  }

  @AfterAll
  static void stop() throws IOException {
    login.close();
    server.close();
  }

  @Nested
  @DisplayName("A command")
  class Running {

    private final Screen out = new Screen();
    private final Screen err = new Screen();

    @Test
    void givesItsOutputsApartAndItsStatus() {
      int status = login.run("echo out; echo err >&2; exit 3", out, err);

      assertThat(status).isEqualTo(3);
      assertThat(out.text()).isEqualTo("out\n");
      assertThat(err.text()).isEqualTo("err\n");
    }

    @Test
    void hasAnEmptyInputWhereNoneIsGiven() {
      assertThat(login.run("cat; echo end", out, err)).isZero();
      assertThat(out.text()).isEqualTo("end\n");
    }

    @Test
    void readsItsInputAndPassesEveryByte() {
      byte[] bytes = new byte[500_000];
      new Random(1).nextBytes(bytes);

      // Not one cat: the test's server would not read while it writes.
      String command = "cat >'%1$s' && cat '%1$s'".formatted(directory.resolve("bytes"));
      assertThat(login.run(command, new ByteArrayInputStream(bytes), out, err)).isZero();

      assertThat(out.bytes()).isEqualTo(bytes);
    }

    @Test
    @DisplayName("shows what it writes before it ends, and can be answered")
    void talks() throws Exception {
      PipedOutputStream answer = new PipedOutputStream();
      InputStream in = new PipedInputStream(answer);
      CompletableFuture<Integer> status =
          CompletableFuture.supplyAsync(
              () -> login.run("echo name?; read name; echo hello $name", in, out, err));
      out.await("name?\n");
      answer.write("world\n".getBytes(UTF_8));
      answer.flush();

      // The input is still open: that the command has ended is enough.
      assertThat(status.get(60, TimeUnit.SECONDS)).isZero();
      assertThat(out.text()).isEqualTo("name?\nhello world\n");
    }

    @Test
    void mayLeaveItsInputUnread() {
      InputStream endless =
          new InputStream() {
            @Override
            public int read() {
              return 'y';
            }
          };

      assertThat(login.run("exit 4", endless, out, err)).isEqualTo(4);
    }

    @Test
    void thatASignalEndsHasTheStatusOfAShell() {
      assertThat(login.run("die by TERM", out, err)).isEqualTo(128 + 15);
    }
  }

  @Nested
  @DisplayName("What breaks off")
  class Breaking {

    private final Screen out = new Screen();

    private SshConnection own() {
      return SshConnection.open(server.connection(directory));
    }

    @Test
    @DisplayName("is told when the connection is lost")
    void lost() throws Exception {
      try (SshTestServer mortal = SshTestServer.start();
          SshConnection connection =
              SshConnection.open(
                  mortal.connection(Files.createDirectory(directory.resolve("mortal"))))) {
        CompletableFuture<Integer> status =
            CompletableFuture.supplyAsync(
                () -> connection.run("echo up; exec sleep 100", out, new Screen()));
        out.await("up");
        mortal.dropAll();

        assertThatThrownBy(() -> status.get(60, TimeUnit.SECONDS))
            .cause()
            .isInstanceOf(SlurmClusterException.class)
            .hasMessageStartingWith(
                "SSH of cluster 'test' at 127.0.0.1:%d was lost during 'echo up; exec sleep 100': "
                    .formatted(mortal.port()));
        assertThatThrownBy(() -> connection.run("true", out, out))
            .isInstanceOf(SlurmClusterException.class)
            .hasMessageContaining("was lost during 'true'");
      }
    }

    @Test
    @DisplayName("ends at once when its thread is interrupted")
    void interrupted() throws Exception {
      try (SshConnection connection = own()) {
        FutureTask<Boolean> flag =
            new FutureTask<>(
                () -> {
                  assertThatThrownBy(
                          () -> connection.run("echo up; exec sleep 100", out, new Screen()))
                      .isInstanceOf(SlurmClusterException.class)
                      .hasMessage("Interrupted during 'echo up; exec sleep 100'");
                  return Thread.interrupted();
                });
        Thread thread = new Thread(flag);
        thread.start();
        out.await("up");
        thread.interrupt();

        assertThat(flag.get(60, TimeUnit.SECONDS)).as("the flag is kept").isTrue();
      }
    }

    @Test
    @DisplayName("is told when its output cannot be written")
    void outputFails() {
      OutputStream full =
          new OutputStream() {
            @Override
            public void write(int b) throws IOException {
              throw new IOException("No space left on device");
            }
          };
      for (String command : new String[] {"echo x; exec sleep 100", "echo x >&2; exec sleep 100"}) {
        try (SshConnection connection = own()) {
          assertThatThrownBy(() -> connection.run(command, full, full))
              .isInstanceOf(SlurmClusterException.class)
              .hasMessage(
                  "The input or output of '" + command + "' failed: No space left on device");
        }
      }
    }

    @Test
    @DisplayName("is told when its input cannot be read, so that none passes for all of it")
    void inputFails() {
      InputStream broken =
          new InputStream() {
            @Override
            public int read() throws IOException {
              throw new IOException("Input/output error");
            }
          };
      try (SshConnection connection = own()) {
        assertThatThrownBy(() -> connection.run("cat", broken, out, out))
            .isInstanceOf(SlurmClusterException.class)
            .hasMessage("The input or output of 'cat' failed: Input/output error");
      }
    }
  }

  @Nested
  @DisplayName("A login")
  class Login {

    @TempDir private Path own;

    private Connection with(int port, SshKeyPair hostKey, SshKeyPair userKey) {
      return server.connection(own, port, hostKey, userKey);
    }

    private SshKeyPair other() {
      return SshKeyPair.generate();
    }

    @Test
    @DisplayName("says where nobody listens")
    void refused() throws IOException {
      int port;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }

      assertThatThrownBy(() -> SshConnection.open(with(port, server.hostKey(), server.userKey())))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessage(
              "SSH of cluster 'test' at 127.0.0.1:%d cannot be reached: Connection refused; is the"
                  + " cluster running?",
              port);
    }

    @Test
    @DisplayName("sends nothing to a server with another host key")
    void hostKey() {
      assertThatThrownBy(() -> SshConnection.open(with(server.port(), other(), server.userKey())))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessage(
              "SSH of cluster 'test' at 127.0.0.1:%d: another server answers there, whose host key"
                  + " is not the one in %s; stop what holds the port, and start the cluster again",
              server.port(), own.resolve("known_hosts"));
    }

    @Test
    @DisplayName("says which key is not let in")
    void userKey() {
      assertThatThrownBy(() -> SshConnection.open(with(server.port(), server.hostKey(), other())))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessage(
              "SSH of cluster 'test' at 127.0.0.1:%d does not let user 'slurm' in with the key %s:"
                  + " was the cluster created anew?",
              server.port(), own.resolve("id_ed25519"));
    }

    @Test
    @DisplayName("that breaks off is not one that is refused")
    void broken() throws Exception {
      try (SshTestServer mortal = SshTestServer.start()) {
        mortal.dropLogins();

        assertThatThrownBy(() -> SshConnection.open(mortal.connection(own)))
            .isInstanceOf(SlurmClusterException.class)
            .isNotInstanceOf(SshConnection.LoginRefusedException.class)
            .hasMessageMatching(
                "SSH of cluster 'test' at 127\\.0\\.0\\.1:%d cannot be reached: .*; is the cluster running\\?"
                    .formatted(mortal.port()));
      }
    }

    @Test
    @DisplayName("is as another account of the cluster, if there is one")
    void otherUser() {
      Connection connection = server.connection(own);

      assertThatThrownBy(() -> SshConnection.open(connection, "alice"))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContaining("does not let user 'alice' in");
      assertThatThrownBy(() -> SshConnection.open(connection, "bob"))
          .isInstanceOf(UserMistakeException.class)
          .hasMessage("cluster 'test' has no user 'bob' to log in as: it has alice, slurm");
    }

    @Test
    @DisplayName("needs the files of the cluster's directory")
    void files() throws IOException {
      Connection connection = server.connection(own);
      Files.writeString(connection.sshPrivateKey(), "no key");
      assertThatThrownBy(() -> SshConnection.open(connection))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith(
              connection.sshPrivateKey() + " is not an Ed25519 private key of OpenSSH");

      Files.delete(connection.sshPrivateKey());
      assertThatThrownBy(() -> SshConnection.open(connection))
          .isInstanceOf(UserMistakeException.class)
          .hasMessage(
              "the cluster's private key cannot be read: %s: start the cluster again,"
                  + " which writes it",
              connection.sshPrivateKey());

      Connection again = server.connection(own);
      Files.delete(again.sshKnownHosts());
      assertThatThrownBy(() -> SshConnection.open(again))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith("the cluster's host key cannot be read: ");
    }
  }

  @Nested
  @DisplayName("A shell")
  class Shell {

    private final TestTerminal terminal = TestTerminal.interruptible();

    @Test
    @DisplayName("has a terminal of the person's type and size, also when that changes")
    void size() throws Exception {
      CompletableFuture<Integer> status =
          CompletableFuture.supplyAsync(() -> login.shell(terminal));
      terminal.awaitText("xterm-256color 80x24\r\n");
      terminal.resize(120, 40);
      terminal.awaitText("xterm-256color 120x40\r\n");
      terminal.type("q");

      assertThat(status.get(60, TimeUnit.SECONDS)).isEqualTo(7);
    }

    @Test
    @DisplayName("gets every key, also Ctrl-C, Ctrl-D and Ctrl-Z")
    void keys() throws Exception {
      CompletableFuture<Integer> status =
          CompletableFuture.supplyAsync(() -> login.shell(terminal));
      terminal.type("\u0003\u0004\u001aé");
      terminal.awaitText("key 3\r\nkey 4\r\nkey 26\r\nkey 195\r\nkey 169\r\n");
      terminal.type("q");

      // The terminal's keys go on; that the shell has ended is enough.
      assertThat(status.get(60, TimeUnit.SECONDS)).isEqualTo(7);
    }

    @Test
    @DisplayName("may be a command")
    void command() throws Exception {
      CompletableFuture<Integer> status =
          CompletableFuture.supplyAsync(() -> login.shell(terminal, "echo"));
      terminal.awaitText("xterm-256color 80x24\r\n");
      terminal.type("q");

      assertThat(status.get(60, TimeUnit.SECONDS)).isEqualTo(7);
    }

    @Test
    @DisplayName("lets go of the keys when it has ended")
    void letsGo() throws Exception {
      TestTerminal one = TestTerminal.interruptible();
      one.type("q");
      login.shell(one);
      CompletableFuture<Integer> second = CompletableFuture.supplyAsync(() -> login.shell(one));
      one.awaitText("xterm-256color 80x24\r\nxterm-256color 80x24\r\n");
      one.type("aq");

      assertThat(second.get(60, TimeUnit.SECONDS)).isEqualTo(7);
      assertThat(one.text()).endsWith("key 97\r\n");
    }
  }
}
