/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("slurm-bom")
class BomTest {

  private static final Path PROJECT = Path.of("..");

  /** A managed dependency; the bundles have a classifier. */
  private static final Pattern MANAGED =
      Pattern.compile(
          "<artifactId>([^<]+)</artifactId>\\s+<version>([^<]+)</version>\\s+"
              + "(?:<classifier>([^<]+)</classifier>\\s+)?</dependency>");

  private static List<String> modules(String directory) throws IOException {
    return Pattern.compile("<module>([^<]+)</module>")
        .matcher(Files.readString(PROJECT.resolve(directory).resolve("pom.xml")))
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  private static String bundleVersion(String release) throws IOException {
    return Pattern.compile("(?m)^  <version>([^<]+)</version>")
        .matcher(Files.readString(PROJECT.resolve("slurm-bundles/" + release + "/pom.xml")))
        .results()
        .findFirst()
        .orElseThrow()
        .group(1);
  }

  @Test
  void listsEachPublishedJarInItsVersion() throws IOException {
    List<String> published = new ArrayList<>();
    for (String module : modules(".")) {
      // These are no jars for a dependency.
      if (!List.of("slurm-bom", "slurm-bundles", "slurm-maven-plugin").contains(module)) {
        published.add(module + ":${project.version}");
      }
    }
    for (String release : modules("slurm-bundles")) {
      for (String content : List.of("slurm", "accounting")) {
        for (String processor : List.of("x86_64", "aarch64")) {
          published.add(
              "slurm-bundle-%s:%s:%s-linux-%s"
                  .formatted(release, bundleVersion(release), content, processor));
        }
      }
    }

    assertThat(MANAGED.matcher(Files.readString(PROJECT.resolve("slurm-bom/pom.xml"))).results())
        .extracting(
            match ->
                match.group(1)
                    + ":"
                    + match.group(2)
                    + (match.group(3) == null ? "" : ":" + match.group(3)))
        .containsExactlyInAnyOrderElementsOf(published);
  }
}
