/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.report.ReportData.LogEvent;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventReaderTest {

  private static final EventReader READER = new EventReader(ZoneOffset.ofHours(2));

  @ParameterizedTest
  @CsvSource({
    "error: Nodes n3 not responding, error",
    "fatal: Unable to bind, error",
    "[6.batch] error: Detected 1 oom_kill event, error",
    "warning: Note very large processing time, warning",
    "update_node: node n1 state set to DRAINED, node",
    "Node n1 now responding, node"
  })
  void readsTheKindAndTheTimeOfALine(String text, String kind) {
    assertThat(READER.read("n1", "[2026-11-30T11:00:00.250] " + text))
        .contains(
            new LogEvent(
                Instant.parse("2026-11-30T09:00:00.250Z").toEpochMilli(), "n1", kind, text));
  }

  @ParameterizedTest
  @CsvSource({"'error: no time'", "'[2026-99-30T11:00:00.250] error: no such time'"})
  void leavesOutALineWithoutATime(String line) {
    assertThat(READER.read("n1", line)).isEmpty();
  }

  @Test
  void findsHowLongJobsTookToComplete() {
    assertThat(
            EventReader.completions(
                List.of(
                    new LogEvent(
                        0,
                        "n1",
                        "node",
                        "cleanup_completing: JobId=7_1(12) completion process took 75 seconds"))))
        .containsEntry("7_1", 75000L);
  }
}
