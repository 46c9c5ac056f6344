/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces variables in a text as Compose does.
 *
 * @see <a
 *     href="https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md">Interpolation</a>
 */
final class Interpolation {

  /** Limits the growth of a few lines such as {@code A=$B$B}. */
  private static final int MAX_LENGTH = 1 << 20;

  /** Limits the growth of many such lines. */
  private static final long MAX_TOTAL = 16L << 20;

  private static final int MAX_DEPTH = 20;

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Map<String, String> variables;
  private long total;

  Interpolation(Map<String, String> variables) {
    this.variables = variables;
  }

  String expand(String text, Location at) {
    String expanded = expand(text, at, 0);
    total += expanded.length();
    if (total > MAX_TOTAL) {
      throw at.mistake("is too much: with its variables, the file grows beyond 16 MiB");
    }
    return expanded;
  }

  private String expand(String text, Location at, int depth) {
    if (depth > MAX_DEPTH) {
      throw at.mistake("has defaults nested more than " + MAX_DEPTH + " deep");
    }
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      int dollar = text.indexOf('$', i);
      if (dollar < 0) {
        return out.append(text, i, text.length()).toString();
      }
      out.append(text, i, dollar);
      i = dollar;
      char next = i + 1 < text.length() ? text.charAt(i + 1) : '\0';
      int end = endOfName(text, i + 1);
      if (next == '$') {
        out.append('$');
        i += 2;
      } else if (next == '{') {
        int close = closingBrace(text, i + 1, at);
        out.append(braced(text.substring(i + 2, close), at, depth));
        i = close + 1;
      } else if (end > i + 1) {
        out.append(required(text.substring(i + 1, end), at));
        i = end;
      } else {
        out.append('$');
        i++;
      }
      if (out.length() > MAX_LENGTH) {
        throw at.mistake("grows beyond " + MAX_LENGTH + " characters with its variables");
      }
    }
    return out.toString();
  }

  private String braced(String body, Location at, int depth) {
    int end = endOfName(body, 0);
    String name = body.substring(0, end);
    String rest = body.substring(end);
    if (name.isEmpty()) {
      throw invalid("${" + body + "}", at);
    }
    if (rest.isEmpty()) {
      return required(name, at);
    }
    boolean emptyIsUnset = rest.startsWith(":");
    String operator = rest.substring(0, Math.min(rest.length(), emptyIsUnset ? 2 : 1));
    String operand = rest.substring(operator.length());
    String value = variables.get(name);
    boolean set = value != null && !(emptyIsUnset && value.isEmpty());
    return switch (operator) {
      case ":-", "-" -> set && value != null ? value : expand(operand, at, depth + 1);
      case ":+", "+" -> set ? expand(operand, at, depth + 1) : "";
      case ":?", "?" -> {
        if (!set || value == null) {
          throw at.mistake(
              "needs the variable "
                  + name
                  + (value == null ? ", which is not set" : ", which is empty")
                  + (operand.isEmpty() ? "" : ": " + expand(operand, at, depth + 1)));
        }
        yield value;
      }
      default -> throw invalid("${" + body + "}", at);
    };
  }

  private String required(String name, Location at) {
    @Nullable String value = variables.get(name);
    if (value == null) {
      throw at.mistake(
          "uses the variable "
              + name
              + ", which is not set: set it in .env or in the environment, write ${"
              + name
              + ":-default} to give a default, or $$ for a plain $");
    }
    return value;
  }

  private static RuntimeException invalid(String part, Location at) {
    return at.mistake(
        part,
        "is not a variable: use $NAME, ${NAME}, ${NAME:-default}, ${NAME:?message} or"
            + " ${NAME:+replacement}, or $$ for a plain $");
  }

  private static int closingBrace(String text, int open, Location at) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      if (text.charAt(i) == '{') {
        depth++;
      } else if (text.charAt(i) == '}' && --depth == 0) {
        return i;
      }
    }
    throw invalid(text.substring(open - 1), at);
  }

  /** Returns the end of the name that starts here; {@code start} if there is none. */
  private static int endOfName(String text, int start) {
    Matcher name = NAME.matcher(text).region(start, text.length());
    return name.lookingAt() ? name.end() : start;
  }
}
