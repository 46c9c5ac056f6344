/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/troubleshooting.md explains messages that the code prints. */
class TroubleshootingTest {

  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

  /** A message that the page explains: bold code in a line of its own. */
  private static final Pattern SYMPTOM = Pattern.compile("(?m)^\\*\\*`([^`]+)`\\*\\*$");

  /** Where a long literal of Java goes on in the next line. */
  private static final Pattern CONTINUATION = Pattern.compile("\"\\s*\\+\\s*\"");

  private static final List<String> SOURCES = new ArrayList<>();

  static List<String> symptoms() throws IOException {
    return SYMPTOM
        .matcher(Files.readString(PROJECT.resolve("docs/troubleshooting.md")))
        .results()
        .map(symptom -> symptom.group(1))
        .toList();
  }

  @BeforeAll
  static void readSources() throws IOException {
    try (Stream<Path> modules = Files.list(PROJECT)) {
      for (Path main :
          modules.map(module -> module.resolve("src/main")).filter(Files::isDirectory).toList()) {
        readSources(main);
      }
    }
  }

  private static void readSources(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file :
          files.filter(each -> each.toString().matches(".*\\.(java|vm|sh)")).toList()) {
        SOURCES.add(CONTINUATION.matcher(Files.readString(file)).replaceAll(""));
      }
    }
  }

  @Test
  void thePageHasSymptoms() throws IOException {
    assertThat(symptoms()).hasSizeGreaterThan(20).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("symptoms")
  void aSymptomIsAMessageOfTheCode(String symptom) {
    // What the page leaves out is a value, or the rest of the message, within one literal or two.
    Pattern message =
        Pattern.compile(
            Pattern.compile("…")
                .splitAsStream(symptom)
                .map(String::strip)
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .map(Pattern::quote)
                .collect(Collectors.joining("(?s:.{1,120}?)")));

    assertThat(SOURCES).anyMatch(source -> message.matcher(source).find());
  }

  @Test
  void eachSymptomIsFollowedByAnExplanation() throws IOException {
    List<MatchResult> bare =
        Pattern.compile("(?m)^(\\*\\*`[^`]+`\\*\\*)\n\n(?![A-Z`])")
            .matcher(Files.readString(PROJECT.resolve("docs/troubleshooting.md")))
            .results()
            .toList();

    assertThat(bare).extracting(result -> result.group(1)).isEmpty();
  }
}
