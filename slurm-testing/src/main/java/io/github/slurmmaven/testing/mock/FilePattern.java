/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing.mock;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** File names with %j and its like; see "filename pattern" in sbatch(1). */
final class FilePattern {

  private static final Pattern REPLACED = Pattern.compile("%(\\d*)([%AajJNntsux])");

  private FilePattern() {}

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
