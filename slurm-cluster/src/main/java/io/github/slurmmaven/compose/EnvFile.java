/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code .env} as Compose does.
 *
 * @see <a
 *     href="https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax">syntax</a>
 */
public final class EnvFile {

  private static final Pattern KEY =
      Pattern.compile("(?:export[ \\t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \\t]*([=:]?)[ \\t]*");
  private static final Pattern BLANK = Pattern.compile("[ \\t]*(#[^\\n]*)?(?=\\n|\\z)");
  private static final Pattern COMMENT = Pattern.compile("(?<![ \\t])[ \\t]+#.*");
  private static final Pattern ESCAPE = Pattern.compile("\\\\([abcfnrtv0\"\\\\$])");

  private final String file;
  private final String text;
  private final Map<String, String> variables;
  private final Interpolation interpolation;
  private int position;
  private int line = 1;
  private int counted;

  private EnvFile(String file, String text, Map<String, String> environment) {
    this.file = file;
    this.text = text;
    this.variables = new LinkedHashMap<>(environment);
    this.interpolation = new Interpolation(variables);
  }

  /**
   * Returns the text of a file; empty if it does not exist.
   *
   * @throws io.github.slurmmaven.client.UserMistakeException when it cannot be read; says why
   */
  public static Optional<String> text(Path file) {
    return Files.exists(file) ? Optional.of(TextFile.read(file)) : Optional.empty();
  }

  /**
   * Returns the variables of a file, overridden by those of the environment.
   *
   * @param file the file of the text, for messages
   * @throws io.github.slurmmaven.client.UserMistakeException naming file and line
   */
  public static Map<String, String> parse(Path file, String text, Map<String, String> environment) {
    return new EnvFile(String.valueOf(file.getFileName()), text.replace("\r\n", "\n"), environment)
        .read(environment);
  }

  private Map<String, String> read(Map<String, String> environment) {
    while (position < text.length()) {
      Matcher blank = at(BLANK);
      if (blank.lookingAt()) {
        position = blank.end() + 1;
        continue;
      }
      skipIndent();
      statement(environment);
    }
    return variables;
  }

  private void statement(Map<String, String> environment) {
    Matcher key = at(KEY);
    if (!key.lookingAt()) {
      throw new Location(file, line(), restOfLine())
          .mistake("is not a variable: write NAME=value, or # before a comment");
    }
    String name = key.group(1);
    Location location = new Location(file, line(), name);
    position = key.end();
    boolean hasValue = !key.group(2).isEmpty();
    if (!hasValue && !restOfLine().isBlank()) {
      throw location.mistake("is followed by '" + restOfLine() + "': write NAME=value");
    }
    // A name alone says that the variable comes from the environment, where it already is.
    if (hasValue) {
      String value = value(location);
      if (!environment.containsKey(name)) {
        variables.put(name, value);
      }
    }
  }

  private String value(Location location) {
    char first = position < text.length() ? text.charAt(position) : '\n';
    if (first == '"' || first == '\'') {
      String quoted = quoted(first, location);
      if (!at(BLANK).lookingAt()) {
        throw location.mistake(
            "has '" + restOfLine() + "' after the closing quote: only a comment may follow");
      }
      return first == '"'
          ? interpolation.expand(unescape(quoted, location), location)
          : quoted.replace("\\'", "'");
    }
    String line = restOfLine();
    position += line.length();
    if (line.startsWith("# ")) {
      throw location.mistake(
          "has no value but '"
              + line
              + "', which versions of Compose read in two ways: remove the"
              + " comment, or write \"\" before it");
    }
    return interpolation.expand(COMMENT.matcher(line).replaceFirst("").strip(), location);
  }

  /** Returns the raw text within quotes, which may have several lines. */
  private String quoted(char quote, Location location) {
    for (int i = position + 1; i < text.length(); i++) {
      if (text.charAt(i) == '\\') {
        i++;
      } else if (text.charAt(i) == quote) {
        String content = text.substring(position + 1, i);
        position = i + 1;
        return content;
      }
    }
    throw location.mistake("has no closing " + quote);
  }

  private static String unescape(String quoted, Location location) {
    return ESCAPE
        .matcher(quoted)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(
                    switch (match.group(1)) {
                      case "n" -> "\n";
                      case "r" -> "\r";
                      case "t" -> "\t";
                      case "$" -> "$$";
                      case "\"", "\\" -> match.group(1);
                      default ->
                          throw location.mistake(
                              match.group(),
                              "is not a supported escape: use \\n, \\r, \\t, \\\", \\\\ or \\$");
                    }));
  }

  private Matcher at(Pattern pattern) {
    return pattern.matcher(text).region(position, text.length());
  }

  private void skipIndent() {
    while (position < text.length() && " \t".indexOf(text.charAt(position)) >= 0) {
      position++;
    }
  }

  private String restOfLine() {
    int end = text.indexOf('\n', position);
    return text.substring(position, end < 0 ? text.length() : end);
  }

  private int line() {
    for (; counted < position; counted++) {
      line += text.charAt(counted) == '\n' ? 1 : 0;
    }
    return line;
  }
}
