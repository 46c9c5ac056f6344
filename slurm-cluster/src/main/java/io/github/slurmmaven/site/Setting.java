/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.UserMistakeException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A parameter with its value in the site's files.
 *
 * @param key the parameter as the site writes it, in upper or lower case
 * @param value the value, without quotes
 * @param place place of the parameter
 */
record Setting(String key, String value, Place place) {

  /** Slurm's numbers. Suffixes are powers of 1024. */
  private static final Pattern NUMBER = Pattern.compile("(\\d{1,12})([kKmM]?)");

  boolean is(String name) {
    return key.equalsIgnoreCase(name);
  }

  /** Whether the value is one of Slurm's words for yes. */
  boolean isYes() {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "yes", "up", "true", "1" -> true;
      default -> false;
    };
  }

  /** Returns the value as a whole number. */
  int number() {
    Matcher number = NUMBER.matcher(value);
    if (!number.matches()) {
      throw mistake("is not a whole number: correct it, or fill in what a template left open");
    }
    long unit =
        switch (number.group(2).toLowerCase(Locale.ROOT)) {
          case "k" -> 1024;
          case "m" -> 1024 * 1024;
          default -> 1;
        };
    return (int) Math.min(Integer.MAX_VALUE, Long.parseLong(number.group(1)) * unit);
  }

  /** Returns the parameter with another value. */
  Setting with(String newValue) {
    return new Setting(key, newValue, place);
  }

  /** Returns the exception for the value. */
  UserMistakeException mistake(String problem) {
    return place.mistake(key + "=" + value, problem);
  }
}
