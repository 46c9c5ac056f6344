/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Slurm's host list expressions: {@code compute-[0-3,8]} is compute-0 to compute-3 and compute-8,
 * {@code n[08-10]} keeps the leading zeros. See scontrol(1), "show hostnames".
 */
public final class HostList {

  private static final Pattern BRACKETS = Pattern.compile("^([^\\[\\]]*)\\[([^\\[\\]]*)](.*)$");
  private static final Pattern RANGE = Pattern.compile("(\\d{1,6})(?:-(\\d{1,6}))?");

  /** More than any cluster here can hold. */
  private static final int MOST = 10_000;

  private HostList() {}

  /**
   * The names that an expression stands for; a plain name stands for itself.
   *
   * @throws IllegalArgumentException saying what is wrong, to be read after the expression
   */
  public static List<String> expand(String expression) {
    Matcher brackets = BRACKETS.matcher(expression);
    if (!brackets.matches()) {
      return List.of(expression);
    }
    List<String> names = new ArrayList<>();
    List<String> rests = expand(brackets.group(3));
    for (String part : brackets.group(2).split(",", -1)) {
      Matcher range = RANGE.matcher(part);
      if (!range.matches()) {
        throw new IllegalArgumentException(
            "is not a host list: write numbers and ranges in the brackets, as in [0-3,8]");
      }
      String first = range.group(1);
      int begin = Integer.parseInt(first);
      int end = range.group(2) == null ? begin : Integer.parseInt(range.group(2));
      if (end < begin || names.size() + (end - begin + 1L) * rests.size() > MOST) {
        throw new IllegalArgumentException(
            "is not a host list: a range must rise, and stand for " + MOST + " names at most");
      }
      for (int number = begin; number <= end; number++) {
        String digits = "%0" + first.length() + "d";
        for (String rest : rests) {
          names.add(brackets.group(1) + digits.formatted(number) + rest);
        }
      }
    }
    return names;
  }
}
