/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** File names with %j and its like; see "filename pattern" in sbatch(1). */
final class FilePattern {

  private static final Pattern REPLACED = Pattern.compile("%(\\d*)([%AajJNntsux])");

  /** What scontrol of 24.11 replaces. */
  private static final Pattern SHOWN = Pattern.compile("%(\\d*)([%AajJux])");

  /** What scontrol of 22.05 replaces. */
  private static final Pattern SHOWN_BEFORE = Pattern.compile("%()([AajJux])");

  private FilePattern() {}

  /** The pattern as scontrol shows it; several tasks at once have no index. */
  static String show(String pattern, MockJob job, Jobs jobs, boolean group) {
    Pattern replaced = jobs.release().isNew() ? SHOWN : SHOWN_BEFORE;
    String known = group ? pattern.replace("%a", "4294967294") : pattern;
    return replaced
        .matcher(known)
        .replaceAll(
            match -> Matcher.quoteReplacement(value(match.group(1), match.group(2), job, jobs)));
  }

  static String fill(String pattern, MockJob job, Jobs jobs) {
    return REPLACED
        .matcher(pattern)
        .replaceAll(
            match -> Matcher.quoteReplacement(value(match.group(1), match.group(2), job, jobs)));
  }

  private static String value(String width, String letter, MockJob job, Jobs jobs) {
    String task = job.task().isPresent() ? Integer.toString(job.task().getAsInt()) : "4294967294";
    String value =
        switch (letter) {
          case "%" -> "%";
          case "A" -> Long.toString(job.arrayNumber());
          case "a" -> task;
          case "j", "J" -> Long.toString(job.number());
          case "N" -> jobs.topology().controller();
          case "u" -> job.user();
          case "x" -> job.settledName();
          case "s" -> "batch";
          default -> "0";
        };
    return width.isEmpty() || !value.matches("\\d+")
        ? value
        : ("%0" + Math.min(10, Integer.parseInt(width)) + "d").formatted(Long.valueOf(value));
  }
}
