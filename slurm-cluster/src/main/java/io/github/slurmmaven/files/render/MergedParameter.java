/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import io.github.slurmmaven.definition.SlurmConfLine;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A parameter of slurm.conf with a value of this project, and possibly one of the definition. Slurm
 * uses only its last line, so both are merged into one.
 */
enum MergedParameter {
  AUTH_INFO("AuthInfo"),
  EPILOG("Epilog"),
  JOB_ACCT_GATHER_PARAMS("JobAcctGatherParams"),
  SCHEDULER_PARAMETERS("SchedulerParameters"),
  SLURMD_PARAMETERS("SlurmdParameters"),
  TASK_PROLOG("TaskProlog");

  private final String key;

  MergedParameter(String key) {
    this.key = key;
  }

  String key() {
    return key;
  }

  /**
   * Returns our own options with those of the definition's lines, which replace our own of the same
   * name.
   */
  String merge(List<String> own, List<String> lines) {
    Map<String, String> options = new LinkedHashMap<>();
    Stream.concat(own.stream(), values(lines).stream().flatMap(MergedParameter::options))
        .forEach(option -> options.put(name(option), option));
    return String.join(",", options.values());
  }

  /** Returns the values in the definition's lines. */
  List<String> values(List<String> lines) {
    return lines.stream().flatMap(line -> SlurmConfLine.values(line, key)).toList();
  }

  private static Stream<String> options(String value) {
    return Stream.of(value.split(",")).map(String::strip).filter(option -> !option.isEmpty());
  }

  /** Returns an option's name. Slurm accepts upper and lower case. */
  private static String name(String option) {
    return option.split("=", 2)[0].toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the lines without the merged parameters. A line with no other parameter is left out.
   */
  static List<String> without(Collection<MergedParameter> merged, List<String> lines) {
    List<String> keys = merged.stream().map(MergedParameter::key).toList();
    return lines.stream().flatMap(line -> SlurmConfLine.without(line, keys).stream()).toList();
  }
}
