/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import java.util.regex.Pattern;

/**
 * Statistics of slurmctld's schedulers since its start.
 *
 * @param cycles number of scheduling cycles
 */
public record SchedulerStatistics(long cycles) {

  private static final Pattern CYCLES = Pattern.compile("(?m)^\\s*Total cycles: +(\\d+)");

  /** Reads the output of {@code sdiag}, for the main scheduler and for backfill. */
  public static SchedulerStatistics read(String sdiag) {
    return new SchedulerStatistics(
        CYCLES.matcher(sdiag).results().mapToLong(cycles -> Long.parseLong(cycles.group(1))).sum());
  }
}
