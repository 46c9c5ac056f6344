/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

/** Backslash sequences as printf(1) and {@code echo -e} read them. */
final class Escapes {

  private Escapes() {}

  static String apply(String text) {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\' || i + 1 == text.length()) {
        result.append(c);
        continue;
      }
      char next = text.charAt(++i);
      switch (next) {
        case 'n' -> result.append('\n');
        case 't' -> result.append('\t');
        case 'r' -> result.append('\r');
        case 'a' -> result.append('\u0007');
        case 'b' -> result.append('\b');
        case 'f' -> result.append('\f');
        case 'v' -> result.append('\u000b');
        case 'e' -> result.append('\u001b');
        case '\\', '\'', '"' -> result.append(next);
        case '0', '1', '2', '3', '4', '5', '6', '7' -> {
          int end = i;
          while (end < text.length() && end < i + 4 && Character.digit(text.charAt(end), 8) >= 0) {
            end++;
          }
          result.append((char) Integer.parseInt(text.substring(i, end), 8));
          i = end - 1;
        }
        default -> result.append(c).append(next);
      }
    }
    return result.toString();
  }
}
