/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.spec;

import java.util.List;
import java.util.Optional;

/**
 * One partition.
 *
 * @param name Slurm's PartitionName
 * @param isDefault whether jobs that name no partition come here
 * @param maxTime longest time limit of a job, in Slurm's notation; empty for no limit
 * @param nodes its nodes
 */
public record PartitionSpec(
    String name, boolean isDefault, Optional<String> maxTime, List<String> nodes) {

  public PartitionSpec {
    nodes = List.copyOf(nodes);
  }
}
