/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Slurm's commands: their options, tables and error messages. Uses {@code mock.job}, {@code
 * mock.shell}, {@code client} and {@code resource}.
 */
@NullMarked
package io.github.slurmmaven.mock.command;

import org.jspecify.annotations.NullMarked;
