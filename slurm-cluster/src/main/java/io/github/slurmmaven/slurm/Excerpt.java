/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.SlurmClusterException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A part of a file.
 *
 * @param size size of the whole file in bytes
 * @param text the part, or all of it
 * @param whole whether the text is the whole file
 */
public record Excerpt(long size, String text, boolean whole) {

  /** Reads a part in Base64. */
  public static Excerpt of(long size, String base64) {
    return of(size, Base64.getDecoder().decode(base64));
  }

  private static Excerpt of(long size, byte[] bytes) {
    return new Excerpt(size, new String(bytes, StandardCharsets.UTF_8), bytes.length >= size);
  }

  /**
   * Splits the parts of several files.
   *
   * @param sizes sizes of the whole files
   * @param longest longest part of a file in bytes
   * @param base64 the parts, one after the other, in Base64
   */
  public static List<Excerpt> split(List<Long> sizes, int longest, String base64) {
    byte[] all = Base64.getDecoder().decode(base64);
    if (all.length != sizes.stream().mapToLong(size -> Math.min(size, longest)).sum()) {
      throw new SlurmClusterException(
          "%d files of together %d bytes were read, and %d bytes arrived"
              .formatted(sizes.size(), sizes.stream().mapToLong(size -> size).sum(), all.length));
    }
    List<Excerpt> parts = new ArrayList<>();
    int begin = 0;
    for (long size : sizes) {
      int end = begin + (int) Math.min(size, longest);
      parts.add(of(size, Arrays.copyOfRange(all, begin, end)));
      begin = end;
    }
    return parts;
  }
}
