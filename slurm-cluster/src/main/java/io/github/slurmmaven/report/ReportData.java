/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the page shows, as its script reads it. Times are milliseconds since 1970.
 *
 * @param cluster name of the cluster
 * @param version slurmctld's version
 * @param source where the jobs are known from, in words
 * @param zoneMinutes offset of the cluster's local time from UTC
 * @param from begin of the time axis
 * @param to end of the time axis, when the report was made
 * @param nodes compute nodes
 * @param jobs jobs
 * @param events what the daemons logged
 * @param eventsLeftOut number of earlier events that the report does not hold
 * @param usage what was in use when
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ReportData(
    String cluster,
    String version,
    String source,
    int zoneMinutes,
    long from,
    long to,
    List<ReportNode> nodes,
    List<ReportJob> jobs,
    List<LogEvent> events,
    long eventsLeftOut,
    Usage usage) {

  /**
   * A compute node as it is now.
   *
   * @param memory megabytes
   * @param reason why it was taken out
   * @param since when it was taken out
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ReportNode(
      String name,
      String state,
      int cpus,
      long memory,
      int gpus,
      @Nullable String reason,
      @Nullable Long since) {}

  /**
   * A job.
   *
   * @param id id as Slurm writes it; of an array's waiting tasks, with their numbers
   * @param code short form of the state, for example {@code CD}
   * @param nodes its nodes; empty if it never started
   * @param memory megabytes
   * @param started when it started
   * @param ended when it ended, or began to complete
   * @param freed when its nodes were free again, where that was later than its end
   * @param script its batch script
   * @param out what it wrote to standard output
   * @param err what it wrote to another file as standard error
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ReportJob(
      String id,
      String name,
      String user,
      @Nullable String account,
      String partition,
      String state,
      String code,
      String reason,
      String exit,
      List<String> nodes,
      long cpus,
      long memory,
      long gpus,
      @Nullable Long submitted,
      @Nullable Long started,
      @Nullable Long ended,
      @Nullable Long freed,
      @Nullable String directory,
      @Nullable String command,
      @Nullable String dependency,
      @Nullable String comment,
      @Nullable Text script,
      @Nullable Text out,
      @Nullable Text err) {}

  /**
   * A text of a job.
   *
   * @param file file in the cluster
   * @param text its text, or a part of it
   * @param note what is missing, in words
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Text(@Nullable String file, @Nullable String text, @Nullable String note) {}

  /**
   * A line of a daemon's log.
   *
   * @param source node whose daemon wrote it
   * @param kind {@code error} (also a fatal one), {@code warning} or {@code node} (a node's state
   *     changed)
   */
  record LogEvent(long time, String source, String kind, String text) {}

  /**
   * What jobs had, and how many waited: pairs of a time and the value from then on.
   *
   * @param memory megabytes
   * @param queue waiting jobs; those of an array count as one
   */
  record Usage(List<long[]> cpus, List<long[]> memory, List<long[]> gpus, List<long[]> queue) {}
}
