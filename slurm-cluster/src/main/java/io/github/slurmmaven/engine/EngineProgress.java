/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

/** A listener for the progress of a long request. Called from one thread at a time. */
@FunctionalInterface
public interface EngineProgress {

  /** Reports a line that is kept. */
  void line(String line);

  /**
   * Reports the present status, for a place on a screen where the next status overwrites it. It
   * does not belong in a log.
   */
  default void now(String status) {}
}
