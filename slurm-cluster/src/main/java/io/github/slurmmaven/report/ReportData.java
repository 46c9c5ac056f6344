/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data of the page, as its script reads it. Times are milliseconds since 1970.
 *
 * @param cluster name of the cluster
 * @param version slurmctld's version
 * @param source the source of the jobs, in words
 * @param zoneMinutes offset of the cluster's local time from UTC
 * @param from start of the time axis
 * @param to end of the time axis, when the report was made
 * @param nodes compute nodes
 * @param jobs jobs
 * @param events log lines of the daemons
 * @param eventsLeftOut number of earlier events that were left out
 * @param usage use of resources over time
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
   * A compute node in its present state.
   *
   * @param memory megabytes
   * @param reason why it was drained or set down
   * @param since when that was done
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
   * @param id id in Slurm's notation; for pending tasks of an array, with their numbers
   * @param code short form of the state, for example {@code CD}
   * @param nodes its nodes; empty if it never started
   * @param memory megabytes
   * @param started when it started
   * @param ended when it ended, or began to complete
   * @param freed when its nodes were free again, if later than its end
   * @param script its batch script
   * @param out its standard output
   * @param err its standard error, if that is another file
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
   * @param note describes what is missing
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
   * Allocated resources and pending jobs over time: pairs of a time and the value from that time
   * on.
   *
   * @param memory megabytes
   * @param queue pending jobs; those of an array count as one
   */
  record Usage(List<long[]> cpus, List<long[]> memory, List<long[]> gpus, List<long[]> queue) {}
}
