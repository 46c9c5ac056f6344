/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Real Slurm clusters for JUnit tests: {@link io.github.slurmmaven.testing.SlurmTest}. Uses the
 * core library and JUnit, and neither a backend nor an engine itself.
 */
@NullMarked
package io.github.slurmmaven.testing;

import org.jspecify.annotations.NullMarked;
