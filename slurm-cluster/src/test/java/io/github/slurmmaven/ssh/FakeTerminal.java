/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.slurmmaven.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** A terminal whose person is a test. */
public final class FakeTerminal implements Terminal {

  private final BlockingQueue<Byte> keys = new LinkedBlockingQueue<>();
  private final Screen screen = new Screen();
  private final List<Consumer<Size>> listeners = new CopyOnWriteArrayList<>();
  private volatile Size size = new Size(100, 30);

  public void press(String text) {
    for (byte key : text.getBytes(UTF_8)) {
      keys.add(key);
    }
  }

  public void resize(int columns, int rows) {
    size = new Size(columns, rows);
    listeners.forEach(listener -> listener.accept(size));
  }

  /** Waits for something to be read on the screen. */
  public void awaitText(String text) throws InterruptedException {
    screen.await(text);
  }

  public String text() {
    return screen.text();
  }

  @Override
  public String type() {
    return "xterm-256color";
  }

  @Override
  public Size size() {
    return size;
  }

  @Override
  public InputStream input() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        try {
          return keys.take() & 0xff;
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException();
        }
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        buffer[offset] = (byte) read();
        return 1;
      }
    };
  }

  @Override
  public OutputStream output() {
    return screen;
  }

  @Override
  public void onResize(Consumer<Size> listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {
    listeners.clear();
  }

  /** What was written, to be waited for. */
  static final class Screen extends OutputStream {

    private static final long LIMIT_MILLIS = 10_000;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      written.write(bytes, offset, length);
      notifyAll();
    }

    synchronized void await(String text) throws InterruptedException {
      long deadline = System.currentTimeMillis() + LIMIT_MILLIS;
      while (!text().contains(text)) {
        long left = deadline - System.currentTimeMillis();
        if (left <= 0) {
          throw new AssertionError("'" + text + "' did not come, but: " + text());
        }
        wait(left);
      }
    }

    synchronized String text() {
      return written.toString(UTF_8);
    }

    synchronized byte[] bytes() {
      return written.toByteArray();
    }
  }
}
