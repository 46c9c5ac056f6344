/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.status.Style;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.util.Objects;
import org.apache.maven.shared.utils.logging.MessageUtils;
import org.jspecify.annotations.Nullable;

/**
 * Standard output and standard error, for the output that a user or a script requested. Unlike the
 * log, it has no prefix, and {@code -q} does not silence it.
 */
final class Console {

  /** Maven 4's, which make lines of the log of all that they are given. */
  private static final String LOGGED = "org.apache.maven.logging.LoggingOutputStream";

  private static final PrintStream OUT = unlogged(FileDescriptor.out);
  private static final PrintStream ERR = unlogged(FileDescriptor.err);

  private Console() {}

  /** Standard output. */
  static PrintStream out() {
    return System.out.getClass().getName().startsWith(LOGGED) ? OUT : System.out;
  }

  /** Standard error. */
  static PrintStream err() {
    return System.err.getClass().getName().startsWith(LOGGED) ? ERR : System.err;
  }

  private static PrintStream unlogged(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, Charset.defaultCharset());
  }

  static void print(String text) {
    out().print(text);
    out().flush();
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
    out().println(line);
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
        write(out(), bytes);
      }

      @Override
      public void stderr(byte[] bytes) {
        write(err(), bytes);
      }
    };
  }

  static synchronized void printlnError(String line) {
    err().println(line);
  }

  private static void write(PrintStream stream, byte[] bytes) {
    stream.write(bytes, 0, bytes.length);
    stream.flush();
  }
}
