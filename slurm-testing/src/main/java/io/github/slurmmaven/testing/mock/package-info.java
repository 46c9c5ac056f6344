/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A Slurm cluster for unit tests that is none: {@link io.github.slurmmaven.testing.mock.MockSlurm}.
 * Uses the shell below it, the value types of {@code connection}, {@code slurm}, {@code ssh} and
 * {@code report}, {@code resource}, and Ed25519 of {@code embedded}; nothing that knows containers,
 * Maven or JUnit.
 *
 * <h2>Why it has a shell of its own</h2>
 *
 * Clients send command lines, with {@code cd}, pipes, quotes and here-documents. This machine's
 * bash would understand all of them, but it would also run them: {@code rm -rf /home/slurm/work}
 * here instead of there, with paths that SFTP shows elsewhere, at some milliseconds a process, and
 * not on Windows. So a small shell in Java runs them, on files below a temporary directory that
 * SFTP and SCP show too. What it does not know fails with 127 in bash's words, and the test finds
 * it in {@link io.github.slurmmaven.testing.mock.MockSlurm#unknownCommands}.
 */
@NullMarked
package io.github.slurmmaven.testing.mock;

import org.jspecify.annotations.NullMarked;
