/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Slurm's own programs as relocatable bundles: where they are found, unpacked and checked. Uses
 * {@code client}, {@code common}, {@code definition}, and {@code embedded} of slurm-embedded.
 */
@NullMarked
package io.github.slurmmaven.backend.embedded.bundle;

import org.jspecify.annotations.NullMarked;
