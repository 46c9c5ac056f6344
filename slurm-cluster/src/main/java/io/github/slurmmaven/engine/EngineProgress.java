/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

/** Listens to what a long request is doing. Called from one thread at a time. */
@FunctionalInterface
public interface EngineProgress {

  /** One line that stays. */
  void line(String line);

  /**
   * What is going on at the moment, for a place on a screen where the next one overwrites it; not
   * worth a place in a file.
   */
  default void now(String status) {}
}
