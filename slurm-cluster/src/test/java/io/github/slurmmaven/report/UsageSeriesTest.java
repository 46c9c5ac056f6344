/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.report.ReportData.Usage;
import java.util.List;
import org.junit.jupiter.api.Test;

class UsageSeriesTest {

  private static final long FROM = ReportSamples.time(0);
  private static final long TO = ReportSamples.time(100);

  @Test
  void addsUpWhatJobsHaveAtTheSameTime() {
    Usage usage =
        UsageSeries.of(
            List.of(
                ReportSamples.job("1", "a", JobState.COMPLETED, List.of("n1"), 0, 10, 30, "None"),
                ReportSamples.job(
                    "2", "b", JobState.RUNNING, List.of("n1", "n2"), 5, 20, -1, "None")),
            FROM,
            TO);

    assertThat(usage.cpus())
        .containsExactly(
            new long[] {FROM, 0},
            new long[] {ReportSamples.time(10), 2},
            new long[] {ReportSamples.time(20), 6},
            new long[] {ReportSamples.time(30), 4},
            new long[] {TO, 0});
    assertThat(usage.queue())
        .containsExactly(
            new long[] {FROM, 1},
            new long[] {ReportSamples.time(5), 2},
            new long[] {ReportSamples.time(10), 1},
            new long[] {ReportSamples.time(20), 0});
  }

  @Test
  void countsAJobThatCompletesUntilItsNodesAreFree() {
    Usage usage =
        UsageSeries.of(
            List.of(
                ReportSamples.job("1", "a", JobState.COMPLETING, List.of("n1"), 0, 10, 30, "None")),
            FROM,
            TO);

    assertThat(usage.cpus()).last().isEqualTo(new long[] {ReportSamples.time(44), 0});
  }

  @Test
  void beginsWithWhatWasInUseBefore() {
    Usage usage =
        UsageSeries.of(
            List.of(
                ReportSamples.job("1", "a", JobState.COMPLETED, List.of("n1"), 0, 0, 30, "None")),
            ReportSamples.time(20),
            TO);

    assertThat(usage.cpus())
        .containsExactly(
            new long[] {ReportSamples.time(20), 2}, new long[] {ReportSamples.time(30), 0});
  }
}
