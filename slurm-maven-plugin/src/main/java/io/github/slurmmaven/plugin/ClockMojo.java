/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.ClusterClock;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Prints what time it is in a cluster and how fast its time passes, and moves the clock forward:
 * Slurm then ends jobs at their limits, and starts those that were to begin later.
 *
 * @since 0.1.0
 */
@Mojo(name = "clock", requiresProject = false, aggregator = true, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class ClockMojo extends AbstractExistingClusterMojo {

  private static final String ALLOWED =
      "is not a duration: use a number and s, m, h or d, for example 90m, or several of them as in"
          + " 1d12h";

  private static final Pattern PART = Pattern.compile("(\\d{1,9})([smhd])");
  private static final Pattern PARTS = Pattern.compile("(" + PART.pattern() + ")+");

  /**
   * How far the clock is moved forward, for example {@code 90m}, {@code 8h} or {@code 1d12h}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.advance")
  @Nullable String advance;

  /**
   * The time that the clock is moved forward to, for example {@code 2027-01-01T08:00:00Z}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.advanceTo")
  @Nullable String advanceTo;

  /**
   * How many seconds pass in the cluster for each second of the machine from now on: 1 to the
   * cluster's {@code clockSpeed}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.speed")
  @Nullable String speed;

  @Override
  void run(SlurmCluster cluster) {
    if (advance != null && advanceTo != null) {
      throw new InvalidParameterException(
          "advanceTo", advanceTo, "cannot be combined with advance: name one of the two");
    }
    Integer newSpeed =
        WholeNumber.parse("speed", speed, "a speed, from 1 to the cluster's clockSpeed");
    Duration duration = advance == null ? null : duration(advance);
    Instant time = advanceTo == null ? null : instant(advanceTo);
    ClusterClock clock = cluster.clock();
    if (newSpeed != null) {
      clock.setSpeed(newSpeed);
    }
    if (duration != null) {
      clock.advance(duration);
    }
    if (time != null) {
      clock.advanceTo(time);
    }
    int now = clock.speed();
    Console.println(
        "%s, %s"
            .formatted(
                clock.now().truncatedTo(ChronoUnit.SECONDS),
                now == 1
                    ? "at the speed of the machine's clock"
                    : "%d times as fast as the machine's clock".formatted(now)));
  }

  private static Duration duration(String text) {
    String parts = text.strip().toLowerCase(Locale.ROOT);
    if (!PARTS.matcher(parts).matches()) {
      throw new InvalidParameterException("advance", text, ALLOWED);
    }
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(parts);
    while (part.find()) {
      long number = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
              });
    }
    return sum;
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text.strip());
    } catch (DateTimeParseException e) {
      throw new InvalidParameterException(
          "advanceTo", text, "is not a time: use one such as 2027-01-01T08:00:00Z, in UTC");
    }
  }
}
