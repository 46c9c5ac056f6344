/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A parameter of slurm.conf whose value is a list of options, such as SchedulerParameters. Slurm
 * takes only its last line, so that the definition's options are merged into our own.
 */
enum OptionList {
  AUTH_INFO("AuthInfo"),
  JOB_ACCT_GATHER_PARAMS("JobAcctGatherParams"),
  SCHEDULER_PARAMETERS("SchedulerParameters"),
  SLURMD_PARAMETERS("SlurmdParameters");

  /** What Slurm reads of a line; the rest is a comment. */
  private static final Pattern UNTIL_COMMENT = Pattern.compile("(?:[^#\\\\]|\\\\.)*+");

  private final Pattern parameter;

  OptionList(String name) {
    // A line may hold several parameters.
    parameter = Pattern.compile("(?i)(?<!\\S)" + name + "\\s*\\+?=\\s*(?:\"([^\"]*)\"|(\\S+))");
  }

  /**
   * Returns our own options with those of the definition's lines, which replace our own of the same
   * name.
   */
  String merge(List<String> own, List<String> lines) {
    Map<String, String> options = new LinkedHashMap<>();
    Stream.concat(own.stream(), lines.stream().flatMap(this::options))
        .forEach(option -> options.put(name(option), option));
    return String.join(",", options.values());
  }

  private Stream<String> options(String line) {
    return parameter
        .matcher(withoutComment(line))
        .results()
        .map(found -> found.group(1) != null ? found.group(1) : found.group(2))
        .flatMap(value -> Stream.of(value.split(",")))
        .map(String::strip)
        .filter(option -> !option.isEmpty());
  }

  /** Slurm takes names in upper or lower case. */
  private static String name(String option) {
    return option.split("=", 2)[0].toLowerCase(Locale.ROOT);
  }

  /** Returns the line without the parameters that are merged; nothing if no more was in it. */
  static Stream<String> withoutMerged(String line) {
    String read = withoutComment(line);
    String rest = read;
    for (OptionList list : values()) {
      rest = list.parameter.matcher(rest).replaceAll("");
    }
    return rest.equals(read)
        ? Stream.of(line)
        : Stream.of((rest + line.substring(read.length())).strip()).filter(left -> !left.isEmpty());
  }

  private static String withoutComment(String line) {
    Matcher read = UNTIL_COMMENT.matcher(line);
    return read.lookingAt() ? read.group() : line;
  }
}
