/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.bundle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * The path of the loader in a program. The kernel accepts no relative path, so it is known only
 * after unpacking. See <a href="https://man7.org/linux/man-pages/man5/elf.5.html">elf(5)</a>,
 * {@code PT_INTERP}.
 *
 * @param offset offset of the path in the file
 * @param size bytes that the path may take, including the closing NUL
 */
public record ElfInterpreter(int offset, int size) {

  private static final byte[] MAGIC = {0x7f, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little-endian */};
  private static final int PROGRAM_HEADERS = 32;
  private static final int PROGRAM_HEADER_SIZE = 54;
  private static final int PROGRAM_HEADER_COUNT = 56;
  private static final int PT_INTERP = 3;
  private static final int HEADER_OFFSET = 8;
  private static final int HEADER_FILE_SIZE = 32;

  /**
   * Finds the path in a file.
   *
   * @return empty when the file is not a program or needs no loader
   * @throws IndexOutOfBoundsException when the file is truncated
   */
  public static Optional<ElfInterpreter> of(byte[] file) {
    if (file.length < MAGIC.length
        || !Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      return Optional.empty();
    }
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int header = Math.toIntExact(elf.getLong(PROGRAM_HEADERS));
    for (int i = 0; i < elf.getShort(PROGRAM_HEADER_COUNT); i++) {
      if (elf.getInt(header) == PT_INTERP) {
        return Optional.of(
            new ElfInterpreter(
                Math.toIntExact(elf.getLong(header + HEADER_OFFSET)),
                Math.toIntExact(elf.getLong(header + HEADER_FILE_SIZE))));
      }
      header += elf.getShort(PROGRAM_HEADER_SIZE);
    }
    return Optional.empty();
  }

  /** Returns the present path. */
  String read(byte[] file) {
    int end = offset;
    while (file[end] != 0) {
      end++;
    }
    return new String(file, offset, end - offset, StandardCharsets.ISO_8859_1);
  }

  /** The longest path that can be written, in bytes. */
  int longest() {
    return size - 1;
  }

  /**
   * Replaces the path.
   *
   * @throws IllegalArgumentException when the new path is too long
   */
  void write(byte[] file, byte[] path) {
    if (path.length > longest()) {
      throw new IllegalArgumentException("longer than " + longest() + " bytes");
    }
    Arrays.fill(file, offset, offset + size, (byte) 0);
    System.arraycopy(path, 0, file, offset, path.length);
  }

  /**
   * Returns the bytes of a path as the kernel sees them. A {@code file:} URI has them independently
   * of the locale.
   */
  static byte[] bytes(Path path) {
    String encoded = path.toUri().getRawPath();
    byte[] bytes = new byte[encoded.length()];
    int length = 0;
    for (int i = 0; i < encoded.length(); i++) {
      if (encoded.charAt(i) == '%') {
        bytes[length++] = (byte) Integer.parseInt(encoded, i + 1, i + 3, 16);
        i += 2;
      } else {
        bytes[length++] = (byte) encoded.charAt(i);
      }
    }
    return Arrays.copyOf(bytes, length);
  }
}
