/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One partition.
 *
 * @param name Slurm's PartitionName
 * @param isDefault whether this is the partition of jobs that name none
 * @param maxTime longest time limit of a job, in Slurm's notation; empty for no limit
 * @param features features of its nodes, for {@code --constraint}
 * @param nodes its nodes
 * @param options further options of its PartitionName line in slurm.conf
 */
public record PartitionDefinition(
    String name,
    boolean isDefault,
    Optional<String> maxTime,
    List<String> features,
    List<String> nodes,
    Map<String, String> options) {

  public PartitionDefinition {
    features = List.copyOf(features);
    nodes = List.copyOf(nodes);
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  PartitionDefinition with(boolean newDefault, List<String> newNodes) {
    return new PartitionDefinition(name, newDefault, maxTime, features, newNodes, options);
  }
}
