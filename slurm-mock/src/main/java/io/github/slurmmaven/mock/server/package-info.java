/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The SSH server, with SFTP and SCP. Uses {@code mock.shell} for its files, {@code client}, and
 * {@code embedded} of slurm-embedded. It is independent of Slurm.
 */
@NullMarked
package io.github.slurmmaven.mock.server;

import org.jspecify.annotations.NullMarked;
