/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.terminal;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/**
 * The keys of a raw terminal, whose reads come back empty-handed ten times a second, as a stream
 * that can be interrupted and ended.
 */
final class KeyInput extends InputStream {

  private final InputStream terminal;
  private volatile boolean ended;

  KeyInput() {
    this(new FileInputStream(FileDescriptor.in));
  }

  /**
   * @param terminal answers -1 when no key came in its time
   */
  KeyInput(InputStream terminal) {
    this.terminal = terminal;
  }

  @Override
  public int read() throws IOException {
    byte[] key = new byte[1];
    return read(key, 0, 1) < 0 ? -1 : key[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (true) {
      synchronized (this) {
        if (ended) {
          return -1;
        }
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedIOException("no longer waiting for a key");
        }
        int count = terminal.read(buffer, offset, length);
        if (count > 0) {
          return count;
        }
      }
    }
  }

  /** Ends the stream. Nobody reads from the terminal any more when it returns. */
  void end() {
    ended = true;
    synchronized (this) {
      // The read that was under way is over.
    }
  }
}
