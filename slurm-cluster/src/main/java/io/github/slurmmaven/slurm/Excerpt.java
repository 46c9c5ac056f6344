/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A part of a file.
 *
 * @param size size of the whole file in bytes
 * @param text the part, or all of it
 * @param whole whether it is all of it
 */
public record Excerpt(long size, String text, boolean whole) {

  /** Reads a size and a part in Base64, with a blank between them. */
  public static Excerpt of(String answer) {
    int blank = answer.indexOf(' ');
    long size = Long.parseLong(answer.substring(0, blank));
    byte[] bytes = Base64.getDecoder().decode(answer.substring(blank + 1));
    return new Excerpt(size, new String(bytes, StandardCharsets.UTF_8), bytes.length >= size);
  }
}
