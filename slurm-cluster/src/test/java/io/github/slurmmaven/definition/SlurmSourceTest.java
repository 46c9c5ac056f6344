/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which Slurm is compiled from source, and where its archive comes from. */
class SlurmSourceTest {

  private static final String DIGEST = "0123456789abcdef".repeat(4);

  private static ClusterDefinition version(String version) {
    return new TestParameters().with("slurmVersion", version).toDefinition();
  }

  @ParameterizedTest
  @CsvSource({"22.05, false", "24.11, false", "26.05, false", "24.11.5, true", "25.11.4, true"})
  void isOfReleasesThatDebianDoesNotPackage(String version, boolean expected) {
    assertThat(version(version).isCompiled()).isEqualTo(expected);
  }

  @Test
  void isOfAPackagedReleaseWhoseSourceIsNamed() {
    ClusterDefinition cluster =
        new TestParameters()
            .with("slurmVersion", "24.11")
            .with("slurmSource", "s.tgz")
            .toDefinition();

    assertThat(cluster.isCompiled()).isTrue();
    assertThat(cluster.slurmSource().archive(cluster.slurmVersion()).url())
        .isEqualTo(Path.of("s.tgz").toAbsolutePath().toString());
  }

  @Test
  void isNotOfAnImageThatHasItsSlurm() {
    assertThat(
            new TestParameters()
                .with("slurmVersion", "25.11.4")
                .with("image", "my/slurm:1")
                .toDefinition()
                .isCompiled())
        .isFalse();
  }

  @Test
  void comesFromUpstreamUnlessItIsNamed() {
    ClusterDefinition cluster =
        new TestParameters()
            .with("slurmVersion", "25.11.4")
            .with("slurmSourceSha256", DIGEST)
            .toDefinition();

    assertThat(cluster.slurmSource().archive(cluster.slurmVersion()))
        .isEqualTo(
            new Archive(
                "https://download.schedmd.com/slurm/slurm-25.11.4.tar.bz2", Optional.of(DIGEST)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"25.11", "27.05"})
  void ofAWholeReleaseLineMustBeNamed(String version) {
    assertThatThrownBy(() -> SlurmSource.DEFAULT.archive(SlurmVersion.of(version)))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "slurmVersion: '%s' is a release line that is compiled from source, and upstream publishes archives only of exact releases: name one, for example %1$s.1, or an archive with slurmSource, or a line that Debian packages (22.05 or 24.11 or 26.05)"
                .formatted(version));
  }

  @Test
  void aDigestOfNoSourceIsRefused() {
    ClusterDefinition cluster =
        new TestParameters().with("slurmSourceSha256", DIGEST).toDefinition();

    assertThatThrownBy(() -> cluster.slurmSource().archive(cluster.slurmVersion()))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "slurmSourceSha256: '%s' is the digest of a source archive, but Slurm 24.11 comes from Debian's packages: name the archive with slurmSource, or leave the digest out"
                .formatted(DIGEST));
  }

  @ParameterizedTest
  @CsvSource({
    "slurmSource,       ftp://example.org/s.tar.bz2, is not where a file can be fetched",
    "slurmSourceSha256, abc,                         is not a SHA-256 digest"
  })
  void refusesWhatCannotBe(String parameter, String value, String problem) {
    assertThatThrownBy(() -> new TestParameters().with(parameter, value).toDefinition())
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageStartingWith(parameter + ": '" + value + "' " + problem);
  }

  @Test
  void isWrittenAsItWasRead(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("cluster.yaml");
    Files.writeString(
        file,
        """
        preset: cpu
        slurm_version: "25.11.4"
        slurm_source: slurm.tar.bz2
        slurm_source_sha256: %s
        """
            .formatted(DIGEST));
    ClusterDefinition read = new TestParameters().with("definition", file).toDefinition();
    Files.writeString(file, ClusterYaml.write(read));

    assertThat(read.slurmSource())
        .isEqualTo(
            new SlurmSource(
                Optional.of(directory.resolve("slurm.tar.bz2").toString()), Optional.of(DIGEST)));
    assertThat(ClusterYaml.read(file)).isEqualTo(read);
  }

  @Test
  void aMistakeInADefinitionIsNamedWithItsPath(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("c.yaml"), "preset: cpu\nslurm_source: ''\n");

    assertThatThrownBy(() -> new TestParameters().with("definition", file).toDefinition())
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("c.yaml")
        .hasMessageContaining("slurm_source: '' is not where a file can be fetched");
  }

  @Test
  void ofAnExistingClusterIsNotAnother() {
    ClusterDefinition existing = version("25.11.4");

    assertThatThrownBy(
            () ->
                new TestParameters()
                    .with("slurmSource", "https://mirror.example/s.tar.bz2")
                    .build()
                    .requireMatch(existing))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("slurmSource")
        .hasMessageContaining("(none)");
  }
}
