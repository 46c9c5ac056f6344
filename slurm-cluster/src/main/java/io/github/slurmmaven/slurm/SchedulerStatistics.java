/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import java.util.regex.Pattern;

/**
 * What slurmctld has done to schedule jobs since it started.
 *
 * @param cycles how often it looked for nodes for jobs
 */
public record SchedulerStatistics(long cycles) {

  private static final Pattern CYCLES = Pattern.compile("(?m)^\\s*Total cycles: +(\\d+)");

  /** Reads what {@code sdiag} prints: of the main scheduler, and of the one that fills gaps. */
  public static SchedulerStatistics read(String sdiag) {
    return new SchedulerStatistics(
        CYCLES.matcher(sdiag).results().mapToLong(cycles -> Long.parseLong(cycles.group(1))).sum());
  }
}
