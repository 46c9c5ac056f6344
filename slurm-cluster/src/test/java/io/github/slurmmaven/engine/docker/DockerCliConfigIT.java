/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AuthConfig;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.engine.ContainerDefinitions;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.NetworkDefinition;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the docker CLI's config.json says, with a real engine and a real registry. */
@Tag("docker")
@Timeout(120)
class DockerCliConfigIT {

  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
  private static final String USER = "me";
  private static final String PASSWORD = "s3cret";

  /** The line of {@code htpasswd -B} for them. */
  private static final String PASSWORD_FILE =
      "me:$2b$04$SqrzKN0kq5wba3fU5iqQMe9Skf7hngUhyFHyh8uGTplx1Yiqx.Yiy\n";

  /** Requests to the engine, as they are logged with {@code -X}. */
  private final List<String> requests = new CopyOnWriteArrayList<>();

  private final List<String> images = new ArrayList<>();

  @TempDir private Path home;
  private DockerEngine engine;
  private DockerClient raw;

  @BeforeEach
  void connect() {
    Map<String, String> variables = new HashMap<>(System.getenv());
    variables.put("DOCKER_CONFIG", home.toString());
    variables.put("DOCKER_HOST", RawClient.SOCKET.toString());
    variables.put("PATH", home + ":" + variables.get("PATH"));
    engine =
        DockerEngine.connect(
            new Environment(variables, home, RawClient.SOCKET),
            Duration.ofMinutes(2),
            requests::add);
    raw = RawClient.connect();
  }

  @AfterEach
  void removeImages() throws IOException {
    images.forEach(this::remove);
    raw.close();
    engine.close();
  }

  private void remove(String image) {
    try {
      raw.removeImageCmd(image).withForce(true).exec();
    } catch (NotFoundException e) {
      // That is how it should be.
    }
  }

  private void config(String json) throws IOException {
    Files.writeString(home.resolve("config.json"), json);
  }

  private void build(String image, String... dockerfile) {
    images.add(image);
    engine.buildImage(
        new ImageBuild(
            image,
            Map.of("Dockerfile", String.join("\n", dockerfile).getBytes(UTF_8)),
            "Dockerfile",
            "",
            Map.of(),
            Map.of()),
        requests::add);
  }

  @Nested
  @DisplayName("A registry that asks for a password")
  class Registry {

    private String container = "";
    private String network = "";
    private String image;
    private String registry;

    @BeforeEach
    void start() throws Exception {
      Path passwords = Files.writeString(home.resolve("htpasswd"), PASSWORD_FILE);
      network =
          engine.createNetwork(
              new NetworkDefinition(
                  "contract-login-" + RUN, Optional.empty(), Optional.empty(), Map.of()));
      container =
          engine.createContainer(
              ContainerDefinitions.container("contract-login-" + RUN, "registry:2")
                  .environment("REGISTRY_AUTH", "htpasswd")
                  .environment("REGISTRY_AUTH_HTPASSWD_REALM", "test")
                  .environment("REGISTRY_AUTH_HTPASSWD_PATH", "/htpasswd")
                  .bind(passwords.toString(), "/htpasswd")
                  .network("contract-login-" + RUN)
                  .port(0, 5000)
                  .build());
      engine.startContainer(container);
      registry = "localhost:" + engine.inspectContainer(container).ports().get(0).hostPort();
      awaitAnswer();
      image = registry + "/team/app:1";
      // Docker 20.10 may take a step from its cache that the test before has just removed.
      build(image, "FROM scratch", "LABEL run=" + UUID.randomUUID(), "COPY Dockerfile /");
      raw.pushImageCmd(image)
          .withAuthConfig(new AuthConfig().withUsername(USER).withPassword(PASSWORD))
          .exec(new ResultCallback.Adapter<>())
          .awaitCompletion();
      remove(image);
    }

    private void awaitAnswer() throws Exception {
      while (true) {
        try {
          HttpURLConnection connection =
              (HttpURLConnection)
                  URI.create("http://" + registry + "/v2/").toURL().openConnection();
          assertThat(connection.getResponseCode()).isEqualTo(401);
          return;
        } catch (IOException e) {
          assertThat(engine.inspectContainer(container).running()).as("the registry runs").isTrue();
          Thread.sleep(50);
        }
      }
    }

    @AfterEach
    void stop() {
      engine.removeContainer(container);
      engine.removeNetwork(network);
    }

    private void helper(String script) throws IOException {
      Files.setPosixFilePermissions(
          Files.writeString(home.resolve("docker-credential-fake"), "#!/bin/sh\n" + script),
          PosixFilePermissions.fromString("rwx------"));
      config("{\"credHelpers\": {\"%s\": \"fake\"}}".formatted(registry));
    }

    private void assertSecretIsNowhere() {
      assertThat(requests).noneMatch(line -> line.contains(PASSWORD));
      assertThat(requests).anyMatch(line -> line.contains("/images/create"));
    }

    @Test
    void refusesAPullWithout() {
      assertThatThrownBy(() -> engine.pullImage(image, line -> {}))
          .isInstanceOf(EngineException.class)
          .hasMessageStartingWith("cannot pull image " + image + ": ")
          .hasMessageContaining("no basic auth credentials");
    }

    @Test
    void givesToAPullWithThoseOfAHelper() throws IOException {
      helper("cat >/dev/null; echo '{\"Username\": \"me\", \"Secret\": \"" + PASSWORD + "\"}'");

      engine.pullImage(image, requests::add);

      assertThat(engine.findImage(image)).isPresent();
      assertSecretIsNowhere();
    }

    @Test
    void saysThatThoseOfAHelperAreWrong() throws IOException {
      helper("cat >/dev/null; echo '{\"Username\": \"me\", \"Secret\": \"wrong\"}'");

      assertThatThrownBy(() -> engine.pullImage(image, line -> {}))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("unauthorized")
          .hasMessageNotContaining("wrong");
    }

    @Test
    void givesToABuildWithThoseOfTheFile() throws IOException {
      config(
          "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}"
              .formatted(
                  registry,
                  Base64.getEncoder().encodeToString((USER + ":" + PASSWORD).getBytes(UTF_8))));
      images.add(image);

      build("contract-login:" + RUN, "FROM " + image, "LABEL built=yes");

      assertThat(engine.findImage("contract-login:" + RUN)).isPresent();
      assertThat(requests).noneMatch(line -> line.contains(PASSWORD));
    }
  }

  @Test
  void proxiesReachABuildAndNothingElse() throws Exception {
    config(
        """
        {"proxies": {"default": {"httpProxy": "http://me:%s@127.0.0.1:9", "noProxy": "127.0.0.1"}}}
        """
            .formatted(PASSWORD));
    String image = "contract-proxy:" + RUN;

    build(
        image,
        "FROM debian:12-slim",
        "RUN echo $HTTP_PROXY $http_proxy $no_proxy | sha256sum > /seen",
        "CMD [\"sh\", \"-c\", \"cat /seen; env\"]");

    String container =
        engine.createContainer(
            ContainerDefinitions.container("contract-proxy-" + RUN, image).build());
    List<String> seen = new ArrayList<>();
    try {
      engine.startContainer(container);
      engine.logs(
          container, new LogRequest(OptionalInt.empty(), Optional.empty(), true), seen::add);
    } finally {
      engine.removeContainer(container);
    }
    String proxy = "http://me:" + PASSWORD + "@127.0.0.1:9";
    assertThat(seen)
        .anyMatch(line -> line.startsWith(Sha256.of(proxy + " " + proxy + " 127.0.0.1\n")))
        .noneMatch(line -> line.toLowerCase(Locale.ROOT).contains("proxy"));
    assertThat(RawClient.get("/images/" + image + "/history").toString())
        .contains("sha256sum")
        .doesNotContain(PASSWORD);
    assertThat(RawClient.get("/images/" + image + "/json").toString()).doesNotContain(PASSWORD);
    assertThat(requests).noneMatch(line -> line.contains(PASSWORD));
  }
}
