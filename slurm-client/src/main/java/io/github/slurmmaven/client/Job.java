/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.time.Instant;
import java.util.Optional;

/**
 * The present state of a job in Slurm.
 *
 * @param id id
 * @param name name
 * @param user user who owns it
 * @param state state
 * @param reason Slurm's reason why it waits or how it failed, for example {@code Resources}; {@code
 *     None} if there is no reason
 * @param exit how its script ended; before that, 0 and no signal
 * @param partition partition
 * @param nodes its nodes as a host list; empty before it starts
 * @param waitingTasks for an array, its tasks that have not started, for example {@code 3-6%2}
 * @param dependency jobs that it waits for, in Slurm's notation
 * @param submitted when it was submitted
 * @param started when it started; for a waiting job, when Slurm expects it to start
 * @param ended when it ended; before that, when it reaches its time limit
 * @param stdout file of its standard output
 * @param stderr file of its standard error
 * @param directory working directory
 * @param command script or program with its arguments; empty for a script that was piped or wrapped
 * @param comment comment
 */
public record Job(
    JobId id,
    String name,
    String user,
    JobState state,
    String reason,
    Exit exit,
    String partition,
    Optional<String> nodes,
    Optional<String> waitingTasks,
    Optional<String> dependency,
    Optional<Instant> submitted,
    Optional<Instant> started,
    Optional<Instant> ended,
    Optional<String> stdout,
    Optional<String> stderr,
    Optional<String> directory,
    Optional<String> command,
    Optional<String> comment) {

  /**
   * How a job's script ended.
   *
   * @param code its exit code
   * @param signal the signal that ended it; 0 if there was none
   */
  public record Exit(int code, int signal) {
    @Override
    public String toString() {
      return code + ":" + signal;
    }
  }
}
