/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A cluster as processes of this machine, from the bundle of Slurm's own programs. Uses {@code
 * backend}, {@code render}, {@code report} and {@code spec}.
 */
@NullMarked
package io.github.slurmmaven.backend.embedded;

import org.jspecify.annotations.NullMarked;
