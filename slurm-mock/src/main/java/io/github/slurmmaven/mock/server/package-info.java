/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The SSH server, with SFTP and SCP. Uses {@code mock.shell} for the files that it shows, {@code
 * client}, and {@code embedded} of slurm-embedded. It knows nothing of Slurm.
 */
@NullMarked
package io.github.slurmmaven.mock.server;

import org.jspecify.annotations.NullMarked;
