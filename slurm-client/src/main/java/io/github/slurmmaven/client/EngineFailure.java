/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

/** A failure of a container engine; exceptions of either kind can be one. */
public interface EngineFailure {

  /**
   * Returns whether the engine does not answer but may come back, for example while it restarts.
   */
  boolean isAway();
}
