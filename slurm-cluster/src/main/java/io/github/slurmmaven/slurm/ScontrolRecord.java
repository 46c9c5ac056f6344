/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.SlurmClusterException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One record of {@code scontrol --oneliner show}: keys and values on a line. Slurm does not quote
 * values, so a name or comment may contain blanks, equals signs and even line breaks. Times are
 * seconds since 1970, because of {@code SLURM_TIME_FORMAT=%s}.
 */
final class ScontrolRecord {

  /** Texts of scontrol for no value. */
  private static final Set<String> NOTHING = Set.of("", "(null)", "N/A", "None", "Unknown");

  private static final Pattern SECONDS = Pattern.compile("\\d{1,12}");

  private final String text;

  ScontrolRecord(String text) {
    this.text = text;
  }

  /**
   * Splits an output into records.
   *
   * @param begin beginning of each record, for example {@code JobId=\d+ }
   */
  static List<ScontrolRecord> split(String answer, Pattern begin) {
    List<ScontrolRecord> records = new ArrayList<>();
    StringBuilder record = new StringBuilder();
    for (String line : answer.split("\n", -1)) {
      if (begin.matcher(line).lookingAt()) {
        add(record, records);
        record.append(line);
      } else if (!record.isEmpty()) {
        record.append('\n').append(line);
      }
    }
    add(record, records);
    return records;
  }

  private static void add(StringBuilder record, List<ScontrolRecord> records) {
    if (!record.isEmpty()) {
      records.add(new ScontrolRecord(record.toString().stripTrailing()));
      record.setLength(0);
    }
  }

  /** Matches the whole record. */
  Matcher match(Pattern pattern) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new SlurmClusterException("scontrol's answer is not understood: " + text);
    }
    return matcher;
  }

  /** Returns a value without blanks, from the first field with that key. */
  Optional<String> word(String key) {
    Matcher field = Pattern.compile("(?:^|\\s)" + Pattern.quote(key) + "=(\\S*)").matcher(text);
    return field.find() ? something(field.group(1)) : Optional.empty();
  }

  /** Returns a number; 0 if there is none. */
  long number(String key) {
    return word(key)
        .map(
            digits -> {
              try {
                return Long.parseLong(digits);
              } catch (NumberFormatException e) {
                throw new SlurmClusterException(
                    "scontrol's answer is not understood: " + key + " is no number in " + text, e);
              }
            })
        .orElse(0L);
  }

  /** Returns a time. */
  Optional<Instant> time(String key) {
    return word(key).flatMap(ScontrolRecord::instant);
  }

  static Optional<Instant> instant(String seconds) {
    return SECONDS.matcher(seconds).matches()
        ? Optional.of(Instant.ofEpochSecond(Long.parseLong(seconds)))
        : Optional.empty();
  }

  /** Returns a value; empty for Slurm's texts for no value. */
  static Optional<String> something(@Nullable String value) {
    return Optional.ofNullable(value).filter(text -> !NOTHING.contains(text));
  }

  @Override
  public String toString() {
    return text;
  }
}
