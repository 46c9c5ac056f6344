/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Slurm's commands answered inside the JVM, for unit tests: {@link
 * io.github.slurmmaven.mock.MockSlurm}. This package is the public API alone. It uses {@code
 * mock.command}, {@code mock.job}, {@code mock.server} and {@code mock.shell}, none of which uses
 * it, and {@code client}; nothing here depends on containers, Maven or JUnit.
 *
 * <h2>The mock is frozen</h2>
 *
 * It exists for machines on which no real Slurm can run, and for states that a real Slurm does not
 * enter on demand. A command or an option is added only for a client that can be named and that
 * sends it, and with a line in the fidelity suite. New features of Slurm are tested on real
 * clusters, which start in a quarter of a second.
 *
 * <h2>Why it has a shell of its own</h2>
 *
 * Clients send command lines, with {@code cd}, pipes, quotes and here-documents. This machine's
 * bash could run all of them, but on this machine's files: {@code rm -rf /home/slurm/work} would
 * delete them, and SFTP would show other ones. It would also take some milliseconds for each
 * process, and not exist on Windows. So a small shell in Java runs them, on files below a temporary
 * directory that SFTP and SCP show, too. An unknown command fails with 127 and bash's message, and
 * the test finds it in {@link io.github.slurmmaven.mock.MockSlurm#unknownCommands}.
 */
@NullMarked
package io.github.slurmmaven.mock;

import org.jspecify.annotations.NullMarked;
