/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and times as Slurm reads and writes them. */
public final class Times {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final Pattern LIMIT =
      Pattern.compile("(?:(\\d+)-(\\d+)(?::(\\d+))?(?::(\\d+))?)|(\\d+)(?::(\\d+))?(?::(\\d+))?");
  private static final Pattern RELATIVE =
      Pattern.compile("now(?:\\+(\\d+)(seconds?|minutes?|hours?|days?|weeks?)?)?");

  private Times() {}

  public static String time(Instant instant) {
    return TIME.format(instant);
  }

  /** A time limit: minutes, minutes:seconds, hours:minutes:seconds, days-hours… */
  public static Optional<Duration> limit(String text) {
    if (text.equalsIgnoreCase("UNLIMITED") || text.equalsIgnoreCase("INFINITE")) {
      return Optional.of(Duration.ofDays(365));
    }
    Matcher matcher = LIMIT.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    if (matcher.group(1) != null) {
      return Optional.of(
          Duration.ofDays(number(matcher, 1))
              .plusHours(number(matcher, 2))
              .plusMinutes(number(matcher, 3))
              .plusSeconds(number(matcher, 4)));
    }
    if (matcher.group(7) != null) {
      return Optional.of(
          Duration.ofHours(number(matcher, 5))
              .plusMinutes(number(matcher, 6))
              .plusSeconds(number(matcher, 7)));
    }
    return Optional.of(Duration.ofMinutes(number(matcher, 5)).plusSeconds(number(matcher, 6)));
  }

  private static long number(Matcher matcher, int group) {
    String text = matcher.group(group);
    return text == null ? 0 : Long.parseLong(text);
  }

  /**
   * A point in time: {@code now+1hour}, {@code 2030-01-01}, {@code 2030-01-01T10:00}, {@code
   * 16:00}.
   */
  static Optional<Instant> point(String text, Instant now) {
    Matcher relative = RELATIVE.matcher(text);
    if (relative.matches()) {
      long count = number(relative, 1);
      String unit = relative.group(2) == null ? "seconds" : relative.group(2);
      return Optional.of(
          now.plus(
              switch (unit.charAt(0)) {
                case 'm' -> Duration.ofMinutes(count);
                case 'h' -> Duration.ofHours(count);
                case 'd' -> Duration.ofDays(count);
                case 'w' -> Duration.ofDays(7 * count);
                default -> Duration.ofSeconds(count);
              }));
    }
    ZoneId zone = ZoneId.systemDefault();
    try {
      if (text.matches("\\d{4}-\\d\\d-\\d\\d")) {
        return Optional.of(LocalDate.parse(text).atStartOfDay(zone).toInstant());
      }
      if (text.contains("T")) {
        return Optional.of(LocalDateTime.parse(text).atZone(zone).toInstant());
      }
      if (text.matches("\\d\\d:\\d\\d(:\\d\\d)?")) {
        LocalDateTime today = LocalDate.ofInstant(now, zone).atTime(LocalTime.parse(text));
        Instant at = today.atZone(zone).toInstant();
        return Optional.of(at.isBefore(now) ? today.plusDays(1).atZone(zone).toInstant() : at);
      }
    } catch (DateTimeException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /** As squeue shows it: 0:00, 10:00, 1:00:00, 1-00:00:00. */
  public static String brief(Duration duration) {
    long days = duration.toDays();
    if (days > 0) {
      return "%d-%02d:%02d:%02d"
          .formatted(
              days, duration.toHoursPart(), duration.toMinutesPart(), duration.toSecondsPart());
    }
    return duration.toHours() > 0
        ? "%d:%02d:%02d"
            .formatted(duration.toHours(), duration.toMinutesPart(), duration.toSecondsPart())
        : "%d:%02d".formatted(duration.toMinutes(), duration.toSecondsPart());
  }

  /** As scontrol shows it: 00:10:00, 1-00:00:00. */
  public static String full(Duration duration) {
    String hours =
        "%02d:%02d:%02d"
            .formatted(duration.toHoursPart(), duration.toMinutesPart(), duration.toSecondsPart());
    return duration.toDays() > 0 ? duration.toDays() + "-" + hours : hours;
  }
}
