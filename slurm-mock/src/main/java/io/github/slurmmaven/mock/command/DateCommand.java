/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code date}, with the usual formats. */
final class DateCommand {

  private static final Map<Character, String> PATTERNS =
      Map.ofEntries(
          Map.entry('Y', "uuuu"),
          Map.entry('m', "MM"),
          Map.entry('d', "dd"),
          Map.entry('H', "HH"),
          Map.entry('M', "mm"),
          Map.entry('S', "ss"),
          Map.entry('N', "nnnnnnnnn"),
          Map.entry('F', "uuuu-MM-dd"),
          Map.entry('T', "HH:mm:ss"),
          Map.entry('j', "DDD"),
          Map.entry('y', "uu"),
          Map.entry('b', "MMM"),
          Map.entry('a', "EEE"),
          Map.entry('z', "xx"),
          Map.entry('Z', "zzz"));

  private DateCommand() {}

  static String format(Instant now, List<String> arguments) {
    ZoneId zone = arguments.contains("-u") ? ZoneId.of("UTC") : ZoneId.systemDefault();
    ZonedDateTime time = now.atZone(zone);
    String format =
        arguments.stream()
            .filter(argument -> argument.startsWith("+"))
            .map(argument -> argument.substring(1))
            .findFirst()
            .orElse("%a %b %d %H:%M:%S %Z %Y");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        text.append(c);
        continue;
      }
      char letter = format.charAt(++i);
      String pattern = PATTERNS.get(letter);
      if (letter == 's') {
        text.append(now.getEpochSecond());
      } else if (pattern == null) {
        text.append(letter == '%' ? "%" : "%" + letter);
      } else {
        text.append(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time));
      }
    }
    return text.toString();
  }
}
