/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.site.KeyTable.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** The differences between a site's files and the twin: each line once, with the reason. */
public final class SiteReport {

  /**
   * The report on a parameter of a file, for all of its lines.
   *
   * @param file the file
   * @param key the parameter
   * @param kind its treatment
   * @param reason why
   */
  private record Entry(String file, String key, Kind kind, String reason) {}

  /** Limits the listed lines, because scontrol has a line for each of thousands of nodes. */
  private static final int MOST_RANGES = 5;

  private final Map<Entry, TreeSet<Integer>> entries = new LinkedHashMap<>();

  SiteReport() {}

  /** Reports a parameter by its place, without its value, which may be secret. */
  void add(Setting setting, String key, Kind kind, String reason) {
    entries
        .computeIfAbsent(
            new Entry(setting.place().file(), key, kind, reason), entry -> new TreeSet<>())
        .add(setting.place().line());
  }

  /** Reports a file as a whole. */
  void add(String file, Kind kind, String reason) {
    entries.put(new Entry(file, "", kind, reason), new TreeSet<>());
  }

  /** Returns the number of reported parameters. */
  public int size() {
    return entries.size();
  }

  /** Returns the table, in the order of the files; empty when there is nothing to report. */
  public String text() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("file", "lines", "parameter", "in the twin", "reason"));
    List<String> files = entries.keySet().stream().map(Entry::file).distinct().toList();
    entries.entrySet().stream()
        .sorted(
            Comparator.comparingInt(
                    (Map.Entry<Entry, TreeSet<Integer>> entry) ->
                        files.indexOf(entry.getKey().file()))
                .thenComparingInt(
                    entry -> entry.getValue().isEmpty() ? 0 : entry.getValue().first()))
        .forEach(
            entry ->
                rows.add(
                    List.of(
                        entry.getKey().file(),
                        ranges(entry.getValue()),
                        entry.getKey().key(),
                        entry.getKey().kind() == Kind.INFRASTRUCTURE
                            ? "left out"
                            : entry.getKey().kind() == Kind.POLICY
                                ? "kept"
                                : entry.getKey().kind().name().toLowerCase(Locale.ROOT),
                        entry.getKey().reason())));
    return rows.size() == 1 ? "" : table(rows);
  }

  private static String ranges(SortedSet<Integer> lines) {
    StringBuilder text = new StringBuilder();
    Integer first = null;
    int ranges = 0;
    for (Integer line : lines) {
      if (first == null) {
        first = line;
      }
      if (!lines.contains(line + 1)) {
        if (++ranges > MOST_RANGES) {
          return text.append(",…").toString();
        }
        text.append(text.isEmpty() ? "" : ",").append(first);
        if (!first.equals(line)) {
          text.append('-').append(line);
        }
        first = null;
      }
    }
    return text.toString();
  }

  private static String table(List<List<String>> rows) {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    rows.forEach(
        row -> {
          for (int i = 0; i < columns; i++) {
            widths[i] = Math.max(widths[i], row.get(i).length());
          }
        });
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
