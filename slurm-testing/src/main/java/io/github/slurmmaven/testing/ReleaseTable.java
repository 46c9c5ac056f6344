/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The results of tests by release, printed at the end of the run. */
final class ReleaseTable implements AutoCloseable {

  /** Results by severity: of several, as for a parameterized test, the worst counts. */
  private static final Map<String, Integer> SEVERITY =
      Map.of("passed", 0, "skipped", 1, "FAILED", 2);

  private final Consumer<String> printer;
  private final Map<String, Map<String, String>> results = new TreeMap<>();

  ReleaseTable(Consumer<String> printer) {
    this.printer = printer;
  }

  synchronized void add(String test, String release, String result) {
    results
        .computeIfAbsent(test, name -> new LinkedHashMap<>())
        .merge(
            release,
            result,
            (one, other) ->
                SEVERITY.getOrDefault(one, 0) >= SEVERITY.getOrDefault(other, 0) ? one : other);
  }

  @Override
  public synchronized void close() {
    SortedSet<String> releases = new TreeSet<>();
    results.values().forEach(row -> releases.addAll(row.keySet()));
    int width = results.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder("Tests on releases of Slurm\n");
    text.append(" ".repeat(width));
    releases.forEach(release -> text.append("  %-7s".formatted(release)));
    results.forEach(
        (test, row) -> {
          text.append('\n').append(("%-" + width + "s").formatted(test));
          releases.forEach(
              release -> text.append("  %-7s".formatted(row.getOrDefault(release, "-"))));
        });
    text.append('\n');
    text.toString().lines().map(String::stripTrailing).forEach(printer);
  }
}
