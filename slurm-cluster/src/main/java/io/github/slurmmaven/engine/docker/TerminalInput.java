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
 * What a person types, on its way to a command. The transport reads from here, and never from the
 * person's terminal, where it could not be made to stop.
 *
 * <p>A terminal has no end of file of its own: it is a key, which ends one reading. So it is
 * pressed again and again until nobody reads any more.
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

  /** Reads the person's terminal until its end, or until this is closed. */
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
      // Nothing more can be typed, as at the end.
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

  /** Nothing more is typed, and what runs is asked to end. */
  synchronized void hangUp() {
    typed = INTERRUPT;
    // A shell that is interrupted forgets what was typed with it.
    nextEndOfFile = System.nanoTime() + SHORTEST_PAUSE;
    pause = SHORTEST_PAUSE;
    ended = true;
    notifyAll();
  }

  @Override
  public synchronized int read(byte[] buffer, int offset, int length) throws IOException {
    // What goes wrong with the connection, its reader says; the transport would print it.
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
