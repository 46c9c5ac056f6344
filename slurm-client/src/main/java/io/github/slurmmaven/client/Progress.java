/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

/**
 * Listens to what a long step is doing, in whole lines for people. Implementations are thread-safe.
 */
public interface Progress {

  /** One step of the work: shown by default. */
  void step(String message);

  /** Something the user should know but that stops nothing. */
  void warn(String message);

  /** Detail of a step, for example one line of an image build. */
  void detail(String message);

  /** What goes on at the moment: of no use once the next thing goes on. Not kept by default. */
  default void now(String status) {}

  /** Prints nothing. */
  Progress SILENT =
      new Progress() {
        @Override
        public void step(String message) {}

        @Override
        public void warn(String message) {}

        @Override
        public void detail(String message) {}
      };
}
