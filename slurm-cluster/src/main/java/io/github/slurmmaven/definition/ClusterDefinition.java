/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a cluster is, complete and valid: made by {@link ClusterParameters} or read from a {@code
 * cluster.yaml}.
 *
 * @param name name, also Slurm's ClusterName
 * @param preset preset it was made from
 * @param slurmVersion Slurm's release line, or one release of it
 * @param slurmSource where Slurm comes from that is compiled
 * @param image prebuilt image of all nodes; empty for the one that is built
 * @param nodes nodes; exactly one runs slurmctld
 * @param partitions partitions; exactly one is the default
 * @param ssh how it is reached
 * @param registry the container registry, if there is one
 * @param pyxis jobs in containers, if there are any
 * @param accounting Slurm's accounting, if there is any
 * @param packages Debian packages that all nodes have, in the image that is built
 * @param users accounts besides {@code slurm}
 * @param mounts what of the host all nodes see
 * @param files what is copied into nodes
 * @param setup what is run on nodes once they are up
 * @param slurmConf further lines of slurm.conf
 * @param cgroupConf further lines of cgroup.conf
 */
public record ClusterDefinition(
    String name,
    Optional<String> preset,
    SlurmVersion slurmVersion,
    SlurmSource slurmSource,
    Optional<String> image,
    List<NodeDefinition> nodes,
    List<PartitionDefinition> partitions,
    SshDefinition ssh,
    Optional<RegistryDefinition> registry,
    Optional<PyxisDefinition> pyxis,
    Optional<AccountingDefinition> accounting,
    List<String> packages,
    List<UserDefinition> users,
    List<MountDefinition> mounts,
    List<FileCopy> files,
    List<SetupStep> setup,
    List<String> slurmConf,
    List<String> cgroupConf) {

  /**
   * The most nodes of a cluster. A network of containers has so many addresses for them, and the
   * same definition works without containers.
   */
  public static final int MOST_NODES = 200;

  public ClusterDefinition {
    if (nodes.size() > MOST_NODES) {
      throw new UserMistakeException(
          "%d nodes are too many: a cluster can have %d".formatted(nodes.size(), MOST_NODES));
    }
    nodes = List.copyOf(nodes);
    partitions = List.copyOf(partitions);
    packages = List.copyOf(packages);
    users = List.copyOf(users);
    mounts = List.copyOf(mounts);
    files = List.copyOf(files);
    setup = List.copyOf(setup);
    slurmConf = List.copyOf(slurmConf);
    cgroupConf = List.copyOf(cgroupConf);
  }

  /** The node that runs slurmctld and takes SSH logins. */
  public NodeDefinition controller() {
    return nodes.stream().filter(node -> node.role().runsController()).findFirst().orElseThrow();
  }

  /** The nodes that run jobs. */
  public List<NodeDefinition> computeNodes() {
    return nodes.stream().filter(node -> node.role().runsJobs()).toList();
  }

  /** The partition of jobs that name none. */
  public PartitionDefinition defaultPartition() {
    return partitions.stream().filter(PartitionDefinition::isDefault).findFirst().orElseThrow();
  }

  /**
   * The cluster with another number of compute nodes in a partition: nodes are added as the last
   * one there is, or taken away from the last one on.
   *
   * @param partition its name; empty for the default partition
   * @param count 1 or more
   * @throws InvalidParameterException when there is no such partition, or none of it would be left
   * @throws UserMistakeException when the cluster's only node is its controller, too
   */
  public ClusterDefinition scaled(Optional<String> partition, int count) {
    return new Scaling(this, partition).to(count);
  }

  /**
   * Whether its image is built with a Slurm that is compiled from source: a release that no Debian
   * release packages, or one whose source was asked for.
   */
  public boolean isCompiled() {
    return image.isEmpty() && (slurmSource.isGiven() || slurmVersion.baseImage().isEmpty());
  }

  ClusterDefinition withIdentity(String newName, Optional<String> newPreset) {
    return new ClusterDefinition(
        newName,
        newPreset,
        slurmVersion,
        slurmSource,
        image,
        nodes,
        partitions,
        ssh,
        registry,
        pyxis,
        accounting,
        packages,
        users,
        mounts,
        files,
        setup,
        slurmConf,
        cgroupConf);
  }

  ClusterDefinition withSlurm(SlurmVersion newVersion, SlurmSource newSource) {
    return new ClusterDefinition(
        name,
        preset,
        newVersion,
        newSource,
        image,
        nodes,
        partitions,
        ssh,
        registry,
        pyxis,
        accounting,
        packages,
        users,
        mounts,
        files,
        setup,
        slurmConf,
        cgroupConf);
  }

  ClusterDefinition withNodes(
      List<NodeDefinition> newNodes, List<PartitionDefinition> newPartitions) {
    return new ClusterDefinition(
        name,
        preset,
        slurmVersion,
        slurmSource,
        image,
        newNodes,
        newPartitions,
        ssh,
        registry,
        pyxis,
        accounting,
        packages,
        users,
        mounts,
        files,
        setup,
        slurmConf,
        cgroupConf);
  }

  ClusterDefinition withComputeNodes(UnaryOperator<NodeDefinition> change) {
    return withNodes(
        nodes.stream()
            .map(node -> node.role() == Role.CONTROLLER ? node : change.apply(node))
            .toList(),
        partitions);
  }

  ClusterDefinition withAccess(
      Optional<String> newImage, SshDefinition newSsh, Optional<RegistryDefinition> newRegistry) {
    return new ClusterDefinition(
        name,
        preset,
        slurmVersion,
        slurmSource,
        newImage,
        nodes,
        partitions,
        newSsh,
        newRegistry,
        pyxis,
        accounting,
        packages,
        users,
        mounts,
        files,
        setup,
        slurmConf,
        cgroupConf);
  }

  ClusterDefinition withFiles(List<FileCopy> newFiles) {
    return new ClusterDefinition(
        name,
        preset,
        slurmVersion,
        slurmSource,
        image,
        nodes,
        partitions,
        ssh,
        registry,
        pyxis,
        accounting,
        packages,
        users,
        mounts,
        newFiles,
        setup,
        slurmConf,
        cgroupConf);
  }

  ClusterDefinition withPyxis(Optional<PyxisDefinition> newPyxis) {
    return new ClusterDefinition(
        name,
        preset,
        slurmVersion,
        slurmSource,
        image,
        nodes,
        partitions,
        ssh,
        registry,
        newPyxis,
        accounting,
        packages,
        users,
        mounts,
        files,
        setup,
        slurmConf,
        cgroupConf);
  }

  ClusterDefinition withAccounting(Optional<AccountingDefinition> newAccounting) {
    return new ClusterDefinition(
        name,
        preset,
        slurmVersion,
        slurmSource,
        image,
        nodes,
        partitions,
        ssh,
        registry,
        pyxis,
        newAccounting,
        packages,
        users,
        mounts,
        files,
        setup,
        slurmConf,
        cgroupConf);
  }
}
