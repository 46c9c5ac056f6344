/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The state of slurmctld: nodes and partitions, jobs and their transitions, time. Uses {@code
 * mock.shell} for the files that jobs write to, and {@code client}.
 */
@NullMarked
package io.github.slurmmaven.mock.job;

import org.jspecify.annotations.NullMarked;
