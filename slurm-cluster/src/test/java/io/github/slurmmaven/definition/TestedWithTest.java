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
  private static final Pattern TEST_CLASS = Pattern.compile("\\b\\w+IT\\b");

  /** How a test says that it runs on all packaged releases. */
  private static final Pattern ON_ALL =
      Pattern.compile("@Releases\\.All|Releases\\.all\\(\\)|SlurmVersion\\.packaged\\(\\)");

  /** How a test says that it runs on the default release alone, and on all where time allows. */
  private static final Pattern ON_ONE = Pattern.compile("@Releases\\.One|Releases\\.one\\(\\)");

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
  @DisplayName("is all of it on the default release, and on the others what the page names")
  void testsOfEachRelease() throws IOException {
    for (MatchResult row : rows()) {
      assertThat(row.group(3))
          .startsWith(
              SlurmVersion.of(row.group(1)).equals(SlurmVersion.DEFAULT)
                  ? "all tests"
                  : "the tests below");
    }
    assertThat(named(text("docs/slurm.md"), "(?s)\\nWith each change, .*?test-long"))
        .containsExactlyInAnyOrderElementsOf(integrationTests(ON_ALL));
  }

  @Test
  @DisplayName("are the tests that scripts/test-long.sh runs on all releases")
  void testsThatTakeLong() throws IOException {
    List<String> onOne = integrationTests(ON_ONE);

    assertThat(named(text("scripts/test-long.sh"), "-Dit\\.test=[\\w,\\\\\\n]+"))
        .containsAll(onOne);
    assertThat(named(text("docs/slurm.md"), "(?s)`scripts/test-long.sh` runs .*?\\n\\n"))
        .containsExactlyInAnyOrderElementsOf(onOne);
  }

  /** The classes that the first match of a pattern in a text names. */
  private static List<String> named(String text, String pattern) {
    String part =
        Pattern.compile(pattern).matcher(text).results().findFirst().orElseThrow().group();
    return TEST_CLASS.matcher(part).results().map(MatchResult::group).toList();
  }

  /** The classes of integration tests whose source, or whose contract's, has a match. */
  private static List<String> integrationTests(Pattern pattern) throws IOException {
    Map<String, String> sources = new HashMap<>();
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
      }
    }
    return sources.keySet().stream()
        .filter(name -> name.endsWith("IT"))
        .filter(name -> pattern.matcher(withContract(name, sources)).find())
        .toList();
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
