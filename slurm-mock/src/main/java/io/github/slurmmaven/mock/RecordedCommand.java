/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import java.util.List;

/**
 * A command line that a client sent.
 *
 * @param user who sent it
 * @param line as it was sent
 * @param exitCode how it ended
 * @param stdout standard output
 * @param stderr standard error
 * @param notMocked what Slurm supports and the mock does not, for example {@code sdiag}: where this
 *     is not empty, a real cluster would have given another answer
 */
public record RecordedCommand(
    String user, String line, int exitCode, String stdout, String stderr, List<String> notMocked) {

  public RecordedCommand {
    notMocked = List.copyOf(notMocked);
  }
}
