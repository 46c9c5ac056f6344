/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A compute node as slurmctld knows it.
 *
 * @param name name
 * @param state state
 * @param cpus processors
 * @param cpusAllocated processors that jobs have
 * @param memory megabytes
 * @param memoryAllocated megabytes that jobs have
 * @param gpus GPUs: number by type, {@code gpu} for those without a type
 * @param gpusAllocated GPUs that jobs have, likewise; without types that nobody uses
 * @param partitions partitions it belongs to
 * @param reason why it was taken out. Slurm 24.11 keeps it until a job runs again
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

  /** Name, state and reason on a line, for people: {@code n1 drained disk is full}. */
  public String summary() {
    return "%s  %s  %s".formatted(name, state, reason.map(Reason::text).orElse("none"));
  }

  /**
   * Why a node was taken out.
   *
   * @param text why
   * @param user who did it
   * @param since when
   */
  public record Reason(String text, Optional<String> user, Optional<Instant> since) {}
}
