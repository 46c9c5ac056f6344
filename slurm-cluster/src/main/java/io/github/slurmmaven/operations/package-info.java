/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Operations on a running cluster: commands on its nodes, batch runs, logs, images, setup. Uses
 * {@code backend}, {@code client}, {@code common}, {@code definition}, {@code files}, {@code
 * resource}, {@code slurm} and {@code terminal}.
 */
@NullMarked
package io.github.slurmmaven.operations;

import org.jspecify.annotations.NullMarked;
