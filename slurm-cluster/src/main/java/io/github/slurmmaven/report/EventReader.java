/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import io.github.slurmmaven.report.ReportData.LogEvent;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the lines of Slurm's logs that events.sh prints. */
final class EventReader {

  /** Times of Slurm's logs are local. */
  private static final Pattern LINE =
      Pattern.compile(
          "\\[(?<time>[0-9T:.-]+)] (?<text>(?:\\[[^]]*] )?(?:(?<kind>error|fatal|warning): )?.*)",
          Pattern.DOTALL);

  private static final Pattern COMPLETION =
      Pattern.compile(
          "JobId=(?<job>[0-9_+]+)\\S* completion process took (?<seconds>\\d+) seconds");

  private final ZoneOffset zone;

  EventReader(ZoneOffset zone) {
    this.zone = zone;
  }

  /**
   * Reads what events.sh prints for some nodes.
   *
   * @param events where the nodes' events are added
   * @return how many lines events.sh left out, by node whose logs it found
   */
  Map<String, Long> read(String answer, Collection<LogEvent> events) {
    // events.sh counts the lines that a newline ends. A message may contain a carriage return.
    List<String> lines = answer.isEmpty() ? List.of() : List.of(answer.split("\n"));
    Map<String, Long> leftOut = new HashMap<>();
    int next = 0;
    while (next < lines.size()) {
      String[] words = lines.get(next++).split(" ", 3);
      int shown = Integer.parseInt(words[2]);
      leftOut.put(words[0], Long.parseLong(words[1]) - shown);
      lines.subList(next, Math.min(next + shown, lines.size())).stream()
          .flatMap(line -> read(words[0], line).stream())
          .forEach(events::add);
      next += shown;
    }
    return leftOut;
  }

  /** Reads a line; empty if it has no time. */
  Optional<LogEvent> read(String source, String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      Instant time = LocalDateTime.parse(matcher.group("time")).toInstant(zone);
      String kind = matcher.group("kind");
      return Optional.of(
          new LogEvent(
              time.toEpochMilli(),
              source,
              kind == null ? "node" : kind.equals("fatal") ? "error" : kind,
              matcher.group("text")));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** Returns the milliseconds that jobs took to complete, by id. slurmctld logs long ones only. */
  static Map<String, Long> completions(List<LogEvent> events) {
    Map<String, Long> completions = new HashMap<>();
    for (LogEvent event : events) {
      Matcher completion = COMPLETION.matcher(event.text());
      if (completion.find()) {
        completions.put(
            completion.group("job"), Long.parseLong(completion.group("seconds")) * 1000);
      }
    }
    return completions;
  }
}
