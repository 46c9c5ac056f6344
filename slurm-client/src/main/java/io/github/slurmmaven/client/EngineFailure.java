/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

/** A failure of a container engine; exceptions of either kind can be one. */
public interface EngineFailure {

  /** Whether the engine does not answer, as while it is restarted, and may come back. */
  boolean isAway();
}
