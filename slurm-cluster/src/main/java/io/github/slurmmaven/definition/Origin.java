/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.definition.yaml.YamlText;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The origin of a document's parts, for errors. */
interface Origin {

  Pattern WORD_IN_SNAKE_CASE = Pattern.compile("_([a-z])");

  /**
   * Returns a part's place and path, for an error.
   *
   * @param path path in the document, for example {@code nodes[0].memory}
   */
  String of(String path);

  /**
   * Returns the origin of elements of a POM, which have no line, and whose words are joined as in
   * {@code gpuType}.
   */
  static Origin elements(String name) {
    return path ->
        name
            + ": "
            + WORD_IN_SNAKE_CASE
                .matcher(path)
                .replaceAll(word -> word.group(1).toUpperCase(Locale.ROOT));
  }

  /** Returns the origin of a readable YAML text. A missing value has the place of its parent. */
  static Origin yaml(String name, String text) {
    return path -> {
      // Parsed only when there is an error to report.
      Map<String, String> places = YamlText.places(text);
      String known = path;
      while (!known.isEmpty() && !places.containsKey(known)) {
        known = known.substring(0, Math.max(0, known.lastIndexOf(known.endsWith("]") ? '[' : '.')));
      }
      String place = places.get(known);
      return (place == null || known.isEmpty() ? name : name + ", " + place) + ": " + path;
    };
  }
}
