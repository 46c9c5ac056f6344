/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A job's record in Slurm's accounting, as {@code sacct} shows it.
 *
 * @param id id; for an array, the id of a task
 * @param name name
 * @param user user who submitted it
 * @param account account of the job
 * @param qos quality of service
 * @param partition partition
 * @param state state when it was last recorded
 * @param exit how its script ended; before that, 0 and no signal
 * @param elapsed how long it ran
 * @param cpuTime processor time that its processes used, system time included
 * @param nodes its nodes as a host list; empty before it begins
 * @param submitted when it was submitted
 * @param started when it began
 * @param ended when it ended
 * @param steps its steps: the script ({@code batch}), and one for each srun, by number
 */
public record JobRecord(
    JobId id,
    String name,
    String user,
    String account,
    String qos,
    String partition,
    JobState state,
    Job.Exit exit,
    Duration elapsed,
    Duration cpuTime,
    Optional<String> nodes,
    Optional<Instant> submitted,
    Optional<Instant> started,
    Optional<Instant> ended,
    List<Step> steps) {

  public JobRecord {
    steps = List.copyOf(steps);
  }

  /**
   * A step of a job.
   *
   * @param id its name within the job: {@code batch}, {@code extern}, or a number
   * @param name name
   * @param state state when it was last recorded
   * @param exit how it ended
   * @param elapsed how long it ran
   * @param cpuTime processor time that its processes used, system time included
   * @param maxRss the most memory that one of its tasks used, in bytes; empty if none was measured
   */
  public record Step(
      String id,
      String name,
      JobState state,
      Job.Exit exit,
      Duration elapsed,
      Duration cpuTime,
      OptionalLong maxRss) {}
}
