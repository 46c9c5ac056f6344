/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The status of a cluster, as values, text, JSON and YAML. Uses {@code backend}, {@code client},
 * {@code common}, {@code definition}, {@code files}, {@code operations} and {@code slurm}.
 */
@NullMarked
package io.github.slurmmaven.status;

import org.jspecify.annotations.NullMarked;
