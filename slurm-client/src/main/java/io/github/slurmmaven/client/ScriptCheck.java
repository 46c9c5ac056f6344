/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.nio.file.Path;

/**
 * Whether Slurm accepts a job script, which was submitted and did not run.
 *
 * @param script the script
 * @param isTaken whether Slurm accepts it
 * @param answer the message of sbatch: why it refuses the script, or its warnings; may be empty
 */
public record ScriptCheck(Path script, boolean isTaken, String answer) {}
