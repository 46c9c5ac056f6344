/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a tar archive whose bytes depend on nothing but names and contents.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html">the ustar
 *     format</a>
 */
final class TarArchive {

  private static final int BLOCK = 512;
  private static final int NAME_LENGTH = 100;
  private static final int PREFIX_LENGTH = 155;
  private static final long MODIFIED = Instant.parse("2000-01-01T00:00:00Z").getEpochSecond();

  private TarArchive() {}

  /**
   * @param files path (with {@code /}) to content; all get mode 0644 and belong to root
   */
  static byte[] of(Map<String, byte[]> files) {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    new TreeMap<>(files)
        .forEach(
            (path, content) -> {
              archive.writeBytes(header(path, content.length));
              archive.writeBytes(content);
              archive.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
            });
    archive.writeBytes(new byte[2 * BLOCK]);
    return archive.toByteArray();
  }

  private static byte[] header(String path, int size) {
    byte[] header = new byte[BLOCK];
    String name = path;
    String prefix = "";
    if (length(path) > NAME_LENGTH) {
      int slash = path.indexOf('/', Math.max(0, path.length() - NAME_LENGTH - 1));
      name = path.substring(slash + 1);
      prefix = path.substring(0, Math.max(slash, 0));
    }
    if (length(name) > NAME_LENGTH || length(prefix) > PREFIX_LENGTH) {
      throw new IllegalArgumentException("path too long for a build context: " + path);
    }
    put(header, 0, name);
    put(header, 100, "0000644");
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, octal(size));
    put(header, 136, octal(MODIFIED));
    Arrays.fill(header, 148, 156, (byte) ' ');
    header[156] = '0';
    put(header, 257, "ustar");
    put(header, 263, "00");
    put(header, 345, prefix);
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, String.format("%06o\0 ", sum));
    return header;
  }

  private static int length(String text) {
    return text.getBytes(UTF_8).length;
  }

  private static String octal(long number) {
    return String.format("%011o", number);
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(offset == 0 || offset == 345 ? UTF_8 : US_ASCII);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}
