/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import java.util.ArrayList;
import java.util.List;

/** Splits a command line into words and operators. */
final class Lexer {

  enum Kind {
    WORD,
    OPERATOR,
    REDIRECTION,
    NEWLINE,
    END
  }

  /**
   * A word or an operator.
   *
   * @param text a word as it was written, or an operator
   * @param descriptor of a redirection; -1 when it was not written
   */
  record Token(Kind kind, String text, int descriptor, int line) {

    boolean is(String operator) {
      return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isWord(String word) {
      return kind == Kind.WORD && text.equals(word);
    }
  }

  /** A here-document that begins after the current line. */
  static final class HereDocument {

    private final String delimiter;
    private final boolean stripTabs;
    private String text = "";

    HereDocument(String delimiter, boolean stripTabs) {
      this.delimiter = delimiter;
      this.stripTabs = stripTabs;
    }

    String text() {
      return text;
    }
  }

  private static final List<String> REDIRECTIONS =
      List.of("&>>", "<<<", "<<-", "&>", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">");
  private static final List<String> OPERATORS =
      List.of(";;", "&&", "||", "|&", ";", "&", "|", "(", ")");

  private final String text;
  private final List<HereDocument> waiting = new ArrayList<>();
  private int position;
  private int line = 1;
  private boolean openDocument;

  Lexer(String text) {
    this.text = text;
  }

  int line() {
    return line;
  }

  /** Whether a here-document has no end. */
  boolean hasOpenDocument() {
    return openDocument;
  }

  /** The line of the script with this number. */
  String line(int number) {
    return text.split("\n", -1)[number - 1];
  }

  void await(HereDocument document) {
    waiting.add(document);
  }

  Token next() throws ShellSyntaxException {
    skipBlanks();
    if (position >= text.length()) {
      readHereDocuments();
      return new Token(Kind.END, "newline", -1, line);
    }
    char c = text.charAt(position);
    if (c == '\n') {
      position++;
      Token token = new Token(Kind.NEWLINE, "newline", -1, line);
      line++;
      readHereDocuments();
      return token;
    }
    int digits = position;
    while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
      digits++;
    }
    if (digits > position && digits < text.length() && "<>".indexOf(text.charAt(digits)) >= 0) {
      int descriptor = Integer.parseInt(text.substring(position, digits));
      position = digits;
      return new Token(Kind.REDIRECTION, operator(REDIRECTIONS), descriptor, line);
    }
    String redirection = operator(REDIRECTIONS);
    if (!redirection.isEmpty()) {
      return new Token(Kind.REDIRECTION, redirection, -1, line);
    }
    String operator = operator(OPERATORS);
    if (!operator.isEmpty()) {
      return new Token(Kind.OPERATOR, operator, -1, line);
    }
    int begin = position;
    position = wordEnd(position);
    String word = text.substring(begin, position);
    Token token = new Token(Kind.WORD, word, -1, line);
    line += (int) word.chars().filter(each -> each == '\n').count();
    return token;
  }

  private void skipBlanks() {
    while (position < text.length()) {
      char c = text.charAt(position);
      if (c == ' ' || c == '\t') {
        position++;
      } else if (c == '\\' && text.startsWith("\\\n", position)) {
        position += 2;
        line++;
      } else if (c == '#') {
        int end = text.indexOf('\n', position);
        position = end < 0 ? text.length() : end;
      } else {
        return;
      }
    }
  }

  private String operator(List<String> operators) {
    for (String operator : operators) {
      if (text.startsWith(operator, position)) {
        position += operator.length();
        return operator;
      }
    }
    return "";
  }

  private void readHereDocuments() {
    for (HereDocument document : waiting) {
      StringBuilder body = new StringBuilder();
      boolean ended = false;
      while (position < text.length()) {
        int end = text.indexOf('\n', position);
        String each = end < 0 ? text.substring(position) : text.substring(position, end);
        position = end < 0 ? text.length() : end + 1;
        line++;
        String stripped = document.stripTabs ? each.replaceFirst("^\t+", "") : each;
        if (stripped.equals(document.delimiter)) {
          ended = true;
          break;
        }
        body.append(stripped).append('\n');
      }
      document.text = body.toString();
      openDocument |= !ended;
    }
    waiting.clear();
  }

  private int wordEnd(int begin) throws ShellSyntaxException {
    int i = begin;
    while (i < text.length() && " \t\n;&|<>()".indexOf(text.charAt(i)) < 0) {
      i = skip(text, i, line);
    }
    return i;
  }

  /** The end of the quoted part, substitution or single character that begins at {@code i}. */
  static int skip(String text, int i, int line) throws ShellSyntaxException {
    return switch (text.charAt(i)) {
      case '\\' -> Math.min(i + 2, text.length());
      case '\'' -> {
        int quote = text.indexOf('\'', i + 1);
        if (quote < 0) {
          throw unmatched('\'', line);
        }
        yield quote + 1;
      }
      case '"' -> quoteEnd(text, i, line);
      case '`' -> backquoteEnd(text, i, line);
      case '$' -> {
        if (text.startsWith("$(", i)) {
          yield closing(text, i + 1, '(', ')', line);
        }
        yield text.startsWith("${", i) ? closing(text, i + 1, '{', '}', line) : i + 1;
      }
      default -> i + 1;
    };
  }

  private static int backquoteEnd(String text, int begin, int line) throws ShellSyntaxException {
    int end = begin + 1;
    while (end < text.length() && text.charAt(end) != '`') {
      end += text.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= text.length()) {
      throw unmatched('`', line);
    }
    return end + 1;
  }

  private static int quoteEnd(String text, int begin, int line) throws ShellSyntaxException {
    int i = begin + 1;
    while (i < text.length() && text.charAt(i) != '"') {
      // A single quote is nothing special here.
      i = text.charAt(i) == '\'' ? i + 1 : skip(text, i, line);
    }
    if (i >= text.length()) {
      throw unmatched('"', line);
    }
    return i + 1;
  }

  private static int closing(String text, int begin, char open, char close, int line)
      throws ShellSyntaxException {
    int i = begin + 1;
    int depth = 1;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c == open) {
        depth++;
      } else if (c == close && --depth == 0) {
        return i + 1;
      }
      i = skip(text, i, line);
    }
    int lines = (int) text.substring(begin).chars().filter(each -> each == '\n').count();
    throw unmatched(close, line + lines + 1);
  }

  private static ShellSyntaxException unmatched(char what, int line) {
    return new ShellSyntaxException.Incomplete(
        "line %d: unexpected EOF while looking for matching `%c'".formatted(line, what));
  }
}
