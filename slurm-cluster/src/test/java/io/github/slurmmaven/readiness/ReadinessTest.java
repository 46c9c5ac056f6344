/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.RecordingProgress;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.ssh.SshConnection.LoginRefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ReadinessTest {

  private static final String HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq0123456789abcdef";
  private static final String GREETING = "SSH-2.0-OpenSSH_10.0p2 Debian-7 key:0123456789abcdef\r\n";
  private static final Duration LONG = Duration.ofSeconds(25);
  private static final Duration SHORT = Duration.ofSeconds(1);

  private final ScriptedBackend backend = new ScriptedBackend();
  private final RecordingProgress progress = new RecordingProgress();
  private Consumer<Address> login = address -> {};
  private final ClusterId id;
  private final ServerSocket server;

  ReadinessTest(@TempDir Path directory) throws IOException {
    id = new ClusterId("c", directory);
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    backend.sshPort = server.getLocalPort();
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  /** Sets the greeting of the published port. */
  private void greet(String greeting) {
    Thread thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try (Socket client = server.accept()) {
                  client.getOutputStream().write(greeting.getBytes(US_ASCII));
                } catch (IOException e) {
                  // The test has ended, or the client has gone.
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private Readiness.Reached await(Duration timeout) {
    return readiness().await(System.nanoTime() + timeout.toNanos(), timeout);
  }

  private Readiness readiness() {
    return new Readiness(
        backend,
        id,
        HOST_KEY,
        address -> login.accept(address),
        () -> new Readiness.RestLogin("slurm", "token"),
        progress);
  }

  private SlurmClusterException fails(Duration timeout) {
    SlurmClusterException failure =
        catchThrowableOfType(SlurmClusterException.class, () -> await(timeout));
    assertThat(failure).as("SlurmClusterException").isNotNull();
    assertThat(backend.isWatched()).isFalse();
    return failure;
  }

  @Test
  void aClusterIsReadyWhenTheCheckEndsAndSshGreets() {
    greet(GREETING);
    backend.check =
        lines -> {
          lines.accept("missing n1 unknown N/A");
          lines.accept("reached all nodes work: 1");
          return new CommandResult(0, "", "");
        };

    assertThat(await(LONG).ssh()).isEqualTo(new Address("127.0.0.1", server.getLocalPort()));

    assertThat(progress.steps())
        .containsExactlyInAnyOrder(
            "  all nodes work: 1", "  SSH answers on 127.0.0.1:" + server.getLocalPort());
    assertThat(progress.everything()).contains("waiting for nodes: n1 unknown");
    assertThat(backend.commands).containsExactly("slurm@head bash");
    assertThat(backend.isWatched()).isFalse();
  }

  @Test
  void waitsForSshThatComesLate() throws IOException {
    int port = server.getLocalPort();
    server.close();
    Thread late =
        new Thread(
            () -> {
              try {
                Thread.sleep(400);
                try (ServerSocket sshd =
                        new ServerSocket(port, 5, InetAddress.getLoopbackAddress());
                    Socket client = sshd.accept()) {
                  client.getOutputStream().write(GREETING.getBytes(US_ASCII));
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    late.start();

    assertThat(await(LONG).ssh().port()).isEqualTo(port);
  }

  @Test
  void waitsForSshThatGreetsSlowly() {
    Thread slow =
        new Thread(
            () -> {
              try {
                while (true) {
                  Socket client = server.accept();
                  // Longer than the first try waits.
                  Thread.sleep(2500);
                  client.getOutputStream().write(GREETING.getBytes(US_ASCII));
                  client.close();
                }
              } catch (IOException e) {
                // The test has ended.
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    slow.setDaemon(true);
    slow.start();

    assertThat(await(LONG).ssh().port()).isEqualTo(server.getLocalPort());
  }

  @Test
  void refusedLoginEndsTheWaitAtOnceWithItsReason() {
    greet(GREETING);
    backend.check = lines -> ScriptedBackend.never();
    AtomicInteger logins = new AtomicInteger();
    LoginRefusedException refused =
        new LoginRefusedException(
            "SSH of cluster 'c' does not let user 'slurm' in", new IOException("no key fits"));
    login =
        address -> {
          logins.incrementAndGet();
          throw refused;
        };

    assertThat(fails(LONG))
        .hasMessageStartingWith("Cluster c: SSH of cluster 'c' does not let user 'slurm' in\n")
        .hasCause(refused);
    assertThat(logins).hasValue(1);
  }

  @Test
  void missingKeyEndsTheWaitAtOnceAsTheUsersMistake() {
    greet(GREETING);
    backend.check = lines -> ScriptedBackend.never();
    UserMistakeException mistake = new UserMistakeException("the key cannot be read");
    login =
        address -> {
          throw mistake;
        };

    assertThatThrownBy(() -> await(LONG)).isSameAs(mistake);
  }

  @Test
  void loginThatIsBrokenOffIsTriedAgain() {
    greet(GREETING);
    backend.check = lines -> new CommandResult(0, "", "");
    AtomicInteger logins = new AtomicInteger();
    login =
        address -> {
          if (logins.incrementAndGet() < 3) {
            throw new SlurmClusterException("SSH cannot be reached: connection reset");
          }
        };

    assertThat(await(LONG).ssh().port()).isEqualTo(server.getLocalPort());

    assertThat(logins).hasValue(3);
  }

  @Test
  void timeoutSaysWhyNoLoginSucceeded() {
    greet(GREETING);
    backend.check = lines -> new CommandResult(0, "", "");
    login =
        address -> {
          throw new SlurmClusterException("SSH cannot be reached: connection reset");
        };

    assertThat(fails(SHORT))
        .hasMessageStartingWith(
            "Cluster c: not ready within 1 s (timeout), still waiting for a login: SSH cannot be reached: connection reset\n");
  }

  /** It writes files for its login, which a roll-back then removes. */
  @Test
  void loginUnderWayHasEndedWhenTheWaitIsInterrupted() {
    greet(GREETING);
    backend.check = lines -> ScriptedBackend.never();
    Thread waiting = Thread.currentThread();
    AtomicBoolean hasEnded = new AtomicBoolean();
    login =
        address -> {
          waiting.interrupt();
          try {
            Thread.sleep(LONG.toMillis());
          } catch (InterruptedException e) {
            // What it is in the middle of takes a moment.
            LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
            hasEnded.set(true);
          }
        };

    fails(LONG);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(hasEnded).isTrue();
  }

  @Test
  void timeoutSaysWhatSlurmStillMisses() {
    greet(GREETING);
    backend.slurmNodes = "NodeName=n1 State=UNKNOWN+NOT_RESPONDING CfgTRES=cpu=4\n";
    backend.check =
        lines -> {
          lines.accept("waiting slurmctld: refused");
          lines.accept("missing n1 unknown N/A");
          return ScriptedBackend.never();
        };

    SlurmClusterException failure = fails(SHORT);

    assertThat(failure)
        .hasMessageStartingWith(
            "Cluster c: not ready within 1 s (timeout), still waiting for nodes: n1 unknown\n")
        .hasMessageContaining("  head  running\n  n1  running\n")
        .hasMessageContaining("What Slurm says of them:\n  n1  unknown*  none\n");
  }

  @Test
  void timeoutSaysThatSshIsMissingOnceSlurmIsThere() {
    greet("220 mail\r\n");
    backend.check =
        lines -> {
          lines.accept("missing n1 unknown N/A");
          return new CommandResult(0, "", "");
        };

    assertThat(fails(SHORT))
        .hasMessageStartingWith(
            "Cluster c: not ready within 1 s (timeout), still waiting for SSH on 127.0.0.1:"
                + server.getLocalPort()
                + ": what answers is not an SSH server: '220 mail'\n");
  }

  @Test
  void timeoutSaysThatAnotherServerAnswersInPlaceOfSsh() {
    greet("SSH-2.0-OpenSSH_10.0p2 Debian-7\r\n");
    backend.check = lines -> new CommandResult(0, "", "");

    assertThat(fails(SHORT))
        .hasMessageContaining(
            ": what answers is another SSH server: 'SSH-2.0-OpenSSH_10.0p2 Debian-7'\n");
  }

  @Test
  void timeoutSaysWhenBothAreMissing() {
    greet("220 mail\r\n");
    backend.check = lines -> ScriptedBackend.never();

    assertThat(fails(SHORT)).hasMessageContaining("still waiting for slurmctld; SSH on ");
  }

  @Test
  void endsAtOnceWhenANodeEnds() {
    backend.log = "one\ntwo\nslurmd: fatal: no NodeName\n";
    backend.check =
        lines -> {
          backend.end("n1", "exited with code 1");
          return ScriptedBackend.never();
        };

    SlurmClusterException failure = fails(LONG);

    assertThat(failure)
        .hasMessageStartingWith("Cluster c: node n1 exited with code 1\nLikely cause: ")
        .hasMessageContaining("Last lines of n1:\n  one\n  two\n  slurmd: fatal: no NodeName\n");
  }

  @Test
  void endsAtOnceWhenANodeIsDrainedByAJob() {
    backend.check =
        lines -> {
          lines.accept("drained n1 idle+drain Epilog error ");
          return new CommandResult(4, "", "");
        };

    assertThat(fails(LONG))
        .hasMessageStartingWith(
            "Cluster c: node n1 has been drained since a job ran there: Epilog error\n");
  }

  @Test
  void endsAtOnceWhenTheCheckFails() {
    // SSH stays silent, which must not hold the failure back.
    backend.check = lines -> new CommandResult(127, "", "bash: not found\n");

    assertThat(fails(LONG))
        .hasMessageStartingWith(
            "Cluster c: the check of node head ended with exit code 127: bash: not found\n");
  }

  @Test
  void hopelessCheckEndsTheWaitWithItsOwnWords() {
    backend.check = lines -> new CommandResult(3, "", "the disk is full\n");

    assertThat(fails(LONG)).hasMessageStartingWith("Cluster c: the disk is full\nNodes:\n");
  }

  @Test
  void jobsThatFailEndTheWaitAndMayNameTheCause() {
    backend.check =
        lines -> {
          lines.accept("failed main");
          return new CommandResult(5, "", "slurmstepd: error: TaskProlog failed status=1\n");
        };

    assertThat(fails(LONG))
        .hasMessageStartingWith(
            "Cluster c: jobs fail on partition main before they begin: slurmstepd: error: TaskProlog"
                + " failed status=1\n"
                + "Likely cause: the script fails; correct the script. A job says: error: TaskProlog"
                + " failed status=1\n");
  }

  @Test
  void logOfTheNodeThatGivesTheCauseAwayIsShown() {
    backend.log = "error: Munge decode failed: Expired credential\n";
    backend.check = lines -> new CommandResult(1, "", "no");

    assertThat(fails(LONG))
        .hasMessageContaining("Likely cause: the nodes' clocks differ")
        .hasMessageContaining("Last lines of head:\n  error: Munge decode failed");
  }

  @ParameterizedTest
  @ValueSource(ints = {126, 137})
  void nodeThatEndsIsTheReasonAndNotTheCheckThatEndsWithIt(int exitCode) {
    backend.check =
        lines -> {
          Thread late =
              new Thread(
                  () -> {
                    try {
                      Thread.sleep(700);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                    backend.end("head", "exited with code 1");
                  });
          late.start();
          return new CommandResult(exitCode, "", "");
        };

    assertThat(fails(LONG)).hasMessageStartingWith("Cluster c: node head exited with code 1\n");
  }

  @Test
  void onlyTheLastLinesAreShownAndAllAreKept() {
    backend.log = "line\n".repeat(500) + "last\n";
    backend.check =
        lines -> {
          backend.end("n1", "exited with code 1");
          return ScriptedBackend.never();
        };

    SlurmClusterException failure = fails(LONG);

    assertThat(
            String.valueOf(failure.getMessage())
                .lines()
                .filter(line -> line.strip().equals("line")))
        .hasSizeBetween(5, 50);
    Path logs = id.directory().resolve("logs");
    assertThat(failure).hasMessageContaining("All logs: " + logs);
    assertThat(logs.resolve("n1.log")).content().isEqualTo(backend.log);
    assertThat(logs.resolve("head.log")).exists();
  }

  @Test
  void logsThatCannotBeWrittenAreNoReasonToHideTheFailure() throws IOException {
    Files.writeString(id.directory().resolve("logs"), "a file");
    backend.check = lines -> new CommandResult(1, "", "no");

    assertThat(fails(LONG))
        .hasMessageContaining("ended with exit code 1: no")
        .hasMessageContaining("The logs could not be written to " + id.directory());
  }

  @Test
  void missingSshPortIsTheUsersMistake() {
    backend.noSsh = new UserMistakeException("docker-compose.yml publishes no port for SSH");
    backend.check = lines -> ScriptedBackend.never();

    assertThatThrownBy(() -> await(LONG)).isSameAs(backend.noSsh);
  }

  @Test
  void nodeThatEndsIsTheReasonAndNotThePortThatIsGoneWithIt() {
    backend.noSsh = new UserMistakeException("docker-compose.yml publishes no port for SSH");
    backend.end("head", "exited with code 78");
    backend.check = lines -> ScriptedBackend.never();

    assertThat(fails(LONG)).hasMessageStartingWith("Cluster c: node head exited with code 78\n");
  }

  @Test
  void clusterWithoutNodesIsRefused() {
    backend.nodes = List.of();

    assertThat(fails(LONG))
        .hasMessageContaining("Cluster c has no node")
        .hasMessageContaining("io.github.slurmmaven.node");
  }

  @Test
  void interruptEndsTheWait() throws InterruptedException {
    backend.check = lines -> ScriptedBackend.never();
    Thread waiting = Thread.currentThread();
    Thread interrupter =
        new Thread(
            () -> {
              while (!backend.isWatched()) {
                Thread.onSpinWait();
              }
              waiting.interrupt();
            });
    interrupter.start();

    SlurmClusterException failure = fails(LONG);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(failure).hasMessage("Interrupted while waiting for cluster c");
    interrupter.join();
  }

  @Test
  void slurmrestdIsAwaitedWithoutALookAtTheRest() throws IOException {
    HttpServer slurmrestd =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    slurmrestd.createContext(
        "/openapi/v3",
        exchange -> {
          byte[] document = "{\"paths\": {\"/slurm/v0.0.42/ping/\": {}}}".getBytes(US_ASCII);
          exchange.sendResponseHeaders(200, document.length);
          exchange.getResponseBody().write(document);
          exchange.close();
        });
    slurmrestd.start();
    try {
      Address address = new Address("127.0.0.1", slurmrestd.getAddress().getPort());
      backend.rest = () -> Optional.of(address);

      readiness().awaitRest(LONG);

      assertThat(progress.steps()).containsExactly("  slurmrestd answers on " + address);
      assertThat(backend.commands).isEmpty();
    } finally {
      slurmrestd.stop(0);
    }
  }

  @Test
  void slurmrestdThatDoesNotAnswerEndsTheWaitInTime() throws IOException {
    server.close();
    Address address = new Address("127.0.0.1", backend.sshPort);
    backend.rest = () -> Optional.of(address);

    assertThatThrownBy(() -> readiness().awaitRest(SHORT))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("slurmrestd did not answer within 1 s (timeout)")
        .hasMessageContaining("slurmrestd on " + address + ": Connection refused");
  }

  @Test
  void slurmrestdThatHasEndedIsNotAwaited() throws IOException {
    server.close();
    Address address = new Address("127.0.0.1", backend.sshPort);
    AtomicBoolean asked = new AtomicBoolean();
    backend.rest =
        () -> {
          if (asked.getAndSet(true)) {
            throw new SlurmClusterException("slurmrestd has exited with status 1");
          }
          return Optional.of(address);
        };

    assertThatThrownBy(() -> readiness().awaitRest(LONG))
        .hasMessage("slurmrestd has exited with status 1");
  }
}
