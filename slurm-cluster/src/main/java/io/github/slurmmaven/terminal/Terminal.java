/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.terminal;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/** A terminal in raw mode: every key goes to the other side, control characters included. */
public interface Terminal extends AutoCloseable {

  /**
   * What the terminal understands, as the variable {@code TERM} says it: {@code xterm-256color}.
   */
  String type();

  /** Its size now. */
  Size size();

  /** The keys as they are pressed; its end is the end of the session's input. */
  InputStream input();

  /** The screen. Not buffered, or flushed by whoever writes. */
  OutputStream output();

  /**
   * Hears of every change of size.
   *
   * @param listener called from another thread, until the terminal is closed
   */
  void onResize(Consumer<Size> listener);

  /** Gives the terminal back as it was. */
  @Override
  void close();

  /** Size in characters. */
  record Size(int columns, int rows) {}
}
