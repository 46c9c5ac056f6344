/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing.mock;

/**
 * A command line that a client sent.
 *
 * @param user who sent it
 * @param line as it was sent
 * @param exitCode how it ended
 * @param stdout what it wrote to standard output
 * @param stderr what it wrote to standard error
 */
public record RecordedCommand(
    String user, String line, int exitCode, String stdout, String stderr) {}
