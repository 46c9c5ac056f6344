/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static io.github.slurmmaven.engine.ContainerDefinitions.container;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.EngineInfo;
import io.github.slurmmaven.engine.EngineProgress;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.TestTerminal;
import io.github.slurmmaven.engine.docker.HttpEngine.Seen;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.engine.endpoint.NoEngineException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said to the engine, where a real one of the right version is not at hand. */
@Timeout(120)
class DockerEngineTest {

  private Path home;
  private HttpEngine http;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    home = directory;
    http = HttpEngine.start();
  }

  @AfterEach
  void stop() {
    http.close();
  }

  private DockerEngine connect() {
    return connect("tcp://127.0.0.1:" + http.port(), EngineTimeouts.DEFAULT);
  }

  private DockerEngine connect(String address, EngineTimeouts timeouts) {
    return DockerEngine.connect(
        new Environment(
            Map.of("DOCKER_HOST", address), home, URI.create("unix:///var/run/docker.sock")),
        timeouts,
        Optional.empty());
  }

  private void dockerConfig(String json) throws Exception {
    Files.createDirectories(home.resolve(".docker"));
    Files.writeString(home.resolve(".docker/config.json"), json);
  }

  @Test
  void speaksTheNewestVersionThatBothKnow() {
    http.version("1.52", "1.44")
        .answer(
            "GET /v1.44/info",
            200,
            "{\"NCPU\": 4, \"MemTotal\": 1000, \"Architecture\": \"aarch64\"}");

    try (DockerEngine engine = connect()) {
      assertThat(engine.info())
          .isEqualTo(
              new EngineInfo(
                  "Docker Engine 29.0.1",
                  "1.44",
                  "tcp://127.0.0.1:" + http.port() + " (DOCKER_HOST)",
                  "127.0.0.1",
                  "arm64",
                  4,
                  1000));
      engine.info();
    }
    assertThat(http.seen()).extracting(Seen::path).containsExactly("/version", "/v1.44/info");
  }

  @ParameterizedTest(name = "{0} to {1}: {2}")
  @CsvSource({
    "1.12, 1.40, 1.40", // Docker 19.03
    "1.12, 1.41, 1.41", // Docker 20.10
    "1.12, 1.42, 1.42", // Docker 23
    "1.12, 1.43, 1.43", // Docker 24
    "1.24, 1.44, 1.44", // Docker 25
    "1.24, 1.51, 1.44", // Docker 28
    "1.44, 1.52, 1.44", // Docker 29
    "1.24, 1.41, 1.41" // Podman 5
  })
  void speaksTheVersionOfTheEngine(String oldest, String newest, String spoken) {
    http.version(newest, oldest).answer("GET /v" + spoken + "/networks", 200, "[]");

    try (DockerEngine engine = connect()) {
      assertThat(engine.listNetworks()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.0", "latest", ""})
  void refusesInvalidVersions(String version) {
    http.version(version, "1.24");

    assertThatThrownBy(this::connect)
        .isInstanceOf(EngineException.class)
        .hasMessage(
            "Docker Engine 29.0.1 at tcp://127.0.0.1:%d (DOCKER_HOST) reports API version '%s', which this plugin does not know. Use an engine with a Docker API"
                .formatted(http.port(), version));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1.12 | 1.39 | old | Update the engine
          1.45 | 1.60 | new | Use a newer version of slurm-maven-plugin, or an older one of the engine
          """)
  void refusesEnginesThatAreTooOldOrTooNew(
      String oldest, String newest, String how, String advice) {
    http.version(newest, oldest);

    assertThatThrownBy(this::connect)
        .isInstanceOf(EngineException.class)
        .hasMessage(
            "Docker Engine 29.0.1 at tcp://127.0.0.1:%d (DOCKER_HOST) is too %s: it has API"
                    .formatted(http.port(), how)
                + " versions %s to %s, and this plugin needs one of 1.40 to 1.44. %s"
                    .formatted(oldest, newest, advice));
  }

  /** An engine that is emulated, far away or just activated. */
  @Nested
  class Slow {

    /** Shorter than any that a user gets, so that a test need not wait as long. */
    private static final EngineTimeouts SHORT =
        new EngineTimeouts(
            Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ZERO);

    @BeforeEach
    void answer() {
      http.version("1.44", "1.24")
          .answer("PUT /v1.44/containers/abc/archive", 200, "")
          .answer("GET /v1.44/networks", 200, "[]");
    }

    private void copy(DockerEngine engine) {
      engine.copyTo("abc", "/", new ByteArrayInputStream(new byte[1 << 20]));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void mayTakeElevenSecondsOverEachAnswer(String scheme) throws IOException {
      http.answerAfter(Duration.ofSeconds(11));
      Path socket = home.resolve("engine.sock");
      SocketProxy proxy = SocketProxy.start(socket, http.port());
      String address = scheme.equals("tcp") ? "tcp://127.0.0.1:" + http.port() : "unix://" + socket;

      try (DockerEngine engine = connect(address, EngineTimeouts.DEFAULT)) {
        copy(engine);
      } finally {
        proxy.cut();
      }
      assertThat(http.seen())
          .extracting(Seen::method)
          .as("requests, none of them sent twice")
          .containsExactly("GET", "PUT");
    }

    @Test
    void thatNeverAnswersIsReportedWithinTheTime() {
      http.answerAfter(Duration.ofMinutes(1));

      assertThatThrownBy(() -> connect("tcp://127.0.0.1:" + http.port(), SHORT))
          .isInstanceOf(NoEngineException.class)
          .hasMessage(
              "No container engine answers. Tried tcp://127.0.0.1:%d (DOCKER_HOST): no answer within 2 s; an engine that is only slow needs a longer timeout. Start that engine, or correct or unset DOCKER_HOST."
                  .formatted(http.port()));
    }

    @Test
    void thatAnswersNoMoreIsReportedWithinTheTime() {
      try (DockerEngine engine = connect("tcp://127.0.0.1:" + http.port(), SHORT)) {
        http.answerAfter(Duration.ofMinutes(1));

        assertThatThrownBy(() -> copy(engine))
            .isInstanceOf(EngineException.class)
            .hasMessageContaining("cannot copy into / of container abc: ")
            .hasMessageContaining("does not answer any more (no answer within 2 s)");
        assertThatThrownBy(engine::listNetworks)
            .isInstanceOf(EngineException.class)
            .hasMessageContaining("no answer within 2 s");
      }
    }

    @ParameterizedTest(
        name = "with timeout {0} s: {1} s until the first answer, {2} s until others")
    @CsvSource({"120, 120, 120", "600, 600, 600", "30, 30, 60", "1, 10, 60"})
    void hasTheTimeThatTheUserAllows(int timeout, int connect, int answer) {
      assertThat(EngineTimeouts.of(Duration.ofSeconds(timeout)))
          .returns(Duration.ofSeconds(connect), EngineTimeouts::connect)
          .returns(Duration.ofSeconds(answer), EngineTimeouts::answer);
    }
  }

  @Test
  void somethingElseThatSpeaksHttpIsNoEngine() {
    assertThatThrownBy(this::connect)
        .isInstanceOf(NoEngineException.class)
        .hasMessageContaining("(DOCKER_HOST): page not found");
  }

  @Test
  void pullRequestsOneTagWithCredentialsAndReportsUsefulLines() throws Exception {
    dockerConfig(
        """
        {"auths": {"registry.example.org:5000": {"auth": "%s"}}}
        """
            .formatted(Base64.getEncoder().encodeToString("me:s:ecret".getBytes(UTF_8))));
    http.version("1.44", "1.24")
        .answer(
            "POST /v1.44/images/create",
            200,
            """
            {"status":"Pulling from library/x","id":"latest"}
            {"status":"Pulling fs layer","progressDetail":{},"id":"aaa"}
            {"status":"Already exists","progressDetail":{},"id":"bbb"}
            {"status":"Downloading","progressDetail":{"current":1,"total":2},"id":"aaa"}
            {"status":"Downloading","progressDetail":{"current":2,"total":2},"id":"aaa"}
            {"status":"Pull complete","progressDetail":{},"id":"aaa"}
            {"status":"Status: Downloaded newer image"}
            """);
    List<String> lines = new ArrayList<>();

    try (DockerEngine engine = connect()) {
      engine.pullImage("registry.example.org:5000/x", lines::add);
      assertThat(http.last().path())
          .contains("fromImage=registry.example.org:5000/x")
          .contains("tag=latest");
      assertThat(new String(Base64.getUrlDecoder().decode(http.last().auth()), UTF_8))
          .contains("\"username\":\"me\"")
          .contains("\"password\":\"s:ecret\"");

      engine.pullImage("x@sha256:1234", line -> {});
      assertThat(http.last().path()).contains("fromImage=x@sha256:1234");
      assertThat(http.last().auth()).isEmpty();

      engine.pullImage("x:1.2", line -> {});
      assertThat(http.last().path()).contains("fromImage=x&").contains("tag=1.2");
    }
    assertThat(lines)
        .containsExactly(
            "Pulling from library/x",
            "Layer bbb complete (1 of 2)",
            "Layer aaa complete (2 of 2)",
            "Status: Downloaded newer image");
  }

  @Test
  void pullThatBreaksOffIsAFailure() {
    http.version("1.44", "1.24")
        .answer(
            "POST /v1.44/images/create",
            200,
            """
            {"status":"Pulling from library/x","id":"latest"}
            {"errorDetail":{"message":"no space left on device"},"error":"no space left on device"}
            """);

    try (DockerEngine engine = connect()) {
      assertThatThrownBy(() -> engine.pullImage("x", line -> {}))
          .isInstanceOf(EngineException.class)
          .hasMessage("cannot pull image x: no space left on device");
    }
  }

  @Test
  void buildGetsTheProxiesAndCredentialsOfTheUser() throws Exception {
    dockerConfig(
        """
        {"auths": {"r.example.org": {"auth": "%s"}},
         "proxies": {"default": {"httpProxy": "http://proxy:3128", "noProxy": "localhost"}}}
        """
            .formatted(Base64.getEncoder().encodeToString("me:secret".getBytes(UTF_8))));
    http.version("1.44", "1.24").answer("POST /v1.44/build", 200, "{\"stream\":\"done\\n\"}");

    try (DockerEngine engine = connect()) {
      engine.buildImage(
          new ImageBuild(
              "x:1",
              Map.of("Dockerfile", new byte[0]),
              "Dockerfile",
              "base",
              Map.of("no_proxy", "mine", "A", "b"),
              Map.of("l", "m")),
          line -> {});
    }

    assertThat(http.last().path())
        .contains("t=x:1")
        .contains("target=base")
        .contains("rm=true")
        .contains("labels={\"l\":\"m\"}")
        .contains("\"HTTP_PROXY\":\"http://proxy:3128\"")
        .contains("\"http_proxy\":\"http://proxy:3128\"")
        .contains("\"NO_PROXY\":\"localhost\"")
        .contains("\"no_proxy\":\"mine\"")
        .contains("\"A\":\"b\"");
    assertThat(new String(Base64.getUrlDecoder().decode(http.last().auth()), UTF_8))
        .contains("r.example.org")
        .contains("secret");
  }

  @Test
  void containerThatCannotJoinItsSecondNetworkIsNotLeftBehind() {
    http.version("1.44", "1.24")
        .answer("POST /v1.44/containers/create", 201, "{\"Id\": \"abc\", \"Warnings\": []}")
        .answer("POST /v1.44/networks/two/connect", 404, "{\"message\": \"network two not found\"}")
        .answer("DELETE /v1.44/containers/abc", 204, "");

    try (DockerEngine engine = connect()) {
      EngineException failure =
          catchThrowableOfType(
              EngineException.class,
              () ->
                  engine.createContainer(
                      container("c", "x").network("one").network("two").build()));

      assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(failure)
          .hasMessage("cannot connect container c to network two: network two not found");
    }
    assertThat(http.last().method()).isEqualTo("DELETE");
  }

  @Test
  void containerWhoseFilesAreInUseForAMomentIsRemoved() {
    http.version("1.44", "1.24")
        .answerFirst(
            "DELETE /v1.44/containers/abc",
            500,
            """
            {"message": "container abc: driver \\"overlay2\\" failed to remove root filesystem: unlinkat /var/lib/docker/overlay2/e69/merged/etc/slurm/cgroup.conf: read-only file system"}
            """)
        .answer("DELETE /v1.44/containers/abc", 204, "");

    try (DockerEngine engine = connect()) {
      engine.removeContainer("abc");
    }
    assertThat(http.seen()).filteredOn(seen -> seen.method().equals("DELETE")).hasSize(2);
  }

  @Test
  void containerThatCannotBeRemovedIsAFailure() {
    http.version("1.44", "1.24")
        .answer("DELETE /v1.44/containers/abc", 500, "{\"message\": \"no space left on device\"}");

    try (DockerEngine engine = connect()) {
      assertThatThrownBy(() -> engine.removeContainer("abc"))
          .isInstanceOf(EngineException.class)
          .hasMessage("cannot remove container abc: no space left on device");
    }
    assertThat(http.seen()).filteredOn(seen -> seen.method().equals("DELETE")).hasSize(1);
  }

  @Test
  void commandThatIsRefusedAtItsStartIsNoLostEngine() {
    http.version("1.44", "1.24")
        .answer("POST /v1.44/containers/c/exec", 201, "{\"Id\": \"abc\"}")
        .answer("POST /v1.44/exec/abc/start", 409, "{\"message\": \"container is paused\"}");

    try (DockerEngine engine = connect()) {
      EngineException failure =
          catchThrowableOfType(
              EngineException.class,
              () -> engine.terminal("c", ExecCommand.asRoot("sh"), new TestTerminal()));

      assertThat(failure.kind()).isEqualTo(Kind.OTHER);
      assertThat(failure)
          .hasMessageStartingWith("cannot run 'sh' in container c: ")
          .hasMessageContaining("409");
    }
  }

  @Test
  void buildReportsItsProgress() {
    http.version("1.44", "1.24")
        .answer(
            "POST /v1.44/build",
            200,
            """
            {"stream":"Step 1/2 : FROM x\\n"}
            {"status":"Pulling fs layer","progressDetail":{},"id":"aaa"}
            {"stream":"Step 2/2 : RUN apt-get update\\n"}
            {"stream":"Get:1 packages\\n"}
            """);
    List<String> lines = new ArrayList<>();
    List<String> statuses = new ArrayList<>();

    try (DockerEngine engine = connect()) {
      engine.buildImage(
          new ImageBuild(
              "x:1", Map.of("Dockerfile", new byte[0]), "Dockerfile", "", Map.of(), Map.of()),
          new EngineProgress() {
            @Override
            public void line(String line) {
              lines.add(line);
            }

            @Override
            public void now(String status) {
              statuses.add(status);
            }
          });
    }

    assertThat(lines)
        .containsExactly("Step 1/2 : FROM x", "Step 2/2 : RUN apt-get update", "Get:1 packages");
    assertThat(statuses)
        .containsExactly("Step 1/2 : FROM x", "0 of 1 layers", "Step 2/2 : RUN apt-get update");
  }
}
