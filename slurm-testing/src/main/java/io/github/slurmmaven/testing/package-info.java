/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Real Slurm clusters for JUnit tests: {@link io.github.slurmmaven.testing.SlurmTest}. Uses the
 * core library and JUnit; the mock of {@code testing.mock} is apart from it.
 */
@NullMarked
package io.github.slurmmaven.testing;

import org.jspecify.annotations.NullMarked;
