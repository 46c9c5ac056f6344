/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import io.github.slurmmaven.report.ReportData.ReportJob;
import io.github.slurmmaven.report.ReportData.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Adds up the resources of jobs over time. */
final class UsageSeries {

  private final TreeMap<Long, Long> changes = new TreeMap<>();

  private UsageSeries() {}

  /**
   * Adds up all jobs.
   *
   * @param from start of the series
   * @param to assumed end of jobs that have not ended
   */
  static Usage of(List<ReportJob> jobs, long from, long to) {
    return new Usage(
        held(jobs, ReportJob::cpus, from, to),
        held(jobs, ReportJob::memory, from, to),
        held(jobs, ReportJob::gpus, from, to),
        waiting(jobs, from, to));
  }

  private static List<long[]> held(
      List<ReportJob> jobs, ToLongFunction<ReportJob> amount, long from, long to) {
    UsageSeries series = new UsageSeries();
    for (ReportJob job : jobs) {
      if (job.started() != null) {
        series.add(job.started(), first(job.freed(), job.ended(), to), amount.applyAsLong(job));
      }
    }
    return series.points(from);
  }

  private static List<long[]> waiting(List<ReportJob> jobs, long from, long to) {
    UsageSeries series = new UsageSeries();
    for (ReportJob job : jobs) {
      if (job.submitted() != null) {
        series.add(job.submitted(), first(job.started(), job.ended(), to), 1);
      }
    }
    return series.points(from);
  }

  private static long first(@Nullable Long one, @Nullable Long other, long last) {
    return one != null ? one : Objects.requireNonNullElse(other, last);
  }

  private void add(long begin, long end, long amount) {
    if (end > begin && amount != 0) {
      changes.merge(begin, amount, Long::sum);
      changes.merge(end, -amount, Long::sum);
    }
  }

  private List<long[]> points(long from) {
    List<long[]> points = new ArrayList<>();
    long sum = 0;
    points.add(new long[] {from, 0});
    for (var change : changes.entrySet()) {
      sum += change.getValue();
      if (change.getKey() <= from) {
        points.set(0, new long[] {from, sum});
      } else if (change.getValue() != 0) {
        points.add(new long[] {change.getKey(), sum});
      }
    }
    return points;
  }
}
