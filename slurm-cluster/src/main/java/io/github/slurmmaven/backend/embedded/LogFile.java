/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.client.LogRequest;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A log that grows while it is read.
 *
 * @param file its path; a missing file is not an error
 */
record LogFile(Path file) {

  private static final long POLL_MILLIS = 50;
  private static final int CHUNK = 65_536;

  /** Length of a time in Slurm's logs: {@code [2026-11-20T13:58:53.188] text}. */
  private static final int TIME_LENGTH = 23;

  /**
   * Reads the log.
   *
   * @param goesOn whether a process may still write to it
   */
  void read(LogRequest request, Consumer<String> lines, BooleanSupplier goesOn) {
    try {
      long end = readThere(request, lines);
      if (request.follow()) {
        follow(end, lines, goesOn);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  /** Reads what is there, and returns the position after it. */
  private long readThere(LogRequest request, Consumer<String> lines) throws IOException {
    long size;
    try {
      size = Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
    int most = request.tail().orElse(Integer.MAX_VALUE);
    Deque<String> last = new ArrayDeque<>();
    // A line without a time has the time of the line before it.
    boolean wanted = request.since().isEmpty();
    long read = 0;
    try (InputStream in = Files.newInputStream(file);
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1))) {
      for (String line = reader.readLine();
          line != null && read + line.length() + 1 <= size;
          line = reader.readLine()) {
        read += line.length() + 1;
        wanted = wanted || !isBefore(line, request.since().orElseThrow());
        if (wanted) {
          last.add(line);
          if (last.size() > most) {
            last.remove();
          }
        }
      }
    }
    last.forEach(line -> lines.accept(text(line.getBytes(StandardCharsets.ISO_8859_1))));
    return read;
  }

  private static boolean isBefore(String line, Instant since) {
    if (!line.startsWith("[") || line.length() <= TIME_LENGTH) {
      return true;
    }
    try {
      return LocalDateTime.parse(line.substring(1, 1 + TIME_LENGTH))
          .atZone(ZoneId.systemDefault())
          .toInstant()
          .isBefore(since);
    } catch (DateTimeParseException e) {
      return true;
    }
  }

  private void follow(long from, Consumer<String> lines, BooleanSupplier goesOn)
      throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long position = from;
    boolean more = true;
    while (more) {
      // Comes before the last read, so that no last line is missed.
      more = goesOn.getAsBoolean() && !Thread.currentThread().isInterrupted();
      position = readOn(position, line, lines);
      if (more) {
        try {
          TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
    if (line.size() > 0) {
      lines.accept(text(line.toByteArray()));
    }
  }

  private long readOn(long from, ByteArrayOutputStream line, Consumer<String> lines)
      throws IOException {
    long position = from;
    try (InputStream in = Files.newInputStream(file)) {
      in.skipNBytes(from);
      byte[] buffer = new byte[CHUNK];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        position += n;
        for (int i = 0; i < n; i++) {
          if (buffer[i] == '\n') {
            lines.accept(text(line.toByteArray()));
            line.reset();
          } else {
            line.write(buffer[i]);
          }
        }
      }
    } catch (NoSuchFileException | java.io.EOFException e) {
      // The file does not exist yet, or was truncated.
      return 0;
    }
    return position;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
