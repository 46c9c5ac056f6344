/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The body of an engine's response. Failures of the engine are not {@link IOException} here, so a
 * reader can distinguish them from its own. Closing leaves the rest unread.
 */
final class AnswerBody extends FilterInputStream {

  private final String doing;
  private final Failures failures;

  AnswerBody(InputStream body, String doing, Failures failures) {
    super(body);
    this.doing = doing;
    this.failures = failures;
  }

  @Override
  public int read() {
    try {
      return super.read();
    } catch (IOException e) {
      throw failures.translate(doing, e);
    }
  }

  @Override
  public int read(byte[] buffer, int offset, int length) {
    try {
      return super.read(buffer, offset, length);
    } catch (IOException e) {
      throw failures.translate(doing, e);
    }
  }

  @Override
  public long skip(long count) {
    try {
      return super.skip(count);
    } catch (IOException e) {
      throw failures.translate(doing, e);
    }
  }

  // Closing the body would read all the rest; the caller closes the connection instead.
  @Override
  public void close() {}
}
