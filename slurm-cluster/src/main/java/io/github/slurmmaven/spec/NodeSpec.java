/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One node.
 *
 * @param name host name and Slurm's NodeName
 * @param role what runs on it
 * @param cpus processors that Slurm sees, and the container's limit
 * @param memory megabytes that Slurm sees, and the container's limit
 * @param gpus simulated GPUs: number by type, in the order of their devices
 * @param partitions partitions it belongs to
 * @param options further options of its NodeName line in slurm.conf
 */
public record NodeSpec(
    String name,
    Role role,
    int cpus,
    int memory,
    Map<String, Integer> gpus,
    List<String> partitions,
    Map<String, String> options) {

  /** What runs on a node. */
  public enum Role {
    /** slurmctld, slurmd and sshd. */
    ALL_IN_ONE("all-in-one"),
    /** slurmctld and sshd. */
    CONTROLLER("controller"),
    /** slurmd. */
    COMPUTE("compute");

    private final String id;

    Role(String id) {
      this.id = id;
    }

    /** The role's name in cluster.yaml, in labels and as the container's command. */
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
    gpus = Collections.unmodifiableMap(new LinkedHashMap<>(gpus));
    partitions = List.copyOf(partitions);
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  public boolean hasGpus() {
    return !gpus.isEmpty();
  }

  NodeSpec withCpus(int newCpus) {
    return new NodeSpec(name, role, newCpus, memory, gpus, partitions, options);
  }

  NodeSpec withMemory(int newMemory) {
    return new NodeSpec(name, role, cpus, newMemory, gpus, partitions, options);
  }

  NodeSpec withGpus(Map<String, Integer> newGpus) {
    return new NodeSpec(name, role, cpus, memory, newGpus, partitions, options);
  }

  NodeSpec as(String newName, Role newRole) {
    return new NodeSpec(newName, newRole, cpus, memory, gpus, partitions, options);
  }
}
