/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What slurmctld knows: nodes and partitions, jobs and what becomes of them, time. Uses {@code
 * mock.shell} for the files that jobs write to, and {@code client}.
 */
@NullMarked
package io.github.slurmmaven.mock.job;

import org.jspecify.annotations.NullMarked;
