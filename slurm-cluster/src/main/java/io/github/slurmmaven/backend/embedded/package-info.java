/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A cluster as processes of this machine, from the bundle of Slurm's own programs. Uses {@code
 * backend}, {@code digest}, {@code render}, {@code report}, {@code spec}, and the SSH server's
 * command line from {@code embedded} of slurm-embedded.
 */
@NullMarked
package io.github.slurmmaven.backend.embedded;

import org.jspecify.annotations.NullMarked;
