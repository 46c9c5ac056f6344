/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Finds, unpacks and checks relocatable bundles of Slurm's own programs. Uses {@code client},
 * {@code common}, {@code definition}, and {@code embedded} of slurm-embedded.
 */
@NullMarked
package io.github.slurmmaven.backend.embedded.bundle;

import org.jspecify.annotations.NullMarked;
