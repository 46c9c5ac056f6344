/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testcontainers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The Java of docs/testcontainers.md is the text of tests that run. */
class RecipesTest {

  private static final Pattern BLOCK = Pattern.compile("(?s)```java\n(.*?)```");

  private static List<String> tests() throws IOException {
    try (Stream<Path> examples = Files.walk(Path.of("../examples"));
        Stream<Path> own = Files.walk(Path.of("src/test/java"))) {
      return Stream.concat(
              examples.filter(file -> file.toString().contains("testcontainers-")), own)
          .filter(file -> file.toString().contains("src/test/java"))
          .filter(file -> file.toString().endsWith(".java"))
          .map(RecipesTest::read)
          .map(RecipesTest::withoutIndentation)
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String withoutIndentation(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }

  @Test
  void areTextOfTests() throws IOException {
    List<String> tests = tests();
    List<String> blocks =
        BLOCK
            .matcher(Files.readString(Path.of("../docs/testcontainers.md")))
            .results()
            .map(block -> withoutIndentation(block.group(1)))
            .toList();

    assertThat(blocks).hasSize(6);
    assertThat(blocks)
        .filteredOn(block -> tests.stream().noneMatch(test -> test.contains(block)))
        .isEmpty();
  }
}
