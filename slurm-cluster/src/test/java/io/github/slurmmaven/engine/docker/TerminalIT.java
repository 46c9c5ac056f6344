/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static io.github.slurmmaven.engine.ContainerDefinitions.container;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.TestTerminal;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A person in a container of a real engine. */
@Tag("docker")
@Timeout(120)
class TerminalIT {

  private static final String IMAGE = "debian:12-slim";
  private static final Duration SOON = Duration.ofSeconds(60);

  private static DockerEngine engine;
  private static String id;

  private final TestTerminal terminal = new TestTerminal();

  @BeforeAll
  static void start() {
    engine = DockerEngine.connect(Environment.system());
    id =
        engine.createContainer(
            container("contract-terminal-" + UUID.randomUUID(), IMAGE)
                .command("sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait")
                .build());
    engine.startContainer(id);
  }

  @AfterAll
  static void remove() {
    engine.removeContainer(id);
    engine.close();
  }

  @AfterEach
  void hangUp() {
    terminal.hangUp();
  }

  private CompletableFuture<Integer> run(String... command) {
    return CompletableFuture.supplyAsync(
        () -> engine.terminal(id, ExecCommand.asRoot(command), terminal));
  }

  private static int soon(CompletableFuture<Integer> session) throws Exception {
    return session.get(SOON.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether a process with this among its arguments runs in the container. */
  private static boolean runs(String marker) {
    return engine
        .exec(
            id,
            ExecCommand.asRoot("sh", "-c", "grep -las \"$1\" /proc/[0-9]*/cmdline", "sh", marker),
            line -> {},
            Duration.ofSeconds(20))
        .stdout()
        .lines()
        // The command that looks holds the marker as well.
        .anyMatch(path -> !isLooking(path));
  }

  private static boolean isLooking(String path) {
    return !engine
        .exec(
            id,
            ExecCommand.asRoot("sh", "-c", "test -e \"$1\"", "sh", path),
            line -> {},
            Duration.ofSeconds(20))
        .ok();
  }

  @Test
  void shellTakesWhatIsTypedAndEnds() throws Exception {
    CompletableFuture<Integer> session = run("bash", "--norc");
    terminal.awaitText("# ").type("echo $((40+2))\n");
    terminal.awaitText("42").type("exit 3\n");

    assertThat(soon(session)).isEqualTo(3);
  }

  @Test
  void commandKnowsItsTerminal() throws Exception {
    CompletableFuture<Integer> session =
        run(
            "sh",
            "-c",
            "tty; echo $TERM; until stty size | grep -q '24 80'; do :; done; echo fits");

    assertThat(soon(session)).as(terminal.text()).isZero();
    assertThat(terminal.text()).contains("/dev/pts/", "xterm-256color", "fits");
  }

  @Test
  void commandMayBelieveInAnotherTerminal() {
    engine.terminal(
        id,
        new ExecCommand(List.of("sh", "-c", "echo $TERM $WHO"), "root", Map.of("TERM", "vt52")),
        terminal);

    assertThat(terminal.text()).contains("vt52");
  }

  @Test
  void commandGetsANewSize() throws Exception {
    CompletableFuture<Integer> session =
        run(
            "bash",
            "-c",
            "trap 'stty size' WINCH; echo ready; until stty size | grep -q '50 132'; do sleep 0.05;"
                + " done");
    terminal.awaitText("ready");

    for (int columns = 81; columns <= 132; columns++) {
      terminal.resize(columns, columns == 132 ? 50 : 24);
    }

    assertThat(soon(session)).as(terminal.text()).isZero();
    terminal.resize(80, 24);
  }

  @Test
  void controlCharactersGoToTheCommand() throws Exception {
    CompletableFuture<Integer> session =
        run("sh", "-c", "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.05; done");
    terminal.awaitText("ready").press((byte) 3);

    assertThat(soon(session)).isEqualTo(5);
    assertThat(terminal.text()).contains("caught");
  }

  @Test
  void everyByteGoesBothWays() throws Exception {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    // The first byte is one that starts a header where there is no terminal.
    CompletableFuture<Integer> session =
        run("sh", "-c", "stty raw -echo; printf '\\001ready'; head -c 256");
    terminal.awaitText("ready").press(bytes);

    assertThat(soon(session)).as(terminal.text()).isZero();
    byte[] shown = terminal.shown();
    assertThat(shown).startsWith(1, 'r', 'e', 'a', 'd', 'y').hasSize(6 + 256).endsWith(bytes);
  }

  @Test
  void muchIsShownWhole() throws Exception {
    CompletableFuture<Integer> session = run("sh", "-c", "stty -onlcr; seq 1 200000");

    assertThat(soon(session)).as(terminal.text()).isZero();
    assertThat(terminal.text().lines()).hasSize(200_000).endsWith("199999", "200000");
  }

  @Test
  void endOfInputEndsTheShell() throws Exception {
    CompletableFuture<Integer> session = run("bash", "--norc");
    terminal.awaitText("# ").type("(exit 6)\n").hangUp();

    assertThat(soon(session)).isEqualTo(6);
  }

  @Test
  void endOfInputEndsOneReaderAfterTheOther() throws Exception {
    // An unfinished line takes two ends of file, and each cat its own.
    CompletableFuture<Integer> session = run("sh", "-c", "cat; sleep 0.3; cat; echo over");
    terminal.type("unfinished").hangUp();

    assertThat(soon(session)).as(terminal.text()).isZero();
    assertThat(terminal.text()).contains("unfinishedunfinished", "over");
  }

  @Test
  void inputThatIsPastedBeforeTheEndArrives() throws Exception {
    CompletableFuture<Integer> session = run("sh", "-c", "stty -echo; echo ready; cat | wc -l");
    terminal.awaitText("ready").type("line\n".repeat(20_000)).hangUp();

    assertThat(soon(session)).as(terminal.text()).isZero();
    assertThat(terminal.text()).contains("20000");
  }

  @Test
  void commandThatDoesNotExistFails() throws Exception {
    CompletableFuture<Integer> session = run("no-such");

    assertThat(soon(session)).isIn(126, 127);
    assertThat(terminal.text()).contains("no-such");
  }

  @Test
  void interruptHangsUp() throws Exception {
    String marker = UUID.randomUUID().toString();
    CompletableFuture<EngineException> failure = new CompletableFuture<>();
    Thread person =
        new Thread(
            () -> {
              EngineException thrown =
                  catchThrowableOfType(
                      EngineException.class,
                      () ->
                          engine.terminal(
                              id,
                              ExecCommand.asRoot("bash", "--norc", "-i", "-s", marker),
                              terminal));
              assertThat(Thread.currentThread().isInterrupted()).isTrue();
              failure.complete(thrown);
            });
    person.start();
    terminal.awaitText("# ").type("sleep 1000\n").awaitText("sleep 1000").type("half a word");
    Thread.sleep(200);
    assertThat(runs(marker)).isTrue();

    person.interrupt();

    EngineException thrown = failure.get(60, TimeUnit.SECONDS);
    assertThat(thrown.kind()).isEqualTo(Kind.OTHER);
    assertThat(thrown).hasMessageContaining("interrupted");
    assertThat(runs(marker)).isFalse();
  }

  @Test
  void screenThatIsGoneHangsUp() throws Exception {
    String marker = UUID.randomUUID().toString();
    Terminal broken =
        new DelegatingTerminal(terminal) {
          @Override
          public OutputStream output() {
            return new OutputStream() {
              @Override
              public void write(int one) throws IOException {
                throw new IOException("screen is gone");
              }
            };
          }
        };

    EngineException thrown =
        catchThrowableOfType(
            EngineException.class,
            () ->
                engine.terminal(
                    id, ExecCommand.asRoot("bash", "--norc", "-i", "-s", marker), broken));

    assertThat(thrown.kind()).isEqualTo(Kind.OTHER);
    assertThat(thrown).hasMessageContaining("cannot write to the terminal: screen is gone");
    assertThat(runs(marker)).isFalse();
  }

  /** A terminal of which a test changes one thing. */
  private abstract static class DelegatingTerminal implements Terminal {
    private final Terminal terminal;

    DelegatingTerminal(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public String type() {
      return terminal.type();
    }

    @Override
    public Size size() {
      return terminal.size();
    }

    @Override
    public InputStream input() {
      return terminal.input();
    }

    @Override
    public void onResize(Consumer<Size> listener) {
      terminal.onResize(listener);
    }

    @Override
    public void close() {
      terminal.close();
    }
  }
}
