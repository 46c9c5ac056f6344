/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import java.time.Duration;

/** A condition of a usable cluster. */
interface Probe {

  /**
   * Waits until the condition holds.
   *
   * @param timeout longest time to wait
   * @throws io.github.slurmmaven.client.SlurmClusterException when it can never hold
   */
  void await(Duration timeout) throws InterruptedException;

  /** Describes what the probe waits for; empty once it has passed. */
  String waitingFor();
}
