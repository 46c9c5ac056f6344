/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.slurmmaven.terminal.Screen;
import io.github.slurmmaven.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A person's terminal without the person. Like the keyboard of a terminal in raw mode, it blocks
 * until a key is pressed, and cannot be interrupted unless it is said to.
 */
public final class TestTerminal implements Terminal {

  private final ByteArrayOutputStream keys = new ByteArrayOutputStream();
  private final Screen screen = new Screen();
  private final List<Consumer<Size>> listeners = new ArrayList<>();
  private Size size = new Size(80, 24);
  private boolean interruptible;
  private boolean ended;
  private boolean closed;

  /** One whose reader can be interrupted. */
  public static TestTerminal interruptible() {
    TestTerminal terminal = new TestTerminal();
    terminal.interruptible = true;
    return terminal;
  }

  /** Presses keys, one for each byte. */
  public synchronized TestTerminal press(byte... more) {
    keys.writeBytes(more);
    notifyAll();
    return this;
  }

  public TestTerminal type(String text) {
    return press(text.getBytes(UTF_8));
  }

  /** No more keys come. */
  public synchronized void hangUp() {
    ended = true;
    notifyAll();
  }

  public void resize(int columns, int rows) {
    List<Consumer<Size>> hearing;
    synchronized (this) {
      size = new Size(columns, rows);
      hearing = List.copyOf(listeners);
    }
    hearing.forEach(listener -> listener.accept(new Size(columns, rows)));
  }

  public byte[] shown() {
    return screen.bytes();
  }

  public String text() {
    return screen.text();
  }

  /** Waits for something to be read on the screen. */
  public TestTerminal awaitText(String text) throws InterruptedException {
    screen.await(text);
    return this;
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public String type() {
    return "xterm-256color";
  }

  @Override
  public synchronized Size size() {
    return size;
  }

  @Override
  public InputStream input() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        return take(buffer, offset, length);
      }
    };
  }

  private synchronized int take(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    boolean interrupted = false;
    while (keys.size() == 0 && !ended) {
      try {
        wait();
      } catch (InterruptedException e) {
        if (interruptible) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException();
        }
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (keys.size() == 0) {
      return -1;
    }
    byte[] pressed = keys.toByteArray();
    int count = Math.min(length, pressed.length);
    System.arraycopy(pressed, 0, buffer, offset, count);
    keys.reset();
    keys.write(pressed, count, pressed.length - count);
    return count;
  }

  @Override
  public OutputStream output() {
    return screen;
  }

  @Override
  public synchronized void onResize(Consumer<Size> listener) {
    listeners.add(listener);
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
