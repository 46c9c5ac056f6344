/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

/**
 * Receives messages about a long operation, as whole lines for users. Implementations are
 * thread-safe.
 */
public interface Progress {

  /** Reports a step of the work, which is shown by default. */
  void step(String message);

  /** Warns of something that does not stop the work. */
  void warn(String message);

  /** Reports a detail of a step, for example one line of an image build. */
  void detail(String message);

  /** Reports what is happening right now; the next status replaces it. Ignored by default. */
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
