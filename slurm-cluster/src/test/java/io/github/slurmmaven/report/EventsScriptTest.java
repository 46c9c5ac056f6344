/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import io.github.slurmmaven.report.ReportData.LogEvent;
import io.github.slurmmaven.resource.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What events.sh finds in the daemons' logs. */
class EventsScriptTest {

  private static final String ERROR = "[2026-11-30T10:00:00.000] error: no %d";
  private static final String OTHER = "[2026-11-30T10:00:00.000] slurmd started";

  @TempDir Path directory;

  private void log(String name, String... lines) throws IOException {
    Files.write(directory.resolve(name + ".log"), List.of(lines));
  }

  private List<String> events(String... nodes) throws Exception {
    return answer(nodes).lines().toList();
  }

  private String answer(String... nodes) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                Resources.text(HistoryReport.class, "events.sh"),
                "events",
                directory.toString(),
                "2"));
    command.addAll(List.of(nodes));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }

  @Test
  void showsTheLastLinesOfEachNodeOfAMachine() throws Exception {
    log("c1", ERROR.formatted(1), OTHER, ERROR.formatted(2), ERROR.formatted(3));
    log("c2", OTHER);
    log("c3", ERROR.formatted(4));

    assertThat(events("c1", "c2", "c3", "elsewhere"))
        .containsExactly(
            "c1 3 2",
            ERROR.formatted(2),
            ERROR.formatted(3),
            "c2 0 0",
            "c3 1 1",
            ERROR.formatted(4));
  }

  @Test
  void showsOnlyItsOwnWhereTheNodeHasAMachineOfItsOwn() throws Exception {
    log("slurmctld", ERROR.formatted(1));
    log("slurmd", OTHER, "[2026-11-30T10:00:00.000] Nodes c2 not responding");

    assertThat(events("c1", "c2"))
        .containsExactlyInAnyOrder(
            "c1 2 2", ERROR.formatted(1), "[2026-11-30T10:00:00.000] Nodes c2 not responding");
  }

  @Test
  void aNodeWithoutALogHasNothing() throws Exception {
    assertThat(events("c1")).containsExactly("c1 0 0");
  }

  /** A program that a daemon runs may print one, and the daemon logs it. */
  @Test
  void aCarriageReturnInAMessageDoesNotEndItsLine() throws Exception {
    log("c1", "[2026-11-30T10:00:00.000] error: prolog: 1 %\r2 %", OTHER);
    log("c2", ERROR.formatted(1), ERROR.formatted(2), ERROR.formatted(3));
    List<LogEvent> events = new ArrayList<>();

    assertThat(new EventReader(ZoneOffset.UTC).read(answer("c1", "c2"), events))
        .containsOnly(entry("c1", 0L), entry("c2", 1L));

    assertThat(events)
        .extracting(LogEvent::source, LogEvent::text)
        .containsExactly(
            tuple("c1", "error: prolog: 1 %\r2 %"),
            tuple("c2", "error: no 2"),
            tuple("c2", "error: no 3"));
  }
}
