/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.report.ReportData.LogEvent;
import io.github.slurmmaven.report.ReportData.ReportJob;
import io.github.slurmmaven.report.ReportData.Text;
import io.github.slurmmaven.slurm.CommandRunner;
import io.github.slurmmaven.slurm.JobHistory;
import io.github.slurmmaven.slurm.Slurm;
import io.github.slurmmaven.slurm.TrackedJob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryReportTest {

  private static final Instant NOW = Instant.ofEpochSecond(2000);

  private static final CommandRunner UNUSED =
      (user, command, lines, timeout) -> {
        throw new SlurmClusterException("is not reached");
      };

  private static Job job(
      JobState state, Optional<String> nodes, Optional<String> tasks, Optional<String> stdout) {
    return new Job(
        JobId.of(7),
        "job",
        "slurm",
        state,
        "None",
        new Job.Exit(0, 0),
        "debug",
        nodes,
        tasks,
        Optional.empty(),
        Optional.of(Instant.ofEpochSecond(1000)),
        Optional.of(Instant.ofEpochSecond(1500)),
        Optional.of(Instant.ofEpochSecond(1900)),
        stdout,
        stdout,
        Optional.of("/home/slurm"),
        Optional.of("/home/slurm/job.sh"),
        Optional.empty());
  }

  private static ReportData report(Job job, List<LogEvent> events, JobTexts texts) {
    List<TrackedJob> jobs = List.of(new TrackedJob(job, "(null)", 2, 100, 0));
    JobHistory history =
        new JobHistory(
            "24.11.5",
            List.of(),
            jobs,
            NOW,
            ZoneOffset.UTC,
            "/log",
            false,
            Optional.empty(),
            false);
    return HistoryReport.assemble("c", history, jobs, events, 0, texts, Optional.empty());
  }

  private static ReportJob shown(Job job, LogEvent... events) {
    JobTexts none = new JobTexts(List.of(), new Slurm(UNUSED), node -> node, node -> UNUSED);
    return report(job, List.of(events), none).jobs().get(0);
  }

  private static Job on(JobState state, String nodes) {
    return job(state, Optional.of(nodes), Optional.empty(), Optional.empty());
  }

  @Test
  void doesNotMistakeAnExpectedStartForAStart() {
    ReportJob job =
        shown(job(JobState.PENDING, Optional.empty(), Optional.of("3-6%2"), Optional.empty()));

    assertThat(job.id()).isEqualTo("7_[3-6%2]");
    assertThat(job.started()).isNull();
    assertThat(job.ended()).isNull();
    assertThat(job.account()).isNull();
  }

  @Test
  void doesNotMistakeATimeLimitForAnEnd() {
    ReportJob job = shown(on(JobState.RUNNING, "n[1-2]"));

    assertThat(job.started()).isEqualTo(1500000L);
    assertThat(job.ended()).isNull();
    assertThat(job.nodes()).containsExactly("n1", "n2");
  }

  @Test
  void showsThatAJobStillCompletes() {
    ReportJob job = shown(on(JobState.COMPLETING, "n1"));

    assertThat(job.ended()).isEqualTo(1900000L);
    assertThat(job.freed()).isEqualTo(2000000L);
  }

  @Test
  void showsThatAJobTookLongToComplete() {
    ReportJob job =
        shown(
            on(JobState.COMPLETED, "n1"),
            new LogEvent(1990000, "n1", "node", "JobId=7 completion process took 90 seconds"));

    assertThat(job.freed()).isEqualTo(1990000L);
  }

  @Test
  void showsAJobThatWasCancelledBeforeItsStart() {
    ReportJob job =
        shown(job(JobState.CANCELLED, Optional.empty(), Optional.empty(), Optional.empty()));

    assertThat(job.started()).isNull();
    assertThat(job.ended()).isEqualTo(1900000L);
  }

  @Test
  void holdsTheScriptAndTheEndOfALongOutput(@TempDir Path directory) throws Exception {
    Path output = directory.resolve("a b.out");
    Files.writeString(output, "first" + "x".repeat(JobTexts.LONGEST) + "last");
    String script =
        Base64.getEncoder().encodeToString("#!/bin/sh\n".getBytes(StandardCharsets.UTF_8));
    Slurm slurm =
        new Slurm(
            (user, command, lines, timeout) -> new CommandResult(0, "7 10\n" + script + "\n", ""));
    Job job =
        job(
            JobState.COMPLETED,
            Optional.of("n1"),
            Optional.empty(),
            Optional.of(output.toString()));

    JobTexts texts =
        new JobTexts(
            List.of(new TrackedJob(job, "", 1, 1, 0)),
            slurm,
            node -> node,
            node -> HistoryReportTest::onThisMachine);
    ReportJob shown = report(job, List.of(), texts).jobs().get(0);

    assertThat(shown.script()).isEqualTo(new Text("/home/slurm/job.sh", "#!/bin/sh\n", null));
    assertThat(present(shown.out()).text()).hasSize(JobTexts.LONGEST).endsWith("xlast");
    assertThat(present(shown.out()).note()).contains("The last 64 KB of ");
    assertThat(shown.err()).isNull();
  }

  @Test
  void saysThatAnOutputIsMissing(@TempDir Path directory) {
    Slurm slurm = new Slurm((user, command, lines, timeout) -> new CommandResult(0, "", ""));
    Job job =
        job(
            JobState.COMPLETED,
            Optional.of("n1"),
            Optional.empty(),
            Optional.of(directory.resolve("none").toString()));

    JobTexts texts =
        new JobTexts(
            List.of(new TrackedJob(job, "", 1, 1, 0)),
            slurm,
            node -> node,
            node -> HistoryReportTest::onThisMachine);

    assertThat(present(texts.out(job)).text()).isNull();
    assertThat(present(texts.out(job)).note())
        .isEqualTo("Node n1 has no such file that user slurm can read");
    assertThat(texts.script(job)).isNull();
  }

  @Test
  void namesWhatCouldNotBeRead() {
    Slurm slurm = new Slurm((user, command, lines, timeout) -> new CommandResult(0, "", ""));
    Job job =
        job(JobState.COMPLETED, Optional.of("n1"), Optional.empty(), Optional.of("/home/x.out"));

    JobTexts texts =
        new JobTexts(
            List.of(new TrackedJob(job, "", 1, 1, 0)), slurm, node -> node, node -> UNUSED);

    assertThat(present(texts.out(job)).note())
        .isEqualTo("The files of user slurm on node n1 could not be read: is not reached");
  }

  private static Text present(@Nullable Text text) {
    return Objects.requireNonNull(text);
  }

  /** Runs a script of ours as it runs on a node. */
  private static CommandResult onThisMachine(
      String user, List<String> command, Consumer<String> lines, Duration timeout) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new CommandResult(process.waitFor(), out, "");
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
