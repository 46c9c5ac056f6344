/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A small Bourne shell in memory: the part of bash that SSH clients of Slurm use around its
 * commands. It starts no process and touches nothing outside its own directory. Uses nothing.
 */
@NullMarked
package io.github.slurmmaven.mock.shell;

import org.jspecify.annotations.NullMarked;
