/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.TestParameters;
import io.github.slurmmaven.engine.FakeContainerEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where Pyxis and enroot come from, and what is said when they do not come. */
class PyxisArchivesTest {

  private static final String NONE = "0".repeat(64);

  private final Path directory;
  private final ClusterImages images;
  private final Map<String, String> served = new HashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private String site;

  PyxisArchivesTest(@TempDir Path directory) {
    this.directory = directory;
    images = new ClusterImages(Map.of("XDG_CACHE_HOME", directory.resolve("cache").toString()));
  }

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          asked.add(path);
          byte[] content = served.getOrDefault(path, "").getBytes(UTF_8);
          exchange.sendResponseHeaders(content.length == 0 ? 404 : 200, content.length);
          exchange.getResponseBody().write(content);
          exchange.close();
        });
    server.start();
    site = "http://127.0.0.1:" + server.getAddress().getPort();
    served.put("/pyxis", "sources");
    served.put("/arm64/enroot", "package");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static TestParameters pyxis(String url, String enrootUrl) {
    return new TestParameters()
        .with("withPyxis", true)
        .with("pyxisUrl", url)
        .with("enrootUrl", enrootUrl);
  }

  private TestParameters served() {
    return pyxis(site + "/pyxis", site + "/{arch}/enroot");
  }

  private String reference(TestParameters cluster) {
    return images.reference(cluster.toDefinition(), "arm64");
  }

  @Test
  void namesTheImageByWhatItIsBuiltFrom() throws IOException {
    String plain = reference(new TestParameters());
    String first = reference(served());
    Files.writeString(directory.resolve("pyxis"), "sources");
    String same = reference(pyxis(directory.resolve("pyxis").toString(), site + "/arm64/enroot"));
    Files.writeString(directory.resolve("pyxis"), "other sources");
    String other = reference(pyxis(directory.resolve("pyxis").toString(), site + "/arm64/enroot"));

    assertThat(first).matches("slurm-cluster:24\\.11-pyxis-[0-9a-f]{12}").isEqualTo(same);
    assertThat(other).isNotEqualTo(first);
    assertThat(plain).matches("slurm-cluster:24\\.11-[0-9a-f]{12}");
  }

  @Test
  void fetchesAnUrlOnce() {
    assertThat(reference(served())).isEqualTo(reference(served()));

    assertThat(asked).containsExactlyInAnyOrder("/pyxis", "/arm64/enroot");
  }

  @Test
  void needsNoCacheThatCanBeWrittenTo() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    ClusterImages others = new ClusterImages(Map.of("XDG_CACHE_HOME", file.toString()));

    assertThat(others.reference(served().toDefinition(), "arm64")).isEqualTo(reference(served()));
  }

  @Test
  void buildsWithThem() {
    FakeContainerEngine engine = new FakeContainerEngine();
    ClusterDefinition cluster = amd64();
    String reference = images.reference(cluster, "amd64");

    images.ensure(engine, reference, Optional.empty(), () -> cluster, Progress.SILENT);

    assertThat(engine.findImage(reference)).isPresent();
    assertThat(engine.builds())
        .first()
        .satisfies(
            build -> {
              assertThat(build.target()).isEqualTo("pyxis");
              assertThat(build.files().get("pyxis/archives/pyxis.tar.gz"))
                  .asString(UTF_8)
                  .isEqualTo("sources");
              assertThat(build.files()).containsKey("pyxis/archives/enroot.deb");
            });
  }

  private ClusterDefinition amd64() {
    served.put("/amd64/enroot", "another package");
    return served().toDefinition();
  }

  @Test
  void doesNotBuildSomethingElseThanTheClusterWasCreatedWith() {
    assertThatThrownBy(
            () ->
                images.ensure(
                    new FakeContainerEngine(),
                    "slurm-cluster:24.11-pyxis-0123456789ab",
                    Optional.empty(),
                    this::amd64,
                    Progress.SILENT))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("pyxisUrl and enrootUrl")
        .hasMessageContaining("slurm:create");
  }

  @Test
  void tellsInOneParagraphWhatIsMissingAndWhatHelps() {
    String url = site + "/nothing.deb";

    assertThatThrownBy(() -> reference(pyxis(site + "/pyxis", url)))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(
            "Jobs in containers need enroot, which could not be fetched from "
                + url
                + ": the server answers with status 404. Name a mirror or a file of it with"
                + " -Dslurm.enrootUrl, or a prebuilt image that has Pyxis and enroot with"
                + " -Dslurm.image; -Dslurm.withPyxis=false makes a cluster without.");
  }

  @Test
  void tellsThatNobodyAnswersAndThatAFileIsNotThere() {
    stop();

    assertThatThrownBy(() -> reference(served()))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("the server cannot be reached");
    assertThatThrownBy(() -> reference(pyxis(directory + "/gone", directory + "/gone")))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(directory + "/gone: the file does not exist");
  }

  @Test
  void takesNothingWithAnotherDigest() {
    reference(served());

    assertThatThrownBy(() -> reference(served().with("pyxisSha256", NONE)))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(site + "/pyxis has the SHA-256 ")
        .hasMessageContaining(", not " + NONE + ", the value of pyxisSha256");
    // Not from the cache either: it is requested again.
    assertThat(asked).filteredOn("/pyxis"::equals).hasSize(2);
  }
}
