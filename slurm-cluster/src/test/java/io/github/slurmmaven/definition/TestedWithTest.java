/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The tables of what is tested, which people choose a release by, are what scripts/test.sh runs.
 */
@DisplayName("What the docs call tested")
class TestedWithTest {

  private static final Path PROJECT = Path.of("..");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| ([0-9]{2}\\.[0-9]{2}) \\| `([^`]*)` \\| (.*) \\|$");
  private static final Pattern TEST_CLASS = Pattern.compile("`(\\w+IT)`");

  /** How a test says that it runs on all packaged releases. */
  private static final Pattern ON_ALL =
      Pattern.compile("@Releases\\.All|SlurmVersion\\.packaged\\(\\)|\"\\w+,26\\.05\"|V26_05");

  private static final Pattern CONTRACT = Pattern.compile(" extends (\\w+Contract) ");

  private static String text(String file) throws IOException {
    return Files.readString(PROJECT.resolve(file));
  }

  private static List<MatchResult> rows() throws IOException {
    return ROW.matcher(text("docs/slurm.md")).results().toList();
  }

  private static String row(String file, String what) throws IOException {
    return text(file)
        .lines()
        .filter(line -> line.startsWith("| " + what + " |"))
        .findFirst()
        .orElseThrow();
  }

  /** The value of a variable of a script. */
  private static String variable(String script, String name) throws IOException {
    return Pattern.compile("(?m)\\b" + name + "=[\"(]([^\")]*)[\")]")
        .matcher(text(script))
        .results()
        .findFirst()
        .orElseThrow()
        .group(1);
  }

  @Test
  @DisplayName("are the packaged releases with their base images, which tests have there")
  void releases() throws IOException {
    assertThat(rows())
        .extracting(row -> row.group(1) + " " + row.group(2))
        .containsExactlyElementsOf(
            SlurmVersion.packaged().stream()
                .map(version -> version + " " + version.baseImage().orElseThrow())
                .toList());
    assertThat(variable("scripts/lib/engine.sh", "TEST_IMAGES").split(" "))
        .contains(rows().stream().map(row -> row.group(2)).toArray(String[]::new));
    for (SlurmVersion version : SlurmVersion.packaged()) {
      assertThat(text("slurm-embedded/pom.xml")).contains("<argument>" + version + "</argument>");
      assertThat(row("README.md", "Releases of Slurm")).contains(version.release());
    }
  }

  @Test
  @DisplayName("is all of it, or the tests that run on all releases")
  void testsOfEachRelease() throws IOException {
    Map<String, String> sources = new HashMap<>();
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
      }
    }
    List<String> onAll =
        sources.keySet().stream()
            .filter(name -> name.endsWith("IT"))
            .filter(name -> ON_ALL.matcher(withContract(name, sources)).find())
            .toList();

    for (MatchResult row : rows()) {
      if (Releases.two().contains(SlurmVersion.of(row.group(1)))) {
        assertThat(row.group(3)).startsWith("all tests");
      } else {
        assertThat(TEST_CLASS.matcher(row.group(3)).results().map(found -> found.group(1)))
            .containsExactlyInAnyOrderElementsOf(onAll);
      }
    }
  }

  /** The source of a class of tests and of the contract that it runs. */
  private static String withContract(String name, Map<String, String> sources) {
    String source = sources.get(name);
    return CONTRACT
        .matcher(source)
        .results()
        .map(contract -> source + sources.get(contract.group(1)))
        .findFirst()
        .orElse(source);
  }

  @Test
  @DisplayName("are the Mavens that the builds of src/it run on")
  void mavens() throws IOException {
    String mavens = row("README.md", "Maven");

    assertThat(variable("scripts/lib/maven.sh", "MAVEN_VERSIONS").split(" "))
        .allSatisfy(version -> assertThat(mavens).contains(version + ","));
    assertThat(variable("scripts/test.sh", "TEST_PAIRS").split(" "))
        .allSatisfy(pair -> assertThat(mavens).contains(pair.replaceAll("/.*", "") + ","));
  }
}
