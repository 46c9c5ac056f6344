/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.backend.ClusterBackend.CommandOutput;
import io.github.slurmmaven.slurm.Style;
import java.io.PrintStream;
import org.apache.maven.shared.utils.logging.MessageUtils;

/**
 * Standard output and standard error, for what a person or a script asked for. It is not the log:
 * it has no prefix, and {@code -q} does not silence it.
 */
final class Console {

  private Console() {}

  static void print(String text) {
    System.out.print(text);
    System.out.flush();
  }

  static synchronized void println(String line) {
    System.out.println(line);
  }

  /** Colours as Maven's own, and none where Maven has none. */
  static Style style() {
    return new Style() {
      @Override
      public String good(String text) {
        return MessageUtils.buffer().success(text).build();
      }

      @Override
      public String bad(String text) {
        return MessageUtils.buffer().failure(text).build();
      }
    };
  }

  /** Byte for byte. */
  static CommandOutput output() {
    return new CommandOutput() {
      @Override
      public void stdout(byte[] bytes) {
        write(System.out, bytes);
      }

      @Override
      public void stderr(byte[] bytes) {
        write(System.err, bytes);
      }
    };
  }

  static synchronized void printlnError(String line) {
    System.err.println(line);
  }

  private static void write(PrintStream stream, byte[] bytes) {
    stream.write(bytes, 0, bytes.length);
    stream.flush();
  }
}
