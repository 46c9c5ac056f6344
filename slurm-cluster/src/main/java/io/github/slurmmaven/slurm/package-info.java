/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Running Slurm commands in the cluster and reading their answers: {@link
 * io.github.slurmmaven.slurm.Slurm}, and {@link io.github.slurmmaven.status.ClusterStatus}, which
 * joins them with what the place says of the nodes. Uses {@code report}, {@code resource} and
 * {@code spec}.
 *
 * <p>Only what Slurm 22.05 and 24.11 both print is read: 22.05's scontrol knows no {@code --json}.
 */
@NullMarked
package io.github.slurmmaven.slurm;

import org.jspecify.annotations.NullMarked;
