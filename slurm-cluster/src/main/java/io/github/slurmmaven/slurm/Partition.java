/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

/**
 * A partition.
 *
 * @param name name
 * @param isDefault whether this is the default partition
 * @param state Slurm's word: {@code UP}, {@code DOWN}, {@code DRAIN} or {@code INACTIVE}
 * @param nodes its nodes as a host list
 * @param nodeCount number of its nodes
 * @param cpus processors of all its nodes
 * @param maxTime time limit of jobs in Slurm's notation, {@code 01:00:00} or {@code UNLIMITED}
 */
public record Partition(
    String name,
    boolean isDefault,
    String state,
    String nodes,
    int nodeCount,
    int cpus,
    String maxTime) {}
