/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import java.io.IOException;

/** A command that the shell can run. */
@FunctionalInterface
public interface Program {

  /**
   * Runs once.
   *
   * @return its exit status, 0 to 255
   * @throws IOException when its input cannot be read; the command then fails with status 1
   */
  int run(Call call) throws IOException;
}
