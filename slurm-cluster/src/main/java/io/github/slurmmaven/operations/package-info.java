/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What is done to a running cluster: commands on its nodes, batch runs, logs, images, set-up. Uses
 * {@code backend}, {@code client}, {@code common}, {@code definition}, {@code files}, {@code
 * resource}, {@code slurm} and {@code terminal}.
 */
@NullMarked
package io.github.slurmmaven.operations;

import org.jspecify.annotations.NullMarked;
