/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What is done to a running cluster: commands on its nodes, batch runs, logs, set-up. Uses {@code
 * backend}, {@code client}, {@code common}, {@code definition}, {@code resource} and {@code slurm}.
 */
@NullMarked
package io.github.slurmmaven.operations;

import org.jspecify.annotations.NullMarked;
