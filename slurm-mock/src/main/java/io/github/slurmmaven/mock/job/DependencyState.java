/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import java.time.Instant;

/**
 * How a dependency stands.
 *
 * @param text what is left of it, as Slurm writes it; empty when nothing is
 * @param met whether the job may start
 * @param never whether it can no longer be met
 * @param since since when it is met
 */
record DependencyState(String text, boolean met, boolean never, Instant since) {

  /** What Slurm writes before it has looked. */
  static String unchecked(String text) {
    return text.isEmpty() ? "" : text.replaceAll("(?=[,?]|$)", "(unfulfilled)");
  }
}
