/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.report.ReportData.LogEvent;
import io.github.slurmmaven.report.ReportData.ReportJob;
import io.github.slurmmaven.report.ReportData.ReportNode;
import io.github.slurmmaven.report.ReportData.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Reports with fixed data. */
final class ReportSamples {

  /** 2026-11-30 09:00:00 UTC. */
  private static final long BEGIN = 1796029200000L;

  /** A name that ends a script element and begins another one. */
  static final String HOSTILE = "</script><script>document.title='broken'</script>";

  private ReportSamples() {}

  /** A few jobs of every kind on four nodes. */
  static ReportData small() {
    List<ReportJob> jobs =
        List.of(
            job("1", "hello", JobState.COMPLETED, List.of("n1"), 0, 1, 61, "None"),
            job("2", "solver", JobState.FAILED, List.of("n1", "n2"), 2, 5, 40, "NonZeroExitCode"),
            job("3", HOSTILE, JobState.COMPLETED, List.of("n1"), 3, 8, 100, "None"),
            job("4", "too-long", JobState.TIMEOUT, List.of("n2"), 10, 40, 100, "TimeLimit"),
            job("5", "lost", JobState.NODE_FAIL, List.of("n3"), 12, 20, 70, "None"),
            job("6", "leaks", JobState.OUT_OF_MEMORY, List.of("g1"), 14, 20, 55, "OutOfMemory"),
            job("7", "stopped", JobState.CANCELLED, List.of("g1"), 15, 60, 90, "None"),
            job("8", "never", JobState.CANCELLED, List.of(), 16, -1, 66, "Dependency"),
            job("9", "ends", JobState.COMPLETING, List.of("n1"), 20, 70, 105, "None"),
            job("10_0", "array", JobState.RUNNING, List.of("n2"), 30, 101, -1, "None"),
            job(
                "10_[1-3%1]",
                "array", JobState.PENDING, List.of(), 30, -1, -1, "JobArrayTaskLimit"),
            job("11", "größe", JobState.PENDING, List.of(), 90, -1, -1, "Resources"));
    return data(
        List.of(
            new ReportNode("n1", "MIXED", 8, 16384, 0, null, null),
            new ReportNode("n2", "ALLOCATED", 8, 16384, 0, null, null),
            new ReportNode("n3", "DOWN*", 8, 16384, 0, "Not responding", time(70)),
            new ReportNode("g1", "IDLE", 16, 65536, 4, null, null)),
        jobs,
        List.of(
            new LogEvent(time(4), "n1", "warning", "warning: " + HOSTILE),
            new LogEvent(time(70), "n1", "error", "error: Nodes n3 not responding"),
            new LogEvent(time(71), "n1", "node", "update_node: node n3 state set to DOWN"),
            new LogEvent(time(99), "g1", "error", "[6.batch] error: Detected 1 oom_kill event")),
        120);
  }

  /** Many jobs on many nodes. */
  static ReportData large(int jobs, int nodes) {
    Random random = new Random(7);
    List<ReportNode> all = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      all.add(new ReportNode("node-" + i, "IDLE", 16, 65536, 4, null, null));
    }
    List<ReportJob> list = new ArrayList<>();
    List<LogEvent> events = new ArrayList<>();
    JobState[] states = {
      JobState.COMPLETED, JobState.COMPLETED, JobState.FAILED, JobState.TIMEOUT, JobState.CANCELLED
    };
    for (int i = 0; i < jobs; i++) {
      int submitted = random.nextInt(3600);
      int started = submitted + random.nextInt(600);
      List<String> on = new ArrayList<>();
      int first = random.nextInt(nodes);
      int count = 1 + random.nextInt(4);
      for (int node = first; node < Math.min(nodes, first + count); node++) {
        on.add("node-" + node);
      }
      list.add(
          job(
              Integer.toString(i + 1),
              "job-" + i,
              states[random.nextInt(states.length)],
              on,
              submitted,
              started,
              started + 10 + random.nextInt(900),
              "None"));
      if (i % 10 == 0) {
        events.add(new LogEvent(time(started), on.get(0), "error", "error: event of job " + i));
      }
    }
    events.sort((a, b) -> Long.compare(a.time(), b.time()));
    return data(all, list, events, 5200);
  }

  private static ReportData data(
      List<ReportNode> nodes, List<ReportJob> jobs, List<LogEvent> events, int end) {
    return new ReportData(
        "sample",
        "24.11.5",
        "sacct and scontrol show job",
        60,
        BEGIN,
        time(end),
        nodes,
        jobs,
        events,
        0,
        UsageSeries.of(jobs, BEGIN, time(end)));
  }

  static long time(int seconds) {
    return BEGIN + seconds * 1000L;
  }

  private static @Nullable Long maybe(int seconds) {
    return seconds < 0 ? null : time(seconds);
  }

  static ReportJob job(
      String id,
      String name,
      JobState state,
      List<String> nodes,
      int submitted,
      int started,
      int ended,
      String reason) {
    return new ReportJob(
        id,
        name,
        "slurm",
        "physics",
        "debug",
        state.name(),
        state.code(),
        reason,
        state == JobState.FAILED ? "3:0" : "0:0",
        nodes,
        2L * Math.max(1, nodes.size()),
        2048L * Math.max(1, nodes.size()),
        nodes.contains("g1") ? 1 : 0,
        time(submitted),
        maybe(started),
        maybe(ended),
        state == JobState.COMPLETING ? time(ended + 14) : null,
        "/home/slurm",
        "/home/slurm/job.sh",
        null,
        null,
        new Text("/home/slurm/job.sh", "#!/bin/bash\necho '" + name + "'\n", null),
        started < 0 ? null : new Text("/home/slurm/slurm-" + id + ".out", name + "\n", null),
        null);
  }

  /** Writes both pages to a directory, for a look in a browser. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("small.html"), ReportPage.html(small()));
    Files.writeString(directory.resolve("large.html"), ReportPage.html(large(1000, 64)));
  }
}
