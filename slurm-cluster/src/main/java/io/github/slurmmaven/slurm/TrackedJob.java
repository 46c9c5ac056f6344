/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.Job;

/**
 * A job with what it uses of its nodes.
 *
 * @param job the job
 * @param account account that it is charged to; empty without accounts
 * @param cpus processors that it has or had on all its nodes; before it starts, those that it asked
 *     for
 * @param memory megabytes, likewise
 * @param gpus GPUs, likewise
 */
public record TrackedJob(Job job, String account, long cpus, long memory, long gpus) {}
