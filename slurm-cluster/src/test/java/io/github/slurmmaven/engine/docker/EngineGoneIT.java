/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static io.github.slurmmaven.engine.ContainerDefinitions.container;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.TestTerminal;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The engine goes away in the middle: every call ends soon, and says so. */
@Tag("docker")
@Timeout(120)
class EngineGoneIT {

  private static final String IMAGE = "debian:12-slim";

  private final String name = "contract-gone-" + UUID.randomUUID().toString().substring(0, 8);
  private DockerEngine direct;
  private DockerEngine engine;
  private SocketProxy proxy;
  private String id = "";

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    direct = DockerEngine.connect(Environment.system());
    id =
        direct.createContainer(
            container(name, IMAGE)
                .command("sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait")
                .build());
    direct.startContainer(id);
    Path socket = directory.resolve("engine.sock");
    proxy = SocketProxy.start(socket, Path.of(RawClient.SOCKET.getPath()));
    engine =
        DockerEngine.connect(
            new Environment(
                Map.of("DOCKER_HOST", "unix://" + socket), directory, RawClient.SOCKET));
  }

  @AfterEach
  void remove() {
    engine.close();
    proxy.cut();
    direct.removeContainer(id);
    direct.close();
  }

  private void assertUnreachable(ThrowingCallable call) {
    EngineException failure = catchThrowableOfType(EngineException.class, call);
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).as("%s", failure).isEqualTo(Kind.UNREACHABLE);
    assertThat(failure).hasMessageContaining("engine.sock (DOCKER_HOST) does not answer any more");
  }

  @Test
  void duringACommand() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CompletableFuture<Throwable> failure =
        CompletableFuture.supplyAsync(
            () ->
                catchThrowableOfType(
                    EngineException.class,
                    () ->
                        engine.exec(
                            id,
                            ExecCommand.asRoot("sh", "-c", "echo up; sleep 60"),
                            line -> running.countDown(),
                            Duration.ofMinutes(5))));
    assertThat(running.await(60, TimeUnit.SECONDS)).isTrue();

    proxy.cut();

    assertThat(failure.get(60, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
  }

  @Test
  void whileALogIsFollowed() throws Exception {
    CountDownLatch following = new CountDownLatch(1);
    direct.exec(
        id,
        ExecCommand.asRoot("sh", "-c", "echo up > /proc/1/fd/1"),
        line -> {},
        Duration.ofSeconds(20));
    CompletableFuture<Throwable> failure =
        CompletableFuture.supplyAsync(
            () ->
                catchThrowableOfType(
                    EngineException.class,
                    () ->
                        engine.logs(
                            id, LogRequest.all().following(), line -> following.countDown())));
    assertThat(following.await(60, TimeUnit.SECONDS)).isTrue();

    proxy.cut();

    assertThat(failure.get(60, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
  }

  @Test
  void whileAPersonTypes() throws Exception {
    TestTerminal terminal = new TestTerminal();
    CompletableFuture<Throwable> failure =
        CompletableFuture.supplyAsync(
            () ->
                catchThrowableOfType(
                    EngineException.class,
                    () -> engine.terminal(id, ExecCommand.asRoot("bash", "--norc"), terminal)));
    terminal.awaitText("# ");

    proxy.cut();
    terminal.type("ls\n");

    assertThat(failure.get(60, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
    terminal.hangUp();
  }

  @Test
  void duringACopy() throws Exception {
    assertUnreachable(
        () ->
            engine.copyFrom(
                id,
                "/usr",
                tar -> {
                  tar.read();
                  proxy.cut();
                  tar.readAllBytes();
                }));
  }

  @Test
  void whileWatching() throws Exception {
    BlockingQueue<Integer> exits = new ArrayBlockingQueue<>(2);
    engine.watchExit(id, exits::add);
    assertThat(exits.poll(300, TimeUnit.MILLISECONDS)).isNull();

    proxy.cut();

    assertThat(exits.poll(60, TimeUnit.SECONDS)).isEqualTo(-1);
  }

  @Test
  void duringABuild() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    ImageBuild build =
        new ImageBuild(
            name + ":1",
            Map.of(
                "Dockerfile",
                ("FROM " + IMAGE + "\nRUN echo " + name + "; sleep 5; exit 1\n").getBytes(UTF_8)),
            "Dockerfile",
            "",
            Map.of(),
            Map.of());
    CompletableFuture<Throwable> failure =
        CompletableFuture.supplyAsync(
            () ->
                catchThrowableOfType(
                    EngineException.class,
                    () ->
                        engine.buildImage(
                            build,
                            line -> {
                              if (line.equals(name)) {
                                running.countDown();
                              }
                            })));
    assertThat(running.await(60, TimeUnit.SECONDS)).isTrue();

    proxy.cut();

    assertThat(failure.get(60, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
  }

  @Test
  void beforeAnyOtherCall() {
    proxy.cut();

    assertUnreachable(() -> engine.listNetworks());
    assertUnreachable(() -> engine.inspectContainer(id));
    assertUnreachable(() -> engine.startContainer(id));
    assertUnreachable(() -> engine.removeContainer(id));
    assertUnreachable(() -> engine.copyFrom(id, "/etc", tar -> {}));
    assertUnreachable(() -> engine.terminal(id, ExecCommand.asRoot("true"), new TestTerminal()));
    assertUnreachable(() -> engine.logs(id, LogRequest.all(), line -> {}));
    assertUnreachable(
        () -> engine.exec(id, ExecCommand.asRoot("true"), line -> {}, Duration.ofSeconds(20)));
    assertUnreachable(() -> engine.pullImage("localhost:1/x:1", line -> {}));
  }
}
