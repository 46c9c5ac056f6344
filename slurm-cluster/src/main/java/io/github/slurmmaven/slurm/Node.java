/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A compute node in slurmctld.
 *
 * @param name name
 * @param state state
 * @param cpus processors
 * @param cpusAllocated processors allocated to jobs
 * @param memory megabytes
 * @param memoryAllocated megabytes allocated to jobs
 * @param gpus GPUs: number by type, {@code gpu} for those without a type
 * @param gpusAllocated GPUs allocated to jobs, by type; unused types are left out
 * @param partitions partitions to which it belongs
 * @param reason why it was drained or set down. Slurm 24.11 keeps it until a job runs again
 * @param version Slurm's version on it; empty before its first registration
 */
public record Node(
    String name,
    NodeState state,
    int cpus,
    int cpusAllocated,
    long memory,
    long memoryAllocated,
    Map<String, Integer> gpus,
    Map<String, Integer> gpusAllocated,
    List<String> partitions,
    Optional<Reason> reason,
    Optional<String> version) {

  public Node {
    gpus = Collections.unmodifiableMap(new LinkedHashMap<>(gpus));
    gpusAllocated = Collections.unmodifiableMap(new LinkedHashMap<>(gpusAllocated));
    partitions = List.copyOf(partitions);
  }

  /** Returns name, state and reason on a line, for messages: {@code n1 drained disk is full}. */
  public String summary() {
    return "%s  %s  %s".formatted(name, state, reason.map(Reason::text).orElse("none"));
  }

  /**
   * Why a node was drained or set down.
   *
   * @param text the reason
   * @param user the user who set it
   * @param since when it was set
   */
  public record Reason(String text, Optional<String> user, Optional<Instant> since) {}
}
