/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

/** How a command in a container ended, and all that it wrote. */
public record ExecResult(int exitCode, String stdout, String stderr) {

  public boolean ok() {
    return exitCode == 0;
  }
}
