/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The supported keys")
class SupportedKeysTest {

  @Test
  void areListedOnceWithWhatTheyTake() {
    assertThat(SupportedKeys.all()).extracting(SupportedKeys.Key::path).doesNotHaveDuplicates();
    assertThat(SupportedKeys.all()).extracting(SupportedKeys.Key::form).doesNotContain("");
  }

  @Test
  @DisplayName("are all in a sample that reads as Compose reads it")
  void areAllInSamples() throws IOException {
    Set<String> paths = new TreeSet<>();
    for (String sample : ComposeConfig.SAMPLES) {
      for (String name : new String[] {"docker-compose.yml", "docker-compose.override.yml"}) {
        File file = ComposeConfig.sample(sample).resolve(name).toFile();
        if (file.exists()) {
          collect(new YAMLMapper().readTree(file), "", paths);
        }
      }
    }

    assertThat(paths)
        .containsAll(SupportedKeys.all().stream().map(SupportedKeys.Key::path).toList());
  }

  @Test
  @DisplayName("are the table of docs/compose.md")
  void areDocumented() throws IOException {
    assertThat(Files.readString(Path.of("../docs/compose.md")))
        .contains(
            SupportedKeys.all().stream()
                .map(key -> "| `%s` | %s |\n".formatted(key.path(), inATable(key.form())))
                .collect(Collectors.joining("", "| key | what it takes |\n|---|---|\n", "\n")));
  }

  private static String inATable(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;");
  }

  private static void collect(JsonNode node, String path, Set<String> paths) {
    paths.add(path);
    node.properties()
        .forEach(
            entry -> {
              String below = path.isEmpty() ? "" : path + ".";
              collect(entry.getValue(), below + entry.getKey(), paths);
              collect(entry.getValue(), below + "*", paths);
            });
    node.elements()
        .forEachRemaining(
            element -> {
              if (node.isArray()) {
                collect(element, path + "[]", paths);
              }
            });
  }
}
