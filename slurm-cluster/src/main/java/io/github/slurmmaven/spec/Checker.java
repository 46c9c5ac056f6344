/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.spec;

import io.github.slurmmaven.report.InvalidParameterException;
import io.github.slurmmaven.report.UserMistakeException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the parts of one YAML document, and names document and path in what it throws. */
final class Checker {

  /** Host names of nodes and names of partitions go into slurm.conf, /etc/hosts and Compose. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  /** Slurm's time notations: https://slurm.schedmd.com/sbatch.html#OPT_time. */
  private static final Pattern TIME =
      Pattern.compile("UNLIMITED|INFINITE|\\d+(:\\d+){0,2}|\\d+-\\d+(:\\d+){0,2}");

  private final String source;

  Checker(String source) {
    this.source = source;
  }

  UserMistakeException mistake(String path, Object value, String problem) {
    return new UserMistakeException(source + ": " + path + ": '" + value + "' " + problem);
  }

  <T> T present(String path, @Nullable T value) {
    if (value == null) {
      throw new UserMistakeException(source + ": " + path + " is missing");
    }
    return value;
  }

  <T> List<T> notEmpty(String path, @Nullable List<T> values) {
    if (values == null || values.isEmpty()) {
      throw new UserMistakeException(source + ": " + path + " is empty: at least one is needed");
    }
    return values;
  }

  <T, R> List<R> each(String path, List<T> values, BiFunction<String, T, R> convert) {
    List<R> results = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      String element = path + "[" + i + "]";
      results.add(convert.apply(element, present(element, values.get(i))));
    }
    return results;
  }

  String name(String path, String name) {
    if (!NAME.matcher(name).matches()) {
      throw mistake(
          path,
          name,
          "is not a name: use lower-case letters, digits and '-', beginning and ending with a letter"
              + " or digit, 63 at most");
    }
    return name;
  }

  String time(String path, String time) {
    if (!TIME.matcher(time).matches()) {
      throw mistake(
          path,
          time,
          "is not a time limit: use minutes, [days-]hours:minutes:seconds or UNLIMITED");
    }
    return time;
  }

  int atLeast(String path, int value, int minimum) {
    return inSource(() -> Checks.atLeast(path, value, minimum));
  }

  void unique(String path, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw mistake(path, name, "stands there twice: names must differ");
      }
    }
  }

  void exactlyOne(String path, long count, String what) {
    if (count != 1) {
      throw new UserMistakeException(
          source + ": " + path + " has " + count + " of a " + what + ": exactly one is needed");
    }
  }

  void known(String path, String name, List<String> names, String what) {
    if (!names.contains(name)) {
      throw mistake(
          path, name, "is not a " + what + " of this cluster: use " + String.join(", ", names));
    }
  }

  /** Runs a check of a parameter as one of this document. */
  <T> T inSource(Supplier<T> check) {
    try {
      return check.get();
    } catch (InvalidParameterException e) {
      throw new UserMistakeException(source + ": " + e.getMessage(), e);
    }
  }
}
