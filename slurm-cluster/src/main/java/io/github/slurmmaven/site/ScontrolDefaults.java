/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.resource.Resources;
import io.github.slurmmaven.site.KeyTable.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The values that {@code scontrol show} prints for parameters that slurm.conf does not have: the
 * table {@code scontrol-defaults.txt}.
 */
final class ScontrolDefaults {

  private static final Pattern LINE = Pattern.compile("\\[(.*)]");

  /** Defaults by line of slurm.conf and parameter, in any case. */
  private static final Map<String, Map<String, List<List<String>>>> DEFAULTS = read();

  private ScontrolDefaults() {}

  /**
   * Whether a value is Slurm's default. A parameter that affects jobs, and whose default differs
   * between releases, counts as having none, because the twin may run another release.
   *
   * @param line {@link KeyTable#GLOBAL}, or the first parameter of its line
   */
  static boolean isDefault(String line, Setting setting) {
    List<List<String>> defaults =
        DEFAULTS.getOrDefault(line, Map.of()).getOrDefault(setting.key(), List.of());
    boolean isSame =
        defaults.size() == 1
            || KeyTable.find(line, setting.key())
                .filter(key -> key.kind() == Kind.POLICY)
                .isEmpty();
    return isSame
        && defaults.stream().flatMap(List::stream).anyMatch(setting.value()::equalsIgnoreCase);
  }

  private static Map<String, Map<String, List<List<String>>>> read() {
    Map<String, Map<String, List<List<String>>>> defaults = new HashMap<>();
    Map<String, List<List<String>>> onLine = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String text :
        Resources.text(ScontrolDefaults.class, "scontrol-defaults.txt").split("\n", -1)) {
      Matcher line = LINE.matcher(text);
      if (line.matches()) {
        onLine = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        defaults.put(line.group(1), onLine);
      } else if (!text.isBlank() && !text.startsWith("#")) {
        List<String> columns = Stream.of(text.split("\\|", -1)).map(String::strip).toList();
        onLine.put(
            columns.get(0),
            columns.stream().skip(1).map(each -> List.of(each.split(" = ", -1))).toList());
      }
    }
    return defaults;
  }
}
