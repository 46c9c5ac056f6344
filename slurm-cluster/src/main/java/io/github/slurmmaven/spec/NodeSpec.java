/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.spec;

import java.util.List;

/**
 * One node.
 *
 * @param name host name and Slurm's NodeName
 * @param role what runs on it
 * @param cpus processors that Slurm sees, and the container's limit
 * @param memory megabytes that Slurm sees, and the container's limit
 * @param partitions partitions it belongs to
 */
public record NodeSpec(String name, Role role, int cpus, int memory, List<String> partitions) {

  /** What runs on a node. */
  public enum Role {
    /** slurmctld, slurmd and sshd. */
    ALL_IN_ONE("all-in-one"),
    /** slurmctld and sshd. */
    CONTROLLER("controller"),
    /** slurmd and sshd. */
    COMPUTE("compute");

    private final String id;

    Role(String id) {
      this.id = id;
    }

    /** The role's name in cluster.yaml, in labels and as the image's target. */
    public String id() {
      return id;
    }

    public boolean runsController() {
      return this != COMPUTE;
    }

    public boolean runsJobs() {
      return this != CONTROLLER;
    }
  }

  public NodeSpec {
    partitions = List.copyOf(partitions);
  }

  NodeSpec withSize(int newCpus, int newMemory) {
    return new NodeSpec(name, role, newCpus, newMemory, partitions);
  }
}
