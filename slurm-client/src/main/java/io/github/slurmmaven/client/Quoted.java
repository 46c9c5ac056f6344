/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.util.Set;

/** Formats a user's text for a message: on one line, short, and with invisible characters shown. */
public final class Quoted {

  private static final int LONGEST = 200;

  /** Types of characters that a terminal interprets or does not show. */
  private static final Set<Integer> INVISIBLE =
      Set.of(
          (int) Character.CONTROL,
          (int) Character.FORMAT,
          (int) Character.LINE_SEPARATOR,
          (int) Character.PARAGRAPH_SEPARATOR,
          (int) Character.SURROGATE,
          (int) Character.UNASSIGNED);

  private Quoted() {}

  /** Returns the text without quotes, and without its end if it is long. */
  public static String plain(Object value) {
    StringBuilder plain = new StringBuilder();
    String text = String.valueOf(value);
    text.codePoints()
        .limit(LONGEST)
        .forEach(
            c -> {
              if (INVISIBLE.contains(Character.getType(c))) {
                plain.append(c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\u%04x".formatted(c));
              } else {
                plain.appendCodePoint(c);
              }
            });
    return plain.append(text.codePointCount(0, text.length()) > LONGEST ? "…" : "").toString();
  }

  /** Returns the text in quotes. */
  public static String of(Object value) {
    return "'" + plain(value) + "'";
  }
}
