/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import io.github.slurmmaven.common.LineSplitter;
import java.util.function.Consumer;

/**
 * Hears what a command writes while it runs, in the pieces in which it comes. Called from one
 * thread; while it is busy, the command waits.
 */
public interface ExecOutput {

  /** A piece of standard output. */
  void stdout(byte[] bytes);

  /** A piece of standard error. */
  void stderr(byte[] bytes);

  /** Nothing more comes. */
  default void end() {}

  /** Hears each stream line by line, as UTF-8. */
  static ExecOutput lines(Consumer<String> stdout, Consumer<String> stderr) {
    LineSplitter out = new LineSplitter(stdout);
    LineSplitter err = new LineSplitter(stderr);
    return new ExecOutput() {
      @Override
      public void stdout(byte[] bytes) {
        out.accept(bytes);
      }

      @Override
      public void stderr(byte[] bytes) {
        err.accept(bytes);
      }

      @Override
      public void end() {
        out.finish();
        err.finish();
      }
    };
  }
}
