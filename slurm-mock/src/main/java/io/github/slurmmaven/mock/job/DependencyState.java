/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import java.time.Instant;

/**
 * The state of a dependency.
 *
 * @param text the rest of it in Slurm's notation; empty if it is met
 * @param met whether the job may start
 * @param never whether it can no longer be met
 * @param since since when it is met
 */
record DependencyState(String text, boolean met, boolean never, Instant since) {

  /** Returns Slurm's text before the first check. */
  static String unchecked(String text) {
    return text.isEmpty() ? "" : text.replaceAll("(?=[,?]|$)", "(unfulfilled)");
  }
}
