/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.terminal;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/**
 * The keys of a raw terminal as a stream that can be interrupted and ended. Reads of the terminal
 * return without a key ten times a second.
 */
final class KeyInput extends InputStream {

  private final InputStream terminal;
  private volatile boolean ended;

  KeyInput() {
    this(new FileInputStream(FileDescriptor.in));
  }

  /**
   * @param terminal returns -1 when no key was pressed in time
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

  /** Ends the stream. When it returns, no thread reads the terminal any more. */
  void end() {
    ended = true;
    synchronized (this) {
      // The current read has ended.
    }
  }
}
