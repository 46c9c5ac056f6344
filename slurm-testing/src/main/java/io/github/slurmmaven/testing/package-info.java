/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Real Slurm clusters for JUnit tests: {@link io.github.slurmmaven.testing.SlurmTest}. Uses the
 * public API in {@code cluster} with {@code client} and {@code definition}; {@code ssh} to collect
 * the diagnosis of a failed test; {@code slurm}, which parses Slurm's output, for faults; and
 * {@code resource}.
 */
@NullMarked
package io.github.slurmmaven.testing;

import org.jspecify.annotations.NullMarked;
