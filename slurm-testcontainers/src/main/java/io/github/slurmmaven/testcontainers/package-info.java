/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A Slurm cluster for Testcontainers: {@link io.github.slurmmaven.testcontainers.SlurmContainer}.
 * Uses the public API in {@code cluster} with {@code client}.
 */
@NullMarked
package io.github.slurmmaven.testcontainers;

import org.jspecify.annotations.NullMarked;
