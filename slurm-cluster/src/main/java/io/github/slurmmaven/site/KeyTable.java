/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.resource.Resources;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What becomes of each parameter of slurm.conf in a twin: the table {@code keys.txt}. */
final class KeyTable {

  /** What becomes of a parameter. */
  enum Kind {
    /** Is kept, as it decides about jobs. */
    POLICY,
    /** Is kept with the site's accounting data, and otherwise left out. */
    ACCOUNTING,
    /** Is left out, as the twin has its own or nothing of the kind. */
    INFRASTRUCTURE,
    /** Has another value in the twin. */
    ADAPTED
  }

  /**
   * A parameter.
   *
   * @param name its name as Slurm's documentation writes it
   * @param kind what becomes of it
   * @param reason why it is not kept; empty for what is
   * @param source the release whose own table was read
   * @param since first release that knows it; null when 22.05 does
   * @param until first release that knows it no more; null when the newest does
   */
  record Key(
      String name,
      Kind kind,
      String reason,
      String source,
      @Nullable String since,
      @Nullable String until) {

    boolean isKnownTo(SlurmVersion release) {
      return (since == null || release.compareTo(SlurmVersion.of(since)) >= 0)
          && (until == null || release.compareTo(SlurmVersion.of(until)) < 0);
    }
  }

  /** The line of parameters that stand alone. */
  static final String GLOBAL = "slurm.conf";

  static final String NODE = "NodeName";
  static final String PARTITION = "PartitionName";
  static final String NODE_SET = "NodeSet";

  private static final Pattern LINE = Pattern.compile("\\[(.*)]");
  private static final Pattern NAME = Pattern.compile("(\\w+)(?:@([\\d.]+))?(?:<([\\d.]+))?");

  /** By the line that it stands on, and its name in any case. */
  private static final Map<String, Map<String, Key>> KEYS = read();

  private KeyTable() {}

  /**
   * A parameter.
   *
   * @param line {@link #GLOBAL}, or the first parameter of the line that it stands on
   */
  static Optional<Key> find(String line, String name) {
    return Optional.ofNullable(KEYS.getOrDefault(line, Map.of()).get(name));
  }

  /** All parameters that may stand on a line. */
  static List<Key> on(String line) {
    return List.copyOf(KEYS.getOrDefault(line, Map.of()).values());
  }

  private static Map<String, Map<String, Key>> read() {
    Map<String, Map<String, Key>> keys = new HashMap<>();
    Map<String, Key> onLine = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String text : Resources.text(KeyTable.class, "keys.txt").split("\n", -1)) {
      Matcher line = LINE.matcher(text);
      if (line.matches()) {
        onLine = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        keys.put(line.group(1), onLine);
      } else if (!text.isBlank() && !text.startsWith("#")) {
        String[] columns = text.split("\\|", -1);
        for (String word : columns[3].strip().split(" ", -1)) {
          Key key = key(columns, word);
          if (onLine.put(key.name(), key) != null) {
            throw new IllegalStateException("keys.txt has " + key.name() + " twice");
          }
        }
      }
    }
    return keys;
  }

  private static Key key(String[] columns, String word) {
    Matcher name = NAME.matcher(word);
    if (!name.matches()) {
      throw new IllegalStateException("keys.txt cannot be read at " + word);
    }
    return new Key(
        name.group(1),
        Kind.valueOf(columns[0].strip().toUpperCase(Locale.ROOT)),
        columns[1].strip(),
        columns[2].strip(),
        name.group(2),
        name.group(3));
  }
}
