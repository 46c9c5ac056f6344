/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import io.github.slurmmaven.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The user's input for a command. The transport reads from this stream, and not from the user's
 * terminal, where a read could not be interrupted.
 *
 * <p>On a terminal, end of file is a key, which ends one read. So this stream repeats it until the
 * command does not read any more.
 */
final class TerminalInput extends InputStream {

  private static final byte[] INTERRUPT = {3};
  private static final byte[] END_OF_FILE = {4};
  private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(5);

  private byte[] typed = {};
  private long nextEndOfFile;
  private long pause = SHORTEST_PAUSE;
  private boolean ended;
  private boolean closed;
  private @Nullable Thread pump;

  /** Reads the user's terminal until its end, or until this is closed. */
  void pump(Terminal terminal) {
    synchronized (this) {
      if (closed) {
        return;
      }
      pump = Thread.currentThread();
    }
    try {
      byte[] buffer = new byte[1024];
      for (int count = terminal.input().read(buffer);
          count >= 0;
          count = terminal.input().read(buffer)) {
        if (!typed(Arrays.copyOf(buffer, count))) {
          break;
        }
      }
    } catch (InterruptedException | IOException e) {
      // The terminal is gone, which is the end of the input.
    }
    end();
  }

  private synchronized void end() {
    pump = null;
    if (!ended) {
      nextEndOfFile = System.nanoTime();
      ended = true;
      notifyAll();
    }
  }

  private synchronized boolean typed(byte[] keys) throws InterruptedException {
    while (typed.length > 0 && !closed && !ended) {
      wait();
    }
    if (closed || ended) {
      return false;
    }
    typed = keys;
    notifyAll();
    return true;
  }

  /** Ends the input, and sends the command Ctrl-C. */
  synchronized void hangUp() {
    typed = INTERRUPT;
    // An interrupted shell discards the input that comes with the interrupt.
    nextEndOfFile = System.nanoTime() + SHORTEST_PAUSE;
    pause = SHORTEST_PAUSE;
    ended = true;
    notifyAll();
  }

  @Override
  public synchronized int read(byte[] buffer, int offset, int length) throws IOException {
    // The reader reports a failure of the connection; the transport would print it, too.
    Thread.currentThread().setUncaughtExceptionHandler((thread, failure) -> {});
    if (length == 0) {
      return 0;
    }
    try {
      while (!closed) {
        if (typed.length > 0) {
          int count = Math.min(length, typed.length);
          System.arraycopy(typed, 0, buffer, offset, count);
          typed = Arrays.copyOfRange(typed, count, typed.length);
          notifyAll();
          return count;
        }
        long early = nextEndOfFile - System.nanoTime();
        if (!ended) {
          wait();
        } else if (early > 0) {
          TimeUnit.NANOSECONDS.timedWait(this, early);
        } else {
          typed = END_OF_FILE;
          nextEndOfFile = System.nanoTime() + pause;
          pause = Math.min(2 * pause, LONGEST_PAUSE);
        }
      }
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /** The command has ended, so its input is neither read nor needed. */
  @Override
  public synchronized void close() {
    closed = true;
    if (pump != null) {
      pump.interrupt();
    }
    notifyAll();
  }
}
