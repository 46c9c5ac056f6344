/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.Job;
import java.util.List;

/**
 * Slurm's state at one moment.
 *
 * @param version slurmctld's version, for example {@code 24.11.5}
 * @param nodes compute nodes
 * @param partitions partitions
 * @param jobs jobs that are pending, run, or ended recently (MinJobAge)
 */
public record Snapshot(
    String version, List<Node> nodes, List<Partition> partitions, List<Job> jobs) {

  public Snapshot {
    nodes = List.copyOf(nodes);
    partitions = List.copyOf(partitions);
    jobs = List.copyOf(jobs);
  }
}
