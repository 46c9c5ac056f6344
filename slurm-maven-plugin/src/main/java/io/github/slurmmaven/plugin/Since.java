/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.InvalidParameterException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/** Reads a moment of the past as people write it. */
final class Since {

  private Since() {}

  /**
   * @throws InvalidParameterException if the text is not a time
   */
  static Instant parse(String text) {
    String moment = text.strip().toUpperCase(Locale.ROOT);
    try {
      return moment.matches("[0-9].*[SMHD]")
          ? Instant.now().minus(duration(moment))
          : Instant.parse(moment);
    } catch (DateTimeParseException e) {
      throw new InvalidParameterException(
          "since", text, "is not a time: use 90s, 10m, 2h or 2026-01-31T12:00:00Z");
    }
  }

  private static Duration duration(String text) {
    int days = text.indexOf('D');
    String time = text.substring(days + 1);
    return Duration.parse("P" + text.substring(0, days + 1) + (time.isEmpty() ? "" : "T" + time));
  }
}
