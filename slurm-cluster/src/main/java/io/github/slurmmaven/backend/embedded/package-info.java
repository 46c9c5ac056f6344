/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Runs a cluster as processes of this machine, from a bundle of Slurm's own programs. Uses {@code
 * backend}, {@code backend.embedded.bundle}, {@code backend.embedded.supervisor}, {@code client},
 * {@code common}, {@code compose}, {@code definition}, {@code embedded} of slurm-embedded, {@code
 * files.render}, {@code resource} and {@code terminal}.
 */
@NullMarked
package io.github.slurmmaven.backend.embedded;

import org.jspecify.annotations.NullMarked;
