/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One node.
 *
 * @param name host name and Slurm's NodeName; for absent nodes, it may be a host list
 * @param role what runs on it
 * @param cpus processors that Slurm sees, and the container's limit
 * @param memory megabytes that Slurm sees, and the container's limit
 * @param gpus simulated GPUs: number by type, in the order of their devices; {@link #UNTYPED} for
 *     GPUs without a type
 * @param partitions partitions to which it belongs
 * @param options further options of its NodeName line in slurm.conf
 */
public record NodeDefinition(
    String name,
    Role role,
    int cpus,
    int memory,
    Map<String, Integer> gpus,
    List<String> partitions,
    Map<String, String> options) {

  /** The key of GPUs without a type. */
  public static final String UNTYPED = "";

  /** What runs on a node. */
  public enum Role {
    /** slurmctld, slurmd and sshd. */
    ALL_IN_ONE("all-in-one"),
    /** slurmctld and sshd. */
    CONTROLLER("controller"),
    /** slurmd. */
    COMPUTE("compute"),
    /** Nothing: slurm.conf has the node, whose name may be a host list, and it is down. */
    ABSENT("absent");

    private final String id;

    Role(String id) {
      this.id = id;
    }

    /** The role's name in cluster.yaml, in labels and as the container's command. */
    public String id() {
      return id;
    }

    public boolean runsController() {
      return this == ALL_IN_ONE || this == CONTROLLER;
    }

    public boolean runsJobs() {
      return this == ALL_IN_ONE || this == COMPUTE;
    }
  }

  public NodeDefinition {
    gpus = Collections.unmodifiableMap(new LinkedHashMap<>(gpus));
    partitions = List.copyOf(partitions);
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  public boolean hasGpus() {
    return !gpus.isEmpty();
  }

  NodeDefinition withCpus(int newCpus) {
    return new NodeDefinition(name, role, newCpus, memory, gpus, partitions, options);
  }

  NodeDefinition withMemory(int newMemory) {
    return new NodeDefinition(name, role, cpus, newMemory, gpus, partitions, options);
  }

  NodeDefinition withGpus(Map<String, Integer> newGpus) {
    return new NodeDefinition(name, role, cpus, memory, newGpus, partitions, options);
  }

  NodeDefinition as(String newName, Role newRole) {
    return new NodeDefinition(newName, newRole, cpus, memory, gpus, partitions, options);
  }

  NodeDefinition in(List<String> newPartitions) {
    return new NodeDefinition(name, role, cpus, memory, gpus, newPartitions, options);
  }
}
