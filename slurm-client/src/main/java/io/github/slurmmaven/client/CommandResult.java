/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

/**
 * The exit status and the whole output of a command.
 *
 * @param exitCode exit status
 * @param stdout standard output
 * @param stderr standard error
 */
public record CommandResult(int exitCode, String stdout, String stderr) {

  /** Whether the exit status is 0. */
  public boolean ok() {
    return exitCode == 0;
  }
}
