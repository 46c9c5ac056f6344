/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Slurm's host list expressions: {@code compute-[0-3,8]} is compute-0 to compute-3 and compute-8,
 * {@code n[08-10]} keeps the leading zeros, {@code login,n[1-2]} is a list of them. See
 * scontrol(1), "show hostnames".
 */
public final class HostList {

  private static final Pattern BRACKETS = Pattern.compile("^([^\\[\\]]*)\\[([^\\[\\]]*)](.*)$");
  private static final Pattern RANGE = Pattern.compile("(\\d{1,6})(?:-(\\d{1,6}))?");

  /** A name with its last number. */
  private static final Pattern NUMBERED = Pattern.compile("(.*?)(\\d{1,6})(\\D*)");

  private static final Pattern COMMA_OUTSIDE_BRACKETS = Pattern.compile(",(?![^\\[\\]]*])");

  /** The maximum number of nodes in Slurm. */
  private static final int MOST = 65_533;

  private HostList() {}

  /**
   * Returns the names of an expression; a plain name is returned as it is.
   *
   * @throws IllegalArgumentException whose message continues a sentence that starts with the
   *     expression
   */
  public static List<String> expand(String expression) {
    List<String> names = new ArrayList<>();
    for (String part : COMMA_OUTSIDE_BRACKETS.split(expression, -1)) {
      names.addAll(expandOne(part));
      if (names.size() > MOST) {
        throw tooMany();
      }
    }
    return names;
  }

  private static List<String> expandOne(String expression) {
    Matcher brackets = BRACKETS.matcher(expression);
    if (!brackets.matches()) {
      if (expression.indexOf('[') >= 0 || expression.indexOf(']') >= 0) {
        throw notNumbers();
      }
      return List.of(expression);
    }
    List<String> names = new ArrayList<>();
    List<String> rests = expandOne(brackets.group(3));
    for (String part : brackets.group(2).split(",", -1)) {
      Matcher range = RANGE.matcher(part);
      if (!range.matches()) {
        throw notNumbers();
      }
      String first = range.group(1);
      int begin = Integer.parseInt(first);
      int end = range.group(2) == null ? begin : Integer.parseInt(range.group(2));
      if (end < begin || names.size() + (end - begin + 1L) * rests.size() > MOST) {
        throw tooMany();
      }
      for (int number = begin; number <= end; number++) {
        for (String rest : rests) {
          names.add(brackets.group(1) + digits(number, first.length()) + rest);
        }
      }
    }
    return names;
  }

  private static IllegalArgumentException notNumbers() {
    return new IllegalArgumentException(
        "is not a host list: write numbers and ranges in the brackets, as in [0-3,8]");
  }

  private static IllegalArgumentException tooMany() {
    return new IllegalArgumentException(
        "is not a host list: a range must rise, and stand for " + MOST + " names at most");
  }

  private static String digits(int number, int width) {
    String text = Integer.toString(number);
    return "0".repeat(Math.max(0, width - text.length())) + text;
  }

  /**
   * Returns an expression for names, which combines names that differ in their last number: {@code
   * n1}, {@code n2} and {@code login} are {@code n[1-2],login}.
   */
  public static String of(Collection<String> names) {
    Map<List<String>, List<Range>> kinds = new LinkedHashMap<>();
    for (String name : names) {
      Matcher numbered = NUMBERED.matcher(name);
      if (!numbered.matches()) {
        kinds.put(List.of(name), List.of());
        continue;
      }
      List<Range> ranges =
          kinds.computeIfAbsent(
              List.of(numbered.group(1), numbered.group(3)), kind -> new ArrayList<>());
      String number = numbered.group(2);
      if (ranges.isEmpty() || !ranges.get(ranges.size() - 1).takes(number)) {
        ranges.add(new Range(number));
      }
    }
    List<String> expressions = new ArrayList<>();
    kinds.forEach((kind, ranges) -> expressions.add(expression(kind, ranges)));
    return String.join(",", expressions);
  }

  private static String expression(List<String> kind, List<Range> ranges) {
    if (ranges.isEmpty()) {
      return kind.get(0);
    }
    String numbers = String.join(",", ranges.stream().map(Range::toString).toList());
    boolean single = ranges.size() == 1 && ranges.get(0).first.equals(ranges.get(0).last);
    return kind.get(0) + (single ? numbers : "[" + numbers + "]") + kind.get(1);
  }

  /** Consecutive numbers with the same leading zeros. */
  private static final class Range {
    private final String first;
    private String last;

    Range(String number) {
      first = number;
      last = number;
    }

    /** Adds a number if it is the next, and returns whether it was. */
    boolean takes(String number) {
      if (!number.equals(digits(Integer.parseInt(last) + 1, first.length()))) {
        return false;
      }
      last = number;
      return true;
    }

    @Override
    public String toString() {
      return first.equals(last) ? first : first + "-" + last;
    }
  }
}
