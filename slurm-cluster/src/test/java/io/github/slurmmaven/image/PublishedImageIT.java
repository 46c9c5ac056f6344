/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.cluster.RecordingProgress;
import io.github.slurmmaven.engine.ContainerDefinitions;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.NetworkDefinition;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With a small image, and the registry that clusters have, on loopback. */
@Tag("docker")
@DisplayName("An image that is published")
@Timeout(120)
class PublishedImageIT {

  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
  private static final String NAME = "slurm-published-image-" + RUN;
  private static final String REPOSITORY = "test/" + NAME;
  private static final String CONTENT = "24.11-test-" + RUN;
  private static final String REFERENCE = "slurm-cluster:" + CONTENT;
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
  private static final Map<String, String> LABELS =
      Map.of("io.github.slurmmaven.published-image-test", RUN);

  private static DockerEngine engine;
  private static String network;
  private static String registry;
  private static String address;
  private static String digest;

  private final RecordingProgress progress = new RecordingProgress();

  @BeforeAll
  static void publish() throws Exception {
    engine = DockerEngine.connect(Environment.system());
    network =
        engine.createNetwork(
            new NetworkDefinition(NAME, Optional.empty(), Optional.empty(), LABELS));
    registry =
        engine.createContainer(
            ContainerDefinitions.container(NAME, "registry:2")
                .labels(LABELS)
                .network(network)
                .port(0, 5000)
                .build());
    engine.startContainer(registry);
    address = "localhost:" + engine.inspectContainer(registry).ports().get(0).hostPort();
    awaitAnswer("/v2/");
    engine.buildImage(
        new ImageBuild(
            NAME + ":1",
            Map.of(
                "Dockerfile",
                "FROM scratch\nCOPY content /\n".getBytes(UTF_8),
                "content",
                RUN.getBytes(UTF_8)),
            "Dockerfile",
            "",
            Map.of(),
            LABELS),
        line -> {});
    engine.pushImage(NAME + ":1", address + "/" + REPOSITORY + ":1", line -> {});
    // What the engine has already, it would not fetch.
    engine.removeImage(NAME + ":1");
    digest =
        awaitAnswer("/v2/" + REPOSITORY + "/manifests/1")
            .headers()
            .firstValue("Docker-Content-Digest")
            .orElseThrow();
  }

  private static HttpResponse<Void> awaitAnswer(String path) throws InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + address + path))
            .header("Accept", MANIFEST)
            .build();
    Instant deadline = Instant.now().plusSeconds(60);
    while (true) {
      try {
        HttpResponse<Void> answer = client.send(request, HttpResponse.BodyHandlers.discarding());
        if (answer.statusCode() == 200) {
          return answer;
        }
      } catch (IOException e) {
        // It is still starting.
      }
      assertThat(Instant.now()).as("the registry answers").isBefore(deadline);
      Thread.sleep(50);
    }
  }

  @AfterEach
  void removeImages() {
    engine.removeImage(REFERENCE);
    engine.removeImage(address + "/" + REPOSITORY + "@" + digest);
  }

  @AfterAll
  static void removeRegistry() {
    engine.removeContainer(registry);
    engine.removeNetwork(network);
    engine.close();
  }

  private ClusterImages images(String tag) {
    return new ClusterImages(
        Map.of(), new PublishedImages(Optional.of("unused.invalid/x"), Map.of(tag, digest)));
  }

  private void ensure(String repository) {
    images(CONTENT)
        .ensure(
            engine,
            REFERENCE,
            Optional.of(repository),
            () -> {
              throw new AssertionError("a pull needs no definition");
            },
            progress);
  }

  @Test
  void isPulledOnceAndThenNeedsNoRegistry() {
    ensure(address + "/" + REPOSITORY);

    assertThat(engine.findImage(REFERENCE)).isPresent();
    assertThat(progress.steps())
        .hasSize(2)
        .first()
        .isEqualTo(
            "Pulling image %s from %s/%s@%s".formatted(REFERENCE, address, REPOSITORY, digest));
    assertThat(progress.warnings()).isEmpty();

    // Nothing listens on port 1.
    ensure("localhost:1/test/away");

    assertThat(progress.steps()).hasSize(2);
    assertThat(progress.warnings()).isEmpty();
  }

  @Test
  void isRefusedWhenTheRegistrySendsAnotherManifest() throws Exception {
    try (ChangingRegistry changing = new ChangingRegistry(address, "/manifests/")) {
      assertThatThrownBy(() -> ensure(changing.address() + "/" + REPOSITORY))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageStartingWith("Image %s was refused: ".formatted(REFERENCE))
          .hasMessageContaining(digest);
    }

    assertThat(engine.findImage(REFERENCE)).isEmpty();
  }

  @Test
  void isRefusedWhenTheRegistrySendsAnotherLayer() throws Exception {
    try (ChangingRegistry changing = new ChangingRegistry(address, "/blobs/")) {
      assertThatThrownBy(() -> ensure(changing.address() + "/" + REPOSITORY))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageStartingWith("Image %s was refused: ".formatted(REFERENCE));
    }

    assertThat(engine.findImage(REFERENCE)).isEmpty();
  }

  @Test
  void isToBeBuiltWhenTheRegistryDoesNotHaveIt() {
    assertThat(pull("%s/test/other".formatted(address))).isFalse();

    assertThat(progress.warnings())
        .singleElement()
        .asString()
        .startsWith(
            "Image %s is built here, because it cannot be pulled (imageRepository: %s/test/other): "
                .formatted(REFERENCE, address))
        .contains("not found");
  }

  @Test
  void isToBeBuiltWhenTheRegistryIsAway() {
    assertThat(pull("localhost:1/test/away")).isFalse();

    assertThat(progress.warnings())
        .singleElement()
        .asString()
        .contains("is built here, because it cannot be pulled (imageRepository: localhost:1/")
        .contains("connection refused");
  }

  private boolean pull(String repository) {
    return new ImagePull(
            engine,
            new PublishedImages(Optional.empty(), Map.of(CONTENT, digest)),
            Optional.of(repository),
            progress)
        .pull(REFERENCE);
  }
}
