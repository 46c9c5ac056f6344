/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.slurmmaven.client.CommandOutput;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/**
 * Splits bytes, which arrive in arbitrary pieces, into lines of text. A line of more than a
 * mebibyte is passed on in parts, so that output without line feeds does not fill the memory. Not
 * thread-safe.
 */
public final class LineSplitter {

  static final int LONGEST = 1 << 20;

  private final Consumer<String> lines;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  /**
   * @param lines receives each line without its line feed or carriage return
   */
  public LineSplitter(Consumer<String> lines) {
    this.lines = lines;
  }

  /** Accepts more bytes. */
  public void accept(byte[] bytes) {
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        line.write(bytes, start, i - start);
        emit();
        start = i + 1;
      } else if (line.size() + i - start >= LONGEST && startsCharacter(bytes[i])) {
        line.write(bytes, start, i - start);
        emit();
        start = i;
      }
    }
    line.write(bytes, start, bytes.length - start);
  }

  /** Passes on a last line without a line feed. */
  public void finish() {
    if (line.size() > 0) {
      emit();
    }
  }

  // Line feeds and first bytes never occur inside a longer UTF-8 sequence.
  private static boolean startsCharacter(byte each) {
    return (each & 0xc0) != 0x80;
  }

  private void emit() {
    String text = line.toString(UTF_8);
    line.reset();
    lines.accept(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
  }

  /** Returns an output that passes on each stream line by line, as UTF-8. */
  public static CommandOutput output(Consumer<String> stdout, Consumer<String> stderr) {
    LineSplitter out = new LineSplitter(stdout);
    LineSplitter err = new LineSplitter(stderr);
    return new CommandOutput() {
      @Override
      public void stdout(byte[] bytes) {
        out.accept(bytes);
      }

      @Override
      public void stderr(byte[] bytes) {
        err.accept(bytes);
      }

      @Override
      public void end() {
        out.finish();
        err.finish();
      }
    };
  }
}
