/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Slurm's lists of host names: {@code n[1-3,7],login}. */
public final class HostList {

  private static final Pattern ITEM = Pattern.compile("([^,\\[]*)(?:\\[([^]]*)])?,?");
  private static final Pattern NUMBERED = Pattern.compile("(.*?)(\\d+)");

  private HostList() {}

  public static List<String> expand(String list) {
    List<String> names = new ArrayList<>();
    Matcher matcher = ITEM.matcher(list);
    while (matcher.find() && !matcher.group().isEmpty()) {
      if (matcher.group(2) == null) {
        names.add(matcher.group(1));
      } else {
        Ranges.expand(matcher.group(2)).forEach(number -> names.add(matcher.group(1) + number));
      }
    }
    return names;
  }

  public static String compress(List<String> names) {
    Map<String, TreeMap<Long, String>> numbered = new LinkedHashMap<>();
    for (String name : names) {
      Matcher matcher = NUMBERED.matcher(name);
      if (matcher.matches()) {
        numbered
            .computeIfAbsent(matcher.group(1), key -> new TreeMap<>())
            .put(Long.valueOf(matcher.group(2)), matcher.group(2));
      } else {
        numbered.put(name, new TreeMap<>());
      }
    }
    List<String> parts = new ArrayList<>();
    numbered.forEach(
        (prefix, numbers) -> {
          if (numbers.isEmpty()) {
            parts.add(prefix);
          } else if (numbers.size() == 1) {
            parts.add(prefix + numbers.firstEntry().getValue());
          } else {
            parts.add(prefix + "[" + Ranges.compress(numbers) + "]");
          }
        });
    return String.join(",", parts);
  }

  /** Numbers as ranges. */
  public static String compressNumbers(List<Integer> numbers) {
    TreeMap<Long, String> sorted = new TreeMap<>();
    numbers.forEach(number -> sorted.put((long) number, Integer.toString(number)));
    return Ranges.compress(sorted);
  }

  /** Number ranges: {@code 1-3,7}, {@code 1-10:3}. */
  public static final class Ranges {

    private static final Pattern RANGE = Pattern.compile("(\\d+)(?:-(\\d+)(?::(\\d+))?)?");

    private Ranges() {}

    /** The numbers, with their leading zeros; empty for what are no ranges. */
    public static List<String> expand(String text) {
      List<String> numbers = new ArrayList<>();
      for (String each : text.split(",", -1)) {
        Matcher range = RANGE.matcher(each);
        if (!range.matches()) {
          return List.of();
        }
        long first = Long.parseLong(range.group(1));
        long last = range.group(2) == null ? first : Long.parseLong(range.group(2));
        long step = range.group(3) == null ? 1 : Long.parseLong(range.group(3));
        if (last < first || step < 1 || last - first > 100_000) {
          return List.of();
        }
        for (long i = first; i <= last; i += step) {
          numbers.add(("%0" + range.group(1).length() + "d").formatted(i));
        }
      }
      return numbers;
    }

    public static String compress(SortedMap<Long, String> numbers) {
      List<String> parts = new ArrayList<>();
      List<Long> keys = List.copyOf(numbers.keySet());
      int i = 0;
      while (i < keys.size()) {
        int end = i;
        while (end + 1 < keys.size() && keys.get(end + 1) == keys.get(end) + 1) {
          end++;
        }
        String first = numbers.get(keys.get(i));
        parts.add(i == end ? first : first + "-" + numbers.get(keys.get(end)));
        i = end + 1;
      }
      return String.join(",", parts);
    }
  }
}
