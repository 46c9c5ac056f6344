/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Probes, the wait for a usable cluster, and the diagnosis when it does not become one. Uses {@code
 * backend}, {@code client}, {@code common}, {@code definition}, {@code resource}, {@code slurm} and
 * {@code ssh}.
 */
@NullMarked
package io.github.slurmmaven.readiness;

import org.jspecify.annotations.NullMarked;
