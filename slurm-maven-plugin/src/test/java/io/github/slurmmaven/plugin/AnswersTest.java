/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people type for the goals by hand, and what they see. */
class AnswersTest {

  @Nested
  @DisplayName("A moment of the past")
  class Moments {

    @ParameterizedTest
    @CsvSource({"90s, 90", "10m, 600", "2h, 7200", "1h30m, 5400", "1d, 86400", "1d2h, 93600"})
    void isToldFromNow(String text, long seconds) {
      assertThat(Since.parse(text))
          .isCloseTo(
              Instant.now().minus(Duration.ofSeconds(seconds)), within(10, ChronoUnit.SECONDS));
    }

    @Test
    void isATime() {
      assertThat(Since.parse("2026-01-31T12:00:00Z"))
          .isEqualTo(Instant.parse("2026-01-31T12:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "yesterday", "10x", "-5m", "m"})
    void isRefusedIfInvalid(String text) {
      assertThatThrownBy(() -> Since.parse(text))
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageContaining("since: '" + text + "'")
          .hasMessageContaining("10m");
    }
  }

  @Nested
  @DisplayName("A list of nodes")
  class Lists {

    @Test
    void isSplitOutsideOfBrackets() {
      assertThat(NodeList.parse("compute-[0-1,3], gpu-0,"))
          .containsExactly("compute-[0-1,3]", "gpu-0");
    }

    @Test
    void isEmptyWhenNothingIsGiven() {
      assertThat(NodeList.parse(null)).isEmpty();
      assertThat(NodeList.parse(" ")).isEmpty();
    }
  }

  @Nested
  @DisplayName("A form")
  class Forms {

    @Test
    void isKnownByItsName() {
      assertThat(Format.of("json")).isEqualTo(Format.JSON);
    }

    @Test
    void isRefusedWithThoseThereAre() {
      assertThatThrownBy(() -> Format.of("xml"))
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageContaining("format: 'xml'")
          .hasMessageContaining("text, json or yaml");
    }
  }

  @Nested
  @DisplayName("Output of several nodes")
  class Output {

    private final List<String> lines = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();
    private final PrefixedOutput output = new PrefixedOutput("n1", lines::add, errors::add);

    @Test
    void comesInWholeLinesBehindTheNodesName() {
      output.stdout("one\ntw".getBytes(UTF_8));
      output.stderr("bad\n".getBytes(UTF_8));
      output.stdout("ö\n\nend".getBytes(UTF_8));

      assertThat(lines).containsExactly("n1 | one", "n1 | twö", "n1 | ");
      assertThat(errors).containsExactly("n1 | bad");
    }

    @Test
    void losesNothingThatEndsWithoutANewline() {
      output.stdout("end".getBytes(UTF_8));
      output.close();

      assertThat(lines).containsExactly("n1 | end");
    }

    @Test
    void keepsACharacterThatComesInPieces() {
      byte[] bytes = "ü\n".getBytes(UTF_8);
      output.stdout(new byte[] {bytes[0]});
      output.stdout(new byte[] {bytes[1], bytes[2]});

      assertThat(lines).containsExactly("n1 | ü");
    }
  }

  @Nested
  @DisplayName("An answer")
  class Answer {

    @Test
    void isWrittenIntoAFileWhoseDirectoryIsMade(@TempDir Path directory) {
      File file = directory.resolve("target/status.json").toFile();

      Console.answer(file, "{}");

      assertThat(file).hasContent("{}");
    }

    @Test
    void namesTheFileThatCannotBeWritten(@TempDir Path directory) throws IOException {
      File file = Files.createFile(directory.resolve("file")).resolve("status.json").toFile();

      assertThatThrownBy(() -> Console.answer(file, "{}"))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining("output: '" + file + "' cannot be written");
    }
  }
}
