/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.common.ParallelActions;
import io.github.slurmmaven.definition.HostList;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import io.github.slurmmaven.operations.NodeCommands;
import io.github.slurmmaven.operations.Nodes;
import io.github.slurmmaven.report.ReportData.LogEvent;
import io.github.slurmmaven.report.ReportData.ReportJob;
import io.github.slurmmaven.report.ReportData.ReportNode;
import io.github.slurmmaven.resource.Resources;
import io.github.slurmmaven.slurm.JobHistory;
import io.github.slurmmaven.slurm.Node;
import io.github.slurmmaven.slurm.Slurm;
import io.github.slurmmaven.slurm.TrackedJob;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reports what happened in a running cluster. It reads all data when the report is made; before
 * that, the report costs the cluster nothing.
 */
public final class HistoryReport {

  /** Lines of one node's logs in a report. */
  private static final int LINES = 2000;

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final String ROOT = "root";

  /** Space on the time axis before the first and after the last event, in milliseconds. */
  private static final long MARGIN = 1000;

  /**
   * What the nodes' logs said.
   *
   * @param leftOut how many lines were left out
   * @param shared nodes that share a machine with the controller, which is one of them
   */
  private record Logs(long leftOut, Set<String> shared) {}

  private final ClusterBackend backend;
  private final ClusterId id;

  public HistoryReport(ClusterBackend backend, ClusterId id) {
    this.backend = backend;
    this.id = id;
  }

  /**
   * Reads everything and renders the page.
   *
   * @param since leaves out jobs that ended earlier, and what was logged earlier; empty for all
   * @throws io.github.slurmmaven.client.UserMistakeException when the cluster does not run
   */
  public String page(Optional<Instant> since) {
    return ReportPage.html(read(since));
  }

  private ReportData read(Optional<Instant> since) {
    String controller = new Nodes(backend.inventory(), id).controller();
    Slurm slurm = new Slurm(commands(controller));
    JobHistory history = slurm.history(since.orElse(Instant.EPOCH));
    List<TrackedJob> jobs =
        history.jobs().stream().filter(tracked -> isWanted(tracked.job(), since)).toList();
    Queue<LogEvent> logged = new ConcurrentLinkedQueue<>();
    Logs logs = readEvents(controller, history, logged);
    List<LogEvent> events =
        logged.stream()
            .filter(event -> since.stream().allMatch(begin -> event.time() >= millis(begin)))
            .sorted(Comparator.comparingLong(LogEvent::time))
            .toList();
    JobTexts texts =
        new JobTexts(
            jobs, slurm, node -> logs.shared().contains(node) ? controller : node, this::commands);
    return assemble(id.name(), history, jobs, events, logs.leftOut(), texts, since);
  }

  private NodeCommands commands(String node) {
    return new NodeCommands(backend.nodeAccess(), id, node);
  }

  private static boolean isWanted(Job job, Optional<Instant> since) {
    return !job.state().isTerminal()
        || since.isEmpty()
        || job.ended().stream().noneMatch(end -> end.isBefore(since.get()));
  }

  /**
   * Reads the logs of all running nodes.
   *
   * @param controller node that is read first, also for those that share a machine with it
   */
  private Logs readEvents(String controller, JobHistory history, Collection<LogEvent> events) {
    EventReader reader = new EventReader(history.zone());
    List<String> others =
        backend.inventory().nodes(id).stream()
            .filter(BackendNode::running)
            .filter(HistoryReport::runsSlurm)
            .map(BackendNode::name)
            .filter(node -> !node.equals(controller))
            .toList();
    Map<String, Long> leftOut =
        new ConcurrentHashMap<>(logs(controller, others, history, reader, events));
    Set<String> shared = Set.copyOf(leftOut.keySet());
    ParallelActions.forEach(
        others.stream().filter(node -> !leftOut.containsKey(node)).toList(),
        "reading the logs of cluster " + id.name(),
        node -> leftOut.putAll(logs(node, List.of(), history, reader, events)));
    return new Logs(leftOut.values().stream().mapToLong(Long::longValue).sum(), shared);
  }

  /**
   * Reads the logs of a node, and of others that share a machine with it.
   *
   * @return how many lines were left out, by node whose logs were read
   */
  private Map<String, Long> logs(
      String node,
      List<String> others,
      JobHistory history,
      EventReader reader,
      Collection<LogEvent> events) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                Resources.text(HistoryReport.class, "events.sh"),
                "events",
                history.logDirectory(),
                Integer.toString(LINES),
                node));
    command.addAll(others);
    String answer = commands(node).run(ROOT, command, line -> {}, TIMEOUT).stdout();
    return reader.read(answer, events);
  }

  private static boolean runsSlurm(BackendNode node) {
    return Arrays.stream(Role.values()).anyMatch(role -> role.id().equals(node.role()));
  }

  /** Combines the data. */
  static ReportData assemble(
      String name,
      JobHistory history,
      List<TrackedJob> jobs,
      List<LogEvent> events,
      long leftOut,
      JobTexts texts,
      Optional<Instant> since) {
    Map<String, Long> completions = EventReader.completions(events);
    long now = millis(history.now());
    List<ReportJob> shown =
        jobs.stream().map(tracked -> job(tracked, texts, completions, now)).toList();
    long to = now + MARGIN;
    long from =
        since
            .map(HistoryReport::millis)
            .orElseGet(
                () ->
                    LongStream.concat(
                                shown.stream()
                                    .map(ReportJob::submitted)
                                    .filter(Objects::nonNull)
                                    .mapToLong(Long::longValue),
                                events.stream().mapToLong(LogEvent::time))
                            .min()
                            .orElse(now)
                        - MARGIN);
    return new ReportData(
        name,
        history.version(),
        source(history),
        history.zone().getTotalSeconds() / 60,
        Math.min(from, to - MARGIN),
        to,
        history.nodes().stream().map(HistoryReport::node).toList(),
        shown,
        events,
        leftOut,
        UsageSeries.of(shown, from, to));
  }

  private static String source(JobHistory history) {
    if (history.accounting()) {
      return "sacct and scontrol show job";
    }
    if (history.fileOfEnded()) {
      return "scontrol show job and slurmctld's file of ended jobs (JobCompLoc)";
    }
    return "scontrol show job"
        + history
            .silence()
            .map(why -> ", because records of older jobs cannot be read: " + why)
            .orElse(
                ", which knows an ended job for MinJobAge: the cluster has no accounting, and"
                    + " JobCompType is not jobcomp/filetxt");
  }

  private static ReportNode node(Node node) {
    return new ReportNode(
        node.name(),
        node.state().toString(),
        node.cpus(),
        node.memory(),
        node.gpus().values().stream().mapToInt(Integer::intValue).sum(),
        node.reason().map(Node.Reason::text).orElse(null),
        node.reason().flatMap(Node.Reason::since).map(HistoryReport::millis).orElse(null));
  }

  private static ReportJob job(
      TrackedJob tracked, JobTexts texts, Map<String, Long> completions, long now) {
    Job job = tracked.job();
    boolean hasEnded = job.state().isTerminal() || job.state() == JobState.COMPLETING;
    // For a pending job, Slurm's start is the expected one; for a running job, its end is the
    // limit.
    List<String> nodes =
        job.state().isWaiting() ? List.of() : job.nodes().map(HostList::expand).orElse(List.of());
    @Nullable Long ended = hasEnded ? millis(job.ended()) : null;
    return new ReportJob(
        job.waitingTasks()
            .map(tasks -> job.id().number() + "_[" + tasks + "]")
            .orElseGet(() -> job.id().toString()),
        job.name(),
        job.user(),
        Stream.of(tracked.account())
            .filter(account -> !account.isEmpty() && !account.equals("(null)"))
            .findFirst()
            .orElse(null),
        job.partition(),
        job.state().name(),
        job.state().code(),
        job.reason(),
        job.exit().toString(),
        nodes,
        tracked.cpus(),
        tracked.memory(),
        tracked.gpus(),
        millis(job.submitted()),
        nodes.isEmpty() ? null : millis(job.started()),
        ended,
        ended == null
            ? null
            : job.state() == JobState.COMPLETING
                ? Long.valueOf(now)
                : Optional.ofNullable(completions.get(job.id().toString()))
                    .map(duration -> ended + duration)
                    .orElse(null),
        job.directory().orElse(null),
        job.command().orElse(null),
        job.dependency().orElse(null),
        job.comment().orElse(null),
        texts.script(job),
        texts.out(job),
        texts.err(job));
  }

  private static @Nullable Long millis(Optional<Instant> time) {
    return time.map(HistoryReport::millis).orElse(null);
  }

  private static long millis(Instant time) {
    return time.toEpochMilli();
  }
}
