/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import java.time.Duration;

/** One thing that a usable cluster does. */
interface Probe {

  /**
   * Waits until the cluster does it.
   *
   * @param timeout longest time to wait
   * @throws io.github.slurmmaven.client.SlurmClusterException when it is clear that it never will
   */
  void await(Duration timeout) throws InterruptedException;

  /** What the probe waits for now, in words; empty once it has passed. */
  String waitingFor();
}
