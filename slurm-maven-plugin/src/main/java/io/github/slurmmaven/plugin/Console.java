/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.backend.ClusterBackend.CommandOutput;
import io.github.slurmmaven.report.UserMistakeException;
import io.github.slurmmaven.slurm.Style;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.Objects;
import org.apache.maven.shared.utils.logging.MessageUtils;
import org.jspecify.annotations.Nullable;

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

  /**
   * Prints an answer, or writes it to a file.
   *
   * @throws UserMistakeException when the file cannot be written
   */
  static void answer(@Nullable File file, String text) {
    if (file == null) {
      print(text);
      return;
    }
    try {
      Files.createDirectories(
          Objects.requireNonNull(file.getAbsoluteFile().getParentFile()).toPath());
      Files.writeString(file.toPath(), text);
    } catch (IOException e) {
      throw new UserMistakeException("output: '%s' cannot be written: %s".formatted(file, e), e);
    }
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
