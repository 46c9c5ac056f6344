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

  /** Its size now. Costs some milliseconds: to be asked at the start and when it changes. */
  Size size();

  /**
   * The keys as they are pressed. A read waits for one. It ends when the terminal is closed, and
   * throws {@link java.io.InterruptedIOException} when its thread is interrupted: so a session that
   * ends lets go of the keys.
   */
  InputStream input();

  /** The screen. Not buffered. */
  OutputStream output();

  /**
   * Listens to every change of size.
   *
   * @param listener called from another thread, one call at a time, until the terminal is closed
   */
  void onResize(Consumer<Size> listener);

  /** Gives the terminal back as it was. */
  @Override
  void close();

  /** Size in characters. */
  record Size(int columns, int rows) {}
}
