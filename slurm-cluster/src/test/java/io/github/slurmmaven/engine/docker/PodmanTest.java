/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static io.github.slurmmaven.engine.ContainerDefinitions.container;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import io.github.slurmmaven.engine.ContainerState.Status;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.endpoint.Environment;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Podman's answers, and what is said to it; a real one is for scripts/test-podman.sh. */
@Timeout(120)
class PodmanTest {

  @TempDir private Path home;
  private HttpEngine http;
  private DockerEngine engine;

  @BeforeEach
  void connect() throws Exception {
    http = HttpEngine.start();
    http.answer(
        "GET /version",
        200,
        """
        {"Version": "5.4.2", "ApiVersion": "1.41", "MinAPIVersion": "1.24",
         "Components": [{"Name": "Podman Engine", "Version": "5.4.2"}]}
        """);
    URI address = URI.create("tcp://127.0.0.1:" + http.port());
    engine =
        DockerEngine.connect(
            new Environment(Map.of("DOCKER_HOST", address.toString()), home, address));
  }

  @AfterEach
  void close() {
    engine.close();
    http.close();
  }

  @Test
  void theEngineIsCalledPodman() {
    http.answer("GET /v1.41/info", 200, "{\"NCPU\": 4, \"MemTotal\": 1000}");

    assertThat(engine.info().name()).isEqualTo("Podman 5.4.2");
  }

  @Test
  void stepsOfABuildAreReportedAsDockerReportsThem() {
    http.answer(
        "POST /v1.41/build",
        200,
        """
        {"stream":"[1/2] STEP 1/3: FROM debian:12 AS base\\n"}
        {"stream":"--> 0fb67d4fea0\\n"}
        {"stream":"STEP 3/3: RUN apt-get update\\n"}
        {"stream":"The STEP 1/1: is a line of a command\\n"}
        """);
    List<String> lines = new ArrayList<>();

    engine.buildImage(
        new ImageBuild(
            "x:1", Map.of("Dockerfile", new byte[0]), "Dockerfile", "", Map.of(), Map.of()),
        lines::add);

    assertThat(lines)
        .containsExactly(
            "Step 1/3 of stage 1/2 : FROM debian:12 AS base",
            "--> 0fb67d4fea0",
            "Step 3/3 : RUN apt-get update",
            "The STEP 1/1: is a line of a command");
  }

  @Test
  void imagesHaveTheNamesThatPeopleUse() {
    http.answer(
            "GET /v1.41/images/json",
            200,
            """
            [{"RepoTags": ["docker.io/library/mine:1", "docker.io/library/mine-too:1"]},
             {"RepoTags": ["localhost/mine:2"]}]
            """)
        .answer(
            "POST /v1.41/images/load",
            200,
            "{\"stream\":\"Loaded image: docker.io/library/a:1,docker.io/me/b:1,localhost/c:1\"}");

    assertThat(engine.listImages("mine")).containsExactly("mine:1");
    assertThat(engine.loadImages(new ByteArrayInputStream(new byte[0])))
        .containsExactly("a:1", "me/b:1", "localhost/c:1");
  }

  @Test
  void containersThatDoNotRunPublishNoPorts() {
    http.answer(
        "GET /v1.41/containers/json",
        200,
        """
        [{"Id": "1", "Names": ["/created"], "State": "created", "Created": 1, %1$s},
         {"Id": "2", "Names": ["/exited"], "State": "exited", "Created": 1, %1$s},
         {"Id": "3", "Names": ["/running"], "State": "running", "Created": 1, %1$s}]
        """
            .formatted(
                "\"Ports\": [{\"IP\": \"127.0.0.1\", \"PrivatePort\": 22, \"PublicPort\": 2222,"
                    + " \"Type\": \"tcp\"}]"));

    assertThat(engine.listContainers(Map.of()))
        .allSatisfy(
            container ->
                assertThat(container.ports()).hasSize(container.status() == Status.RUNNING ? 1 : 0))
        .extracting(ContainerSummary::name)
        .containsExactly("created", "exited", "running");
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:5000/a/b:1, true",
    "127.0.0.1:5000/a:1, true",
    "registry.example.org:5000/localhost/a:1, false",
    "localhost.example.org/a:1, false"
  })
  void pushesWithoutTlsToThisMachineOnly(String target, boolean withoutTls) {
    http.answer("POST /v1.41/images/a:1/tag", 201, "");
    http.answer("DELETE /v1.41/images/" + target, 200, "[]");

    // Nothing is there that would take it.
    assertThatThrownBy(() -> engine.pushImage("a:1", target, line -> {}))
        .isInstanceOf(EngineException.class);

    assertThat(http.seen())
        .extracting(HttpEngine.Seen::path)
        .filteredOn(path -> path.contains("/push"))
        .singleElement()
        .satisfies(
            path -> assertThat(path.endsWith("tlsVerify=false")).as(path).isEqualTo(withoutTls));
  }

  @Test
  void containersAreCreated() {
    http.answer("POST /v1.41/containers/create", 201, "{\"Id\": \"1\"}");

    assertThat(engine.createContainer(container("a", "image").build())).isEqualTo("1");
  }

  @Test
  void containersHaveTheCapabilitiesThatDockerGivesThem() {
    HostConfig host =
        new HostConfig().withCapAdd(Capability.SYS_NICE).withCapDrop(Capability.NET_RAW);

    Podman.addDockersCapabilities(host);

    assertThat(host.getCapAdd())
        .containsExactlyInAnyOrder(Capability.SYS_NICE, Capability.AUDIT_WRITE, Capability.MKNOD);
    assertThat(host.getCapDrop()).containsExactly(Capability.NET_RAW);
  }

  @Test
  void containersWithoutAnyCapabilityGetNone() {
    HostConfig host = new HostConfig().withCapAdd(Capability.KILL).withCapDrop(Capability.ALL);

    Podman.addDockersCapabilities(host);

    assertThat(host.getCapAdd()).containsExactly(Capability.KILL);
  }
}
