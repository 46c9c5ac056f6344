/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class BundleVersionsTest {

  @Test
  void defaultsAreTheBundlesThatThisProjectMakes() throws IOException {
    for (SlurmVersion version : SlurmVersion.packaged()) {
      String release = version.release();
      assertThat(BundleVersions.of(release)).startsWith(release + ".");
      assertThat(Files.readString(Path.of("../slurm-bundles", release, "pom.xml")))
          .contains("<version>" + BundleVersions.of(release) + "</version>");
      assertThat(Files.readString(Path.of("../slurm-maven-plugin/pom.xml")))
          .contains("slurm-bundle-%s:%s:jar:".formatted(release, BundleVersions.of(release)));
    }
  }

  @Test
  void documentsAndExamplesNameTheDefaults() throws IOException {
    assertThat(named(Path.of("../docs/testing.md"), "slurm-bundle-(\\d+\\.\\d+):([^`]+)`"))
        .hasSize(SlurmVersion.packaged().size());
    assertThat(named(Path.of("../docs/embedded.md"), "slurm-bundle-(\\d+\\.\\d+):([^`]+)`"))
        .isNotEmpty();
    assertThat(
            named(
                Path.of("../examples/tutorial/pom.xml"),
                "<artifactId>slurm-bundle-([^<]+)</artifactId>\\s+<version>([^<]+)<"))
        .isNotEmpty();
  }

  /** Returns the releases whose bundles a file names, after a check of the versions. */
  private static List<String> named(Path file, String pattern) throws IOException {
    return Pattern.compile(pattern)
        .matcher(Files.readString(file))
        .results()
        .map(
            match -> {
              assertThat(match.group(2)).isEqualTo(BundleVersions.of(match.group(1)));
              return match.group(1);
            })
        .toList();
  }

  @Test
  void aReleaseWithoutADefaultHasItsFirstBuild() {
    assertThat(BundleVersions.of("25.11.4")).isEqualTo("25.11.4-1");
  }
}
