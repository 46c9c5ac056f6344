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

/** The treatment of each parameter of slurm.conf in a twin: the table {@code keys.txt}. */
final class KeyTable {

  /** The treatment of a parameter. */
  enum Kind {
    /** Kept, because it affects jobs. */
    POLICY,
    /** Kept with the site's accounting data, and otherwise left out. */
    ACCOUNTING,
    /** Left out, because the twin has its own value or no such thing. */
    INFRASTRUCTURE,
    /** Kept with another value. */
    ADAPTED
  }

  /**
   * A parameter.
   *
   * @param name its name in Slurm's documentation
   * @param kind its treatment
   * @param reason why it is not kept; empty if it is
   * @param source the release whose own table was read
   * @param since first release that has it; null if 22.05 has it
   * @param until first later release that does not have it; null if the newest has it
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

  /** The line of parameters outside of node and partition lines. */
  static final String GLOBAL = "slurm.conf";

  static final String NODE = "NodeName";
  static final String PARTITION = "PartitionName";
  static final String NODE_SET = "NodeSet";

  private static final Pattern LINE = Pattern.compile("\\[(.*)]");
  private static final Pattern NAME = Pattern.compile("(\\w+)(?:@([\\d.]+))?(?:<([\\d.]+))?");

  /** Keys by line and name, in any case. */
  private static final Map<String, Map<String, Key>> KEYS = read();

  private KeyTable() {}

  /**
   * Finds a parameter.
   *
   * @param line {@link #GLOBAL}, or the first parameter of its line
   */
  static Optional<Key> find(String line, String name) {
    return Optional.ofNullable(KEYS.getOrDefault(line, Map.of()).get(name));
  }

  /** Returns all parameters of a line. */
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
