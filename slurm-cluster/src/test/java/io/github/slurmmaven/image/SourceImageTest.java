/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.RecordingProgress;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.TestParameters;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.FakeContainerEngine;
import io.github.slurmmaven.engine.FakeContainerEngine.Operation;
import io.github.slurmmaven.engine.ImageBuild;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.CompressorStreamFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An image whose Slurm is compiled from source")
class SourceImageTest {

  private static final String VERSION = "25.11.4";

  private final FakeContainerEngine engine = new FakeContainerEngine();
  private final ClusterImages images = new ClusterImages(Map.of());
  private final Path archive;

  SourceImageTest(@TempDir Path directory) throws IOException {
    archive = directory.resolve("slurm.tar.bz2");
    write(VERSION, CompressorStreamFactory.BZIP2);
  }

  /** An archive with what the plugin reads of it. */
  private void write(String version, String compression) throws IOException {
    byte[] meta = "##\n  Name:\t\tslurm\n  Version:\t%s\n".formatted(version).getBytes(UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(
            new CompressorStreamFactory().createCompressorOutputStream(compression, bytes))) {
      for (String name : List.of("AUTHORS", "doc/META", "META")) {
        TarArchiveEntry entry = new TarArchiveEntry("slurm-" + version + "/" + name);
        entry.setSize(meta.length);
        tar.putArchiveEntry(entry);
        tar.write(name.equals("META") ? meta : new byte[meta.length]);
        tar.closeArchiveEntry();
      }
    }
    Files.write(archive, bytes.toByteArray());
  }

  private TestParameters parameters(String version) {
    return new TestParameters()
        .with("slurmVersion", version)
        .with("slurmSource", archive.toString());
  }

  private String reference(ClusterDefinition cluster) {
    return images.reference(cluster, "amd64");
  }

  private void ensure(ClusterDefinition cluster) {
    ensure(cluster, Progress.SILENT);
  }

  private void ensure(ClusterDefinition cluster, Progress progress) {
    images.ensure(engine, reference(cluster), Optional.empty(), () -> cluster, progress);
  }

  private List<String> builtTags() {
    return engine.builds().stream().map(ImageBuild::tag).toList();
  }

  @Test
  void isNamedByTheVersionAndWhatIsInTheArchive() throws IOException {
    String first = reference(parameters(VERSION).toDefinition());
    Path same = Files.copy(archive, archive.resolveSibling("copy"));
    String copied =
        reference(parameters(VERSION).with("slurmSource", same.toString()).toDefinition());
    Files.writeString(archive, "other");
    String other = reference(parameters(VERSION).toDefinition());

    assertThat(first).matches("slurm-cluster:25\\.11\\.4-source-[0-9a-f]{12}").isEqualTo(copied);
    assertThat(other).isNotEqualTo(first);
  }

  @Test
  void isBuiltOnceFromPackagesThatAreCompiledOnce() {
    ClusterDefinition cluster = parameters(VERSION).toDefinition();
    ensure(cluster);
    ensure(cluster);
    String source =
        builtTags().stream()
            .filter(tag -> tag.startsWith("slurm-cluster-source:"))
            .findFirst()
            .get();

    assertThat(engine.builds())
        .extracting(ImageBuild::target)
        .containsExactly("source", "compile", "node", "base");
    assertThat(engine.builds().get(0))
        .satisfies(
            build -> {
              assertThat(build.tag()).matches("slurm-cluster-source:25\\.11\\.4-[0-9a-f]{12}");
              assertThat(build.files()).containsOnlyKeys("Dockerfile", "make-packages", "archive");
              assertThat(build.files().get("archive")).isEqualTo(Files.readAllBytes(archive));
              assertThat(build.buildArgs()).isEqualTo(Map.of("BASE_IMAGE", "debian:trixie-slim"));
            });
    assertThat(engine.builds().get(2).buildArgs())
        .isEqualTo(Map.of("BASE_IMAGE", source, "SLURM_RELEASE", VERSION));
  }

  @Test
  void leavesNoCompilerOnTheEngine() {
    ensure(parameters(VERSION).toDefinition());

    assertThat(engine.listImages("slurm-cluster-compile")).isEmpty();
    assertThat(engine.listImages("slurm-cluster-source")).hasSize(1);
  }

  @Test
  void compilesOnceForSeveralImages() {
    ensure(parameters(VERSION).toDefinition());
    ensure(parameters(VERSION).with("packages", List.of("gcc")).toDefinition());

    assertThat(engine.builds())
        .extracting(ImageBuild::target)
        .containsOnlyOnce("source")
        .contains("packages");
  }

  @ParameterizedTest
  @CsvSource({"22.05.11, debian:12-slim", "23.11.1, debian:12-slim", "24.05.0, debian:trixie-slim"})
  void isCompiledOnADebianReleaseWhoseCompilerTakesIt(String version, String base)
      throws IOException {
    write(version, CompressorStreamFactory.GZIP);

    ensure(parameters(version).toDefinition());

    assertThat(engine.builds().get(0).buildArgs()).containsEntry("BASE_IMAGE", base);
  }

  @Test
  void showsWhatIsBeingDone() {
    ClusterDefinition cluster = parameters(VERSION).toDefinition();
    ensure(cluster);
    String source = builtTags().get(0);
    engine.removeImage(source);
    engine.removeImage(reference(cluster));
    engine.withBuildOutput(
        source,
        "Step 4/9 : RUN make",
        "slurm-source: configure",
        "checking for gcc... gcc",
        "make: Entering directory '/slurm-source/source/src'",
        "slurm-source: compile 10 %");
    RecordingProgress progress = new RecordingProgress();

    ensure(cluster, progress);

    assertThat(progress.steps())
        .containsSubsequence(
            "Building image %s: compiles Slurm from %s, which takes some minutes, once for this archive"
                .formatted(source, archive),
            "  Step 4/9 : RUN make",
            "  configure",
            "  compile 10 %")
        .noneMatch(step -> step.contains("gcc... gcc") || step.contains("Entering"));
  }

  @Test
  void saysInOneParagraphWhatIsMissingAndWhatHelps() throws IOException {
    Files.delete(archive);

    assertThatThrownBy(() -> reference(parameters(VERSION).toDefinition()))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(
            "Slurm 25.11.4 is compiled from source, and its archive could not be fetched from "
                + archive
                + ": the file does not exist. Name a mirror or a file of it with"
                + " -Dslurm.slurmSource, or a prebuilt image that has this Slurm with -Dslurm.image;"
                + " or set slurmVersion to a release that Debian packages (22.05 or 24.11 or 26.05).");
  }

  @Test
  void isNotOfAnArchiveWithAnotherDigest() throws IOException {
    String actual = Sha256.of(Files.readAllBytes(archive));
    String other = "0".repeat(64);

    assertThat(reference(parameters(VERSION).with("slurmSourceSha256", actual).toDefinition()))
        .isEqualTo(reference(parameters(VERSION).toDefinition()));
    assertThatThrownBy(
            () -> reference(parameters(VERSION).with("slurmSourceSha256", other).toDefinition()))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(
            "%s has the SHA-256 %s, not %s, the value of slurmSourceSha256: is it another version?"
                .formatted(archive, actual, other));
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>not found</html>", ""})
  void isNotOfAFileThatIsNoSourceArchive(String content) throws IOException {
    Files.writeString(archive, content);

    assertThatThrownBy(() -> ensure(parameters(VERSION).toDefinition()))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "slurmSource: '%s' is not a source archive of Slurm (%d bytes, no META file with a version in it): name one as upstream releases it, for example slurm-25.11.4.tar.bz2"
                .formatted(archive, content.length()));
    assertThat(engine.builds()).isEmpty();
  }

  @Test
  void isOfTheArchiveOnceAServerAnswersWithIt(@TempDir Path cache) throws IOException {
    ClusterImages keeping = new ClusterImages(Map.of("XDG_CACHE_HOME", cache.toString()));
    List<byte[]> answers =
        List.of("<html>log in</html>".getBytes(UTF_8), Files.readAllBytes(archive));
    AtomicInteger asked = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] answer = answers.get(asked.getAndIncrement());
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    try {
      ClusterDefinition cluster =
          parameters(VERSION)
              .with(
                  "slurmSource",
                  "http://127.0.0.1:%d/slurm.tar.bz2".formatted(server.getAddress().getPort()))
              .toDefinition();
      String first = keeping.reference(cluster, "amd64");
      String second = keeping.reference(cluster, "amd64");
      String third = keeping.reference(cluster, "amd64");

      assertThat(second).isEqualTo(third).isNotEqualTo(first);
      assertThat(second).isEqualTo(reference(parameters(VERSION).toDefinition()));
      assertThat(asked).hasValue(2);
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource({"25.11.3, bzip2", "25.05.4, gz", "26.05.0, xz"})
  void isNotOfAnotherVersionThanWasAskedFor(String found, String compression) throws IOException {
    write(found, compression);

    assertThatThrownBy(() -> ensure(parameters(VERSION).toDefinition()))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "slurmSource: '%s' has the sources of Slurm %s, and slurmVersion asks for 25.11.4: set slurmVersion to %2$s, or name an archive of 25.11.4"
                .formatted(archive, found));
    assertThat(engine.builds()).isEmpty();
  }

  @Test
  void ofAReleaseLineIsOfAnyReleaseOfIt() {
    ensure(parameters("25.11").toDefinition());

    assertThat(builtTags()).anyMatch(tag -> tag.matches("slurm-cluster:25\\.11-source-.*"));
  }

  @Test
  void isNotBuiltFromAnotherArchiveThanTheClusterWasCreatedWith() throws IOException {
    String created = reference(parameters(VERSION).toDefinition());
    Files.writeString(archive, "other");

    assertThatThrownBy(
            () ->
                images.ensure(
                    engine,
                    created,
                    Optional.empty(),
                    () -> parameters(VERSION).toDefinition(),
                    Progress.SILENT))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining(created)
        .hasMessageContaining("what slurmSource names has changed")
        .hasMessageContaining("slurm:create");
  }

  @Test
  void saysWhatTheCompilerSays() {
    EngineException failure = new EngineException(Kind.BUILD_FAILED, "gcc: no", null);
    ClusterDefinition cluster = parameters(VERSION).toDefinition();
    ensure(cluster);
    String source = builtTags().get(0);
    engine.removeImage(source);
    engine.removeImage(reference(cluster));
    engine.failNext(Operation.BUILD_IMAGE, source, failure);

    assertThatThrownBy(() -> ensure(cluster)).isSameAs(failure);
  }
}
