/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.spec;

import io.github.slurmmaven.spec.NodeSpec.Role;
import java.util.List;
import java.util.Optional;

/**
 * What a cluster is, complete and valid: made by {@link ClusterParameters} or read from a {@code
 * cluster.yaml}.
 *
 * @param name name, also Slurm's ClusterName
 * @param preset preset it was made from
 * @param slurmVersion Slurm's release line
 * @param nodes nodes; exactly one runs slurmctld
 * @param partitions partitions; exactly one is the default
 * @param ssh how it is reached
 * @param image prebuilt image of all nodes; empty for the one that is built
 */
public record ClusterSpec(
    String name,
    Optional<String> preset,
    SlurmVersion slurmVersion,
    List<NodeSpec> nodes,
    List<PartitionSpec> partitions,
    SshSpec ssh,
    Optional<String> image) {

  public ClusterSpec {
    nodes = List.copyOf(nodes);
    partitions = List.copyOf(partitions);
  }

  /** The node that runs slurmctld and takes SSH logins. */
  public NodeSpec controller() {
    return nodes.stream().filter(node -> node.role().runsController()).findFirst().orElseThrow();
  }

  /** The nodes that run jobs. */
  public List<NodeSpec> computeNodes() {
    return nodes.stream().filter(node -> node.role() != Role.CONTROLLER).toList();
  }

  /** The partition of jobs that name none. */
  public PartitionSpec defaultPartition() {
    return partitions.stream().filter(PartitionSpec::isDefault).findFirst().orElseThrow();
  }
}
