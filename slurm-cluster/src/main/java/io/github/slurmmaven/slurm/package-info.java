/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Slurm's commands in a cluster and their output: {@link io.github.slurmmaven.slurm.Slurm}. Only
 * output of all releases is read: 22.05's scontrol has no {@code --json}. Uses {@code client},
 * {@code definition} and {@code resource}.
 */
@NullMarked
package io.github.slurmmaven.slurm;

import org.jspecify.annotations.NullMarked;
