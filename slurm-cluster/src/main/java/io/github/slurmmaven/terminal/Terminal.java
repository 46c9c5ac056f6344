/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.terminal;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/** A terminal in raw mode: every key is passed on, including control characters. */
public interface Terminal extends AutoCloseable {

  /** Returns the terminal's type, as in the variable {@code TERM}: {@code xterm-256color}. */
  String type();

  /**
   * Returns its present size. Takes some milliseconds, so call it at the start and after changes
   * only.
   */
  Size size();

  /**
   * Returns the keys as they are pressed. A read waits for a key. It ends when the terminal is
   * closed, and throws {@link java.io.InterruptedIOException} when its thread is interrupted, so
   * that an ended session reads no more keys.
   */
  InputStream input();

  /** Returns the screen. Not buffered. */
  OutputStream output();

  /**
   * Adds a listener for changes of the size.
   *
   * @param listener called from another thread, one call at a time, until the terminal is closed
   */
  void onResize(Consumer<Size> listener);

  /** Restores the terminal. */
  @Override
  void close();

  /** Size in characters. */
  record Size(int columns, int rows) {}
}
