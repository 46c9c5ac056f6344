/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A cluster as processes of this machine, from a bundle of Slurm's programs. Uses {@code backend},
 * {@code render}, {@code report} and {@code spec}.
 */
@NullMarked
package io.github.slurmmaven.backend.embedded;

import org.jspecify.annotations.NullMarked;
