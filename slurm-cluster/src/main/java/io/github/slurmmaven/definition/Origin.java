/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.definition.yaml.YamlText;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Where the parts of a document come from, for an error that names one of them. */
interface Origin {

  Pattern WORD_IN_SNAKE_CASE = Pattern.compile("_([a-z])");

  /**
   * What to call a part in an error: the place where it stands, and its path.
   *
   * @param path path in the document, for example {@code nodes[0].memory}
   */
  String of(String path);

  /** The elements of a POM: there is no line, and words are joined as in {@code gpuType}. */
  static Origin elements(String name) {
    return path ->
        name
            + ": "
            + WORD_IN_SNAKE_CASE
                .matcher(path)
                .replaceAll(word -> word.group(1).toUpperCase(Locale.ROOT));
  }

  /** A YAML text that can be read; what is missing there is placed where it would belong. */
  static Origin yaml(String name, String text) {
    return path -> {
      // Read only when there is an error to report.
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
