/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchedulerStatisticsTest {

  /** A part of what sdiag of Slurm 24.11 prints. */
  private static final String SDIAG =
      """
      Jobs submitted: 3

      Main schedule statistics (microseconds):
      \tLast cycle:   12
      \tTotal cycles: %d
      \tCycles per minute: 4
      Backfilling stats (WARNING: data obtained in the middle of backfilling execution.)
      \tTotal backfilled jobs (since last slurm start): 0
      \tTotal cycles: %d
      """;

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "12, 0, 12", "0, 1, 1", "12, 30, 42"})
  void countsTheLooksOfBothSchedulers(int main, int backfill, int cycles) {
    assertThat(SchedulerStatistics.read(SDIAG.formatted(main, backfill)).cycles())
        .isEqualTo(cycles);
  }

  @Test
  void countsNoneWhereSlurmSaysNothing() {
    assertThat(SchedulerStatistics.read("").cycles()).isZero();
  }
}
