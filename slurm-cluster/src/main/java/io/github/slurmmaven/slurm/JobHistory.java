/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * Slurm's history: the jobs that slurmctld still has, and those that it has removed, from
 * accounting or from slurmctld's file of ended jobs.
 *
 * @param version slurmctld's version
 * @param nodes compute nodes in their present state
 * @param jobs jobs, in the order of their ids
 * @param now time of the controller's clock
 * @param zone offset of the controller's local time, in which Slurm writes its logs
 * @param logDirectory directory of the daemons' logs on a node
 * @param accounting whether records of sacct are among the jobs
 * @param silence why accounting, which the cluster has, did not answer, or why the file of ended
 *     jobs could not be read
 * @param fileOfEnded whether those of slurmctld's file of ended jobs are among the jobs
 */
public record JobHistory(
    String version,
    List<Node> nodes,
    List<TrackedJob> jobs,
    Instant now,
    ZoneOffset zone,
    String logDirectory,
    boolean accounting,
    Optional<String> silence,
    boolean fileOfEnded) {

  public JobHistory {
    nodes = List.copyOf(nodes);
    jobs = List.copyOf(jobs);
  }
}
