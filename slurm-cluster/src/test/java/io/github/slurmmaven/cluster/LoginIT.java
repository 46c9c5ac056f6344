/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.ssh.SshConnection;
import io.github.slurmmaven.terminal.Tmux;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our SSH, the OpenSSH of a real cluster, and between them, in half of the tests, a person. */
@Tag("docker")
@Timeout(600)
class LoginIT {

  private static final Path OUTPUT =
      Path.of("target", "it", UUID.randomUUID().toString().substring(0, 8)).toAbsolutePath();

  private static SlurmCluster cluster;
  private static ClusterRequest clusterRequest;
  private static Connection connection;

  @BeforeAll
  static void startCluster() {
    clusterRequest =
        ClusterRequest.builder()
            .outputDirectory(OUTPUT.resolve("login"))
            .ssh(ssh -> ssh.port(0))
            .ownedByThisBuild(true)
            .build();
    cluster = clusterRequest.cluster();
    connection = clusterRequest.start();
  }

  @AfterAll
  static void destroyCluster() throws IOException {
    cluster.destroy();
    Files.deleteIfExists(OUTPUT);
  }

  @Nested
  @DisplayName("A login")
  class Login {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private SshConnection login;

    @BeforeEach
    void open() {
      login = SshConnection.open(connection);
    }

    @AfterEach
    void close() {
      login.close();
    }

    private String ok(String command) {
      out.reset();
      assertThat(login.run(command, out, out)).as(command).isZero();
      return out.toString(UTF_8).strip();
    }

    @Test
    void runsSlurm() {
      assertThat(ok("srun --ntasks=1 sh -c 'echo job $SLURM_JOB_ID'")).matches("job \\d+");
    }

    @Test
    void seesTheSignalThatEndedACommand() {
      assertThat(login.run("kill -KILL $$", out, out)).isEqualTo(128 + 9);
      assertThat(login.run("exit 42", out, out)).isEqualTo(42);
    }

    @Test
    void passesManyBytesBothWays() {
      byte[] bytes = new byte[5_000_000];
      new Random(3).nextBytes(bytes);

      assertThat(login.run("cat", new ByteArrayInputStream(bytes), out, out)).isZero();

      assertThat(out.toByteArray()).isEqualTo(bytes);
    }

    @Test
    @DisplayName("leaves nothing running when it is interrupted")
    void interrupted() throws Exception {
      FutureTask<Void> sleeping =
          new FutureTask<>(
              () -> {
                try (SshConnection own = SshConnection.open(connection)) {
                  assertThatThrownBy(() -> own.run("sleep 4321", out, out))
                      .isInstanceOf(SlurmClusterException.class)
                      .hasMessage("Interrupted during 'sleep 4321'");
                }
                return null;
              });
      Thread thread = new Thread(sleeping);
      thread.start();
      ByteArrayOutputStream found = new ByteArrayOutputStream();
      while (login.run("pgrep -x -f 'sleep 4321'", found, found) != 0) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
      thread.interrupt();
      sleeping.get(60, TimeUnit.SECONDS);

      while (login.run("pgrep -x -f 'sleep 4321'", found, found) == 0) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  @Nested
  @DisplayName("A shell in a terminal")
  class Shell {

    private static final String PROMPT = "^slurm@\\S+\\$$";

    @TempDir private Path directory;
    private Path pid;
    private Tmux tmux;
    private String settings;

    @BeforeEach
    void openTerminal() throws IOException {
      pid = directory.resolve("pid");
      // A class path is too long to be typed.
      Files.writeString(
          directory.resolve("java"),
          "-cp %s %s %s %s"
              .formatted(
                  System.getProperty("java.class.path"),
                  ShellProgram.class.getName(),
                  connection.directory().resolve(Connection.FILE_NAME),
                  pid));
      tmux = Tmux.open(directory, 100, 30);
      settings = settings();
    }

    @AfterEach
    void closeTerminal() throws IOException {
      tmux.close();
    }

    private void start(String arguments) throws IOException {
      String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
      tmux.line(java + " @" + directory.resolve("java") + " " + arguments + "; echo ended $?");
    }

    private void startShell() throws IOException {
      start("");
      tmux.await(PROMPT);
    }

    /** All that stty knows of the terminal. */
    private String settings() throws IOException {
      tmux.line("clear; stty -g");
      return tmux.await("^[0-9a-f]+(:[0-9a-f]+)+$").group();
    }

    private void assertTerminalIsAsBefore() throws IOException {
      assertThat(settings()).isEqualTo(settings);
    }

    @Test
    @DisplayName("is of the terminal's type and size, also when that changes")
    void size() throws IOException {
      startShell();
      tmux.line("clear; echo $TERM; stty size");
      tmux.await("^xterm-256color\n30 100$");

      tmux.resize(120, 40);
      tmux.line("clear; until stty size | grep -x '40 120'; do sleep 0.1; done");
      tmux.await("^40 120$");
    }

    @Test
    @DisplayName("shows colours")
    void colours() throws IOException {
      startShell();
      tmux.line("clear; printf '\\033[31m%s\\033[0m\\n' scarlet");
      tmux.await("^scarlet$");

      assertThat(tmux.colouredScreen()).contains("\u001b[31mscarlet");
    }

    @Test
    @DisplayName("gets Ctrl-C, Ctrl-Z and Ctrl-D, and the program here does not")
    void controlKeys() throws IOException {
      startShell();
      tmux.line("clear; sh -c 'echo started one; exec sleep 100'");
      tmux.await("^started one$");
      tmux.key("C-c");
      tmux.await(PROMPT);
      tmux.line("echo status $?");
      tmux.await("^status 130$");

      tmux.line("clear; sh -c 'echo started two; exec sleep 100'");
      tmux.await("^started two$");
      tmux.key("C-z");
      tmux.await("Stopped .*sleep 100");
      // A plain exit would first warn of the job that is stopped.
      tmux.line("exec sh -c 'exit 3'");
      tmux.await("^ended 3$");
      assertTerminalIsAsBefore();
    }

    @Test
    @DisplayName("ends with Ctrl-D, and leaves its status")
    void ends() throws IOException {
      startShell();
      tmux.line("clear; echo last; (exit 5)");
      tmux.await("^last\n" + PROMPT);
      tmux.key("C-d");

      tmux.await("^ended 5$");
      assertTerminalIsAsBefore();
    }

    @Test
    @DisplayName("may be a job's")
    void job() throws IOException {
      start("'srun --pty bash --norc'");
      tmux.await("^bash\\S*\\$$");
      tmux.line("clear; stty size; echo job $SLURM_JOB_ID");
      tmux.await("^30 100\njob \\d+$");
      tmux.line("exit 6");

      tmux.await("^ended 6$");
    }

    @Test
    @DisplayName("gives the terminal back also when the program is ended from outside")
    void terminated() throws IOException {
      startShell();
      ProcessHandle.of(Long.parseLong(Files.readString(pid))).orElseThrow().destroy();

      tmux.await("ended 143$");
      assertTerminalIsAsBefore();
    }

    @Test
    @DisplayName("gives the terminal back also when the shell is killed")
    void killed() throws IOException {
      startShell();
      try (SshConnection other = SshConnection.open(connection)) {
        other.run("pkill -HUP -x bash", OutputStream.nullOutputStream(), System.err);
      }

      tmux.await("ended 129$");
      assertTerminalIsAsBefore();
    }

    @Test
    @DisplayName("is refused where input or output is no terminal")
    void refused() throws IOException {
      start("</dev/null");
      tmux.await("^standard input is not a terminal");
      tmux.await("^ended 1$");
      start("| cat");
      tmux.await("^standard output is not a terminal");
      assertTerminalIsAsBefore();
    }
  }
}
