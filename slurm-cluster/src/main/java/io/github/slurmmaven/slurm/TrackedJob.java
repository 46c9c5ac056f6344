/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.Job;

/**
 * A job with its resources.
 *
 * @param job the job
 * @param account its account; empty without accounts
 * @param cpus allocated processors on all its nodes; before it starts, the requested ones
 * @param memory megabytes, likewise
 * @param gpus GPUs, likewise
 */
public record TrackedJob(Job job, String account, long cpus, long memory, long gpus) {}
