/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The YAML of a Compose file")
@Timeout(120)
class YamlTest {

  private ProjectDirectory directory = new ProjectDirectory(Path.of(""));

  @BeforeEach
  void make(@TempDir Path parent) {
    directory = new ProjectDirectory(parent);
  }

  @Test
  void syntaxErrorsHaveLineAndColumn() {
    assertThat(directory.compose("services:\n  a: {image: i\n  b: x\n").mistake())
        .startsWith("docker-compose.yml, line 3, column 4 is not valid YAML: expected ',' or '}'");
    assertThat(directory.compose("services:\n\ta: b\n").mistake())
        .startsWith("docker-compose.yml, line 2, column 1 is not valid YAML: found character");
  }

  @Test
  void controlCharacters() {
    assertThat(directory.compose("services: \u0007").mistake())
        .startsWith("docker-compose.yml is not valid YAML: ");
  }

  @Test
  void refusesASecondDocument() {
    assertThat(directory.compose("services: {}\n---\nservices: {}\n").mistake())
        .startsWith("docker-compose.yml, line 2, column 1 is not valid YAML:");
  }

  @Test
  void duplicateKeys() {
    assertThat(directory.compose("services:\n  a:\n    image: i\n    image: j\n").mistake())
        .isEqualTo("docker-compose.yml, line 4: services.a.image is given twice; first in line 3");
  }

  @Test
  void keysThatAreNotScalars() {
    assertThat(directory.compose("services:\n  ? [a, b]\n  : c\n").mistake())
        .isEqualTo("docker-compose.yml, line 1: services has a key that is not a single value");
  }

  @Test
  void keysOfTheFileThatAreNotScalars() {
    assertThat(directory.compose("? [a]\n: b\n").mistake())
        .isEqualTo("docker-compose.yml, line 1: the file has a key that is not a single value");
  }

  @Test
  void nameMayBeMergedIn() {
    assertThat(
            directory
                .compose("x-n: &n {name: merged}\n<<: *n\nservices: {a: {image: i}}\n")
                .read()
                .name())
        .isEqualTo("merged");
  }

  @ParameterizedTest
  @ValueSource(strings = {"!!binary YQ==", "!reset []", "!x {}", "!!set {a}"})
  void tagsConstructNothing(String value) {
    assertThat(directory.service("command: " + value).mistake())
        .startsWith("docker-compose.yml, line 4: services.a.command has the YAML tag ")
        .endsWith(", which is not supported by slurm-maven-plugin; remove it");
  }

  @Test
  void tagsOfClassesAreNotEvenParsed() {
    assertThat(directory.service("command: !!java.net.URL [x]").mistake())
        .startsWith("docker-compose.yml, line 4, column 14 is not valid YAML: Global tag");
  }

  @Test
  void mergeKeysAreWeakerThanTheMapAndEarlierOnesStronger() {
    ComposeService service =
        directory
            .compose(
                """
                x-one: &one {A: one, B: one, C: one}
                x-two: &two {C: two, D: two}
                services:
                  a:
                    image: i
                    environment:
                      A: own
                      <<: [*one, *two]
                """)
            .readService("a");

    assertThat(service.environment())
        .isEqualTo(Map.of("A", "own", "B", "one", "C", "one", "D", "two"));
  }

  @Test
  void mergeKeysWantMaps() {
    assertThat(directory.service("<<: x").mistake())
        .isEqualTo(
            "docker-compose.yml, line 4: services.a.<< must be an alias of a map, or a list of"
                + " them");
  }

  @Test
  void mistakesInAnchorsAreToldForTheirUse() {
    assertThat(
            directory
                .compose(
                    """
                    x-base: &base
                      image: i
                      cpus: few
                    services:
                      a:
                        <<: *base
                    """)
                .mistake())
        .startsWith("docker-compose.yml, line 3: services.a.cpus: 'few' is not");
  }

  @Test
  void extensionsAreIgnoredWhereComposeIgnoresThem() {
    ComposeService service =
        directory
            .compose(
                """
                x-top: ${NOT_SET}
                services:
                  a:
                    image: i
                    x-service: [1, 2]
                    environment: {x-variable: kept}
                    healthcheck: {x-check: ~, disable: true}
                networks: {default: {x-network: 1}}
                """)
            .readService("a");

    assertThat(service.environment()).containsExactly(Map.entry("x-variable", "kept"));
  }

  @ParameterizedTest
  @CsvSource({
    "yes,yes",
    "1,1",
    "-7,-7",
    "1.5,1.5",
    "true,true",
    "FALSE,false",
    "'''010''','010'",
    "a:b,a:b",
    "12:30,12:30",
    "1.2.3,1.2.3",
    "'\"1.10\"',1.10",
    "12345678901234567890,12345678901234567890"
  })
  void scalarsOfTheEnvironmentAreTexts(String yaml, String value) {
    assertThat(directory.service("environment: {A: " + yaml + "}").readService("a").environment())
        .containsExactly(Map.entry("A", value));
  }

  @Test
  void aliasesOfAliasesAreBounded() {
    StringBuilder yaml = new StringBuilder("x-a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
      yaml.append("x-a%d: &a%d [%s]\n".formatted(i, i, "*a%d, ".formatted(i - 1).repeat(10)));
    }
    yaml.append("services: {a: {image: i, command: *a9}}\n");

    assertThat(directory.compose(yaml.toString()).mistake())
        .contains("is nested too deeply or repeats too much by aliases");
  }

  @Test
  void mergesOfMergesAreBounded() {
    StringBuilder yaml = new StringBuilder("x-a0: &a0 {k: v}\n");
    for (int i = 1; i < 30; i++) {
      yaml.append("x-a%d: &a%d {<<: [*a%d, *a%d]}\n".formatted(i, i, i - 1, i - 1));
    }
    yaml.append("services: {a: {image: i, environment: *a29}}\n");

    assertThat(directory.compose(yaml.toString()).mistake())
        .contains("is nested too deeply or repeats too much by aliases");
  }

  @Test
  void aliasesOfThemselvesAreRefused() {
    assertThat(directory.service("command: &c [*c]").mistake())
        .contains("is nested too deeply or repeats too much by aliases");
  }

  @Test
  void nestingIsBounded() {
    assertThat(directory.service("command: " + "[".repeat(10_000)).mistake())
        .startsWith("docker-compose.yml");
  }

  @Test
  void manyAliasesOfOneAnchorAreFine() {
    StringBuilder yaml = new StringBuilder("x-base: &base {image: i}\nservices:\n");
    for (int i = 0; i < 1000; i++) {
      yaml.append("  s%d: {<<: *base}\n".formatted(i));
    }

    assertThat(directory.compose(yaml.toString()).read().services()).hasSize(1000);
  }
}
