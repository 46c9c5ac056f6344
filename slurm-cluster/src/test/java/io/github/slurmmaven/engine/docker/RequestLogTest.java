/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static io.github.slurmmaven.engine.ContainerDefinitions.container;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.slurmmaven.engine.Archives;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.NetworkDefinition;
import io.github.slurmmaven.engine.TestTerminal;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The log of requests to the engine. */
@Timeout(120)
class RequestLogTest {

  private static final String SECRET = "hunter2";

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private HttpEngine http;
  private DockerEngine engine;

  @BeforeEach
  void connect(@TempDir Path home) throws Exception {
    String credentials = Base64.getEncoder().encodeToString(("me:" + SECRET).getBytes(UTF_8));
    Files.createDirectories(home.resolve(".docker"));
    Files.writeString(
        home.resolve(".docker/config.json"),
        """
        {"auths": {"r.example.org": {"auth": "%s"}},
         "proxies": {"default": {"httpProxy": "http://me:%s@proxy:3128"}}}
        """
            .formatted(credentials, SECRET));
    http = HttpEngine.start().version("1.44", "1.24");
    engine =
        DockerEngine.connect(
            new Environment(
                Map.of("DOCKER_HOST", "tcp://127.0.0.1:" + http.port()),
                home,
                URI.create("unix:///var/run/docker.sock")),
            Duration.ofMinutes(2),
            lines::add);
    lines.clear();
  }

  @AfterEach
  void close() {
    engine.close();
    http.close();
  }

  /** This engine has no response, but the request is logged. */
  private void refused(ThrowingCallable request) {
    assertThat(catchThrowableOfType(EngineException.class, request)).isNotNull();
  }

  @Test
  void requestsAreReadable() {
    refused(() -> engine.listContainers(Map.of("a", "b c", "d", "")));
    refused(() -> engine.inspectContainer("abc"));
    refused(
        () ->
            engine.createNetwork(
                new NetworkDefinition("net", Optional.empty(), Optional.empty(), Map.of())));
    refused(() -> engine.createVolume("data", Map.of("l", "m")));

    assertThat(lines)
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("GET /v1.44/containers/json?")
                    .contains("all=true")
                    .contains("a=b c"),
            line -> assertThat(line).isEqualTo("GET /v1.44/containers/abc/json"),
            line -> assertThat(line).isEqualTo("POST /v1.44/networks/create {Name: net}"),
            line -> assertThat(line).isEqualTo("POST /v1.44/volumes/create {Name: data}"));
  }

  @Test
  void keepsSecretsToItself() throws Exception {
    Map<String, String> secrets = Map.of("TOKEN", SECRET);
    refused(
        () ->
            engine.createContainer(
                container("c", "image:1")
                    .command("sh", "-c", "echo " + SECRET)
                    .environment("TOKEN", SECRET)
                    .build()));
    refused(
        () ->
            engine.exec(
                "c",
                new ExecCommand(List.of("sh", "-c", "echo " + SECRET), "slurm", secrets),
                line -> {},
                Duration.ofSeconds(5)));
    refused(
        () ->
            engine.terminal(
                "c",
                new ExecCommand(List.of("bash", "-c", SECRET), "root", secrets),
                new TestTerminal()));
    refused(
        () ->
            engine.copyTo("c", "/etc", Archives.tar(Map.of("munge.key", SECRET.getBytes(UTF_8)))));
    refused(() -> engine.pullImage("r.example.org/x:1", line -> {}));
    refused(
        () ->
            engine.buildImage(
                new ImageBuild(
                    "x:1",
                    Map.of("Dockerfile", SECRET.getBytes(UTF_8)),
                    "Dockerfile",
                    "",
                    secrets,
                    Map.of()),
                line -> {}));

    assertThat(http.last().path()).contains(SECRET);
    assertThat(lines)
        .contains(
            "POST /v1.44/containers/create?name=c {Image: image:1, Cmd: sh}",
            "POST /v1.44/containers/c/exec {User: slurm, Cmd: sh}",
            "POST /v1.44/containers/c/exec {User: root, Cmd: bash}")
        .anyMatch(line -> line.startsWith("PUT /v1.44/containers/c/archive?"))
        .anyMatch(line -> line.startsWith("POST /v1.44/images/create?"))
        .anyMatch(line -> line.startsWith("POST /v1.44/build?") && line.contains("buildargs=…"))
        .noneMatch(line -> line.contains(SECRET) || line.contains("\n"));
  }

  @Test
  void librariesLogNothingElse() {
    // With -X, Maven makes every logger write at DEBUG, unless a property is set before it is
    // created.
    assertThat(LoggerFactory.getLogger("com.github.dockerjava.core.SomeCommand").isWarnEnabled())
        .isFalse();
    assertThat(
            LoggerFactory.getLogger("com.github.dockerjava.zerodep.shaded.SomeWire")
                .isWarnEnabled())
        .isFalse();
    assertThat(LoggerFactory.getLogger("com.github.others").isWarnEnabled()).isTrue();
  }
}
