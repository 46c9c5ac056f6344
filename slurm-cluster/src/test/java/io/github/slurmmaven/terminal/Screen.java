/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;

/** What was written, to be waited for. */
public final class Screen extends OutputStream {

  private static final long LIMIT_MILLIS = 20_000;

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

  public synchronized void await(String text) throws InterruptedException {
    long deadline = System.currentTimeMillis() + LIMIT_MILLIS;
    while (!text().contains(text)) {
      long left = deadline - System.currentTimeMillis();
      if (left <= 0) {
        throw new AssertionError("'" + text + "' did not come, but: " + text());
      }
      wait(left);
    }
  }

  public synchronized String text() {
    return written.toString(UTF_8);
  }

  public synchronized byte[] bytes() {
    return written.toByteArray();
  }
}
