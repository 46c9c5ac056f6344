/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * What Slurm knows of the past: jobs that slurmctld still has, and with accounting those that it
 * has forgotten.
 *
 * @param version slurmctld's version
 * @param nodes compute nodes as they are now
 * @param jobs jobs, in the order of their ids
 * @param now time of the controller's clock
 * @param zone offset of the controller's local time, in which Slurm writes its logs
 * @param logDirectory directory of the daemons' logs on a node
 * @param accounting whether records of sacct are among the jobs
 * @param silence why accounting, which the cluster has, did not answer
 */
public record JobHistory(
    String version,
    List<Node> nodes,
    List<TrackedJob> jobs,
    Instant now,
    ZoneOffset zone,
    String logDirectory,
    boolean accounting,
    Optional<String> silence) {

  public JobHistory {
    nodes = List.copyOf(nodes);
    jobs = List.copyOf(jobs);
  }
}
