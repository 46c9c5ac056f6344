/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** {@code $((…))}: whole numbers, variables, and C's operators without assignment. */
final class Arithmetic {

  private static final List<List<String>> LEVELS =
      List.of(
          List.of("||"),
          List.of("&&"),
          List.of("==", "!="),
          List.of("<=", ">=", "<", ">"),
          List.of("+", "-"),
          List.of("*", "/", "%"));

  /** The value of a variable, null where it is not set. */
  @FunctionalInterface
  interface Variables {
    @Nullable String get(String name);
  }

  private final String text;
  private final Variables variables;
  private int position;

  Arithmetic(String text, Variables variables) {
    this.text = text;
    this.variables = variables;
  }

  long value() throws ShellSyntaxException {
    long value = level(0);
    skipBlanks();
    if (position < text.length()) {
      throw error();
    }
    return value;
  }

  private ShellSyntaxException error() {
    return new ShellSyntaxException(
        "%s: syntax error: invalid arithmetic operator (error token is \"%s\")"
            .formatted(text, text.substring(Math.min(position, text.length()))));
  }

  private void skipBlanks() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
  }

  private long level(int level) throws ShellSyntaxException {
    if (level == LEVELS.size()) {
      return unary();
    }
    long left = level(level + 1);
    while (true) {
      skipBlanks();
      String operator =
          LEVELS.get(level).stream()
              .filter(each -> text.startsWith(each, position))
              .findFirst()
              .orElse("");
      if (operator.isEmpty()) {
        return left;
      }
      position += operator.length();
      left = apply(operator, left, level(level + 1));
    }
  }

  private long apply(String operator, long left, long right) throws ShellSyntaxException {
    if (right == 0 && (operator.equals("/") || operator.equals("%"))) {
      throw new ShellSyntaxException(text + ": division by 0 (error token is \"0\")");
    }
    return switch (operator) {
      case "||" -> left != 0 || right != 0 ? 1 : 0;
      case "&&" -> left != 0 && right != 0 ? 1 : 0;
      case "==" -> left == right ? 1 : 0;
      case "!=" -> left != right ? 1 : 0;
      case "<=" -> left <= right ? 1 : 0;
      case ">=" -> left >= right ? 1 : 0;
      case "<" -> left < right ? 1 : 0;
      case ">" -> left > right ? 1 : 0;
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "/" -> left / right;
      default -> left % right;
    };
  }

  private long unary() throws ShellSyntaxException {
    skipBlanks();
    if (position >= text.length()) {
      return 0;
    }
    char c = text.charAt(position);
    if (c == '-' || c == '+' || c == '!') {
      position++;
      long value = unary();
      return c == '-' ? -value : c == '+' ? value : value == 0 ? 1 : 0;
    }
    if (c == '(') {
      position++;
      long value = level(0);
      skipBlanks();
      if (!text.startsWith(")", position)) {
        throw error();
      }
      position++;
      return value;
    }
    int begin = position;
    while (position < text.length()
        && (Character.isLetterOrDigit(text.charAt(position)) || text.charAt(position) == '_')) {
      position++;
    }
    String word = text.substring(begin, position);
    if (word.isEmpty()) {
      throw error();
    }
    try {
      return Long.parseLong(word);
    } catch (NumberFormatException e) {
      UnaryOperator<String> orZero = value -> value.isBlank() ? "0" : value;
      String value = variables.get(word);
      return value == null ? 0 : new Arithmetic(orZero.apply(value), variables).value();
    }
  }
}
