/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Expands words into a command's arguments; see "Word Expansions" in POSIX. */
final class Expander {

  /** The shell's part in an expansion. */
  interface State {

    @Nullable String variable(String name);

    void assign(String name, String value);

    List<String> positional();

    /** Returns the standard output of a command, run in a shell of its own. */
    String output(String command) throws ShellSyntaxException;

    String directory();
  }

  /** One field, as text and as a pattern in which quoted characters stand for themselves. */
  private static final class Field {

    private final StringBuilder text = new StringBuilder();
    private final StringBuilder regex = new StringBuilder();
    private boolean quoted;
    private boolean pattern;

    void literal(String value) {
      text.append(value);
      regex.append(value.isEmpty() ? "" : Pattern.quote(value));
    }

    void pattern(String value) {
      text.append(value);
      regex.append(Glob.regex(value));
      pattern |= Glob.isPattern(value);
    }

    boolean exists() {
      return quoted || text.length() > 0;
    }
  }

  private static final Map<String, String> HOMES = Map.of("root", "/root");

  private final State state;
  private final RemoteFiles files;
  private final int line;

  Expander(State state, RemoteFiles files, int line) {
    this.state = state;
    this.files = files;
    this.line = line;
  }

  /** Returns the fields of words: split, with patterns replaced by names of files. */
  List<String> fields(List<String> words) throws ShellSyntaxException {
    List<String> result = new ArrayList<>();
    for (String word : words) {
      for (Field field : expand(word, true)) {
        List<String> names = field.pattern ? names(field) : List.of();
        if (names.isEmpty()) {
          result.add(field.text.toString());
        } else {
          result.addAll(names);
        }
      }
    }
    return result;
  }

  /** A word as one string, neither split nor a pattern. */
  String text(String word) throws ShellSyntaxException {
    StringBuilder text = new StringBuilder();
    expand(word, false).forEach(field -> text.append(field.text));
    return text.toString();
  }

  /** A word as a pattern that whole strings are compared with. */
  Pattern pattern(String word) throws ShellSyntaxException {
    StringBuilder regex = new StringBuilder();
    expand(word, false).forEach(field -> regex.append(field.regex));
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  /** The text of a here-document, in which quotes are nothing special. */
  String document(String body) throws ShellSyntaxException {
    Field field = new Field();
    quotedPart(body, field, "$`\\\n");
    return field.text.toString();
  }

  private List<Field> expand(String word, boolean split) throws ShellSyntaxException {
    List<Field> fields = new ArrayList<>(List.of(new Field()));
    int i = 0;
    if (word.startsWith("~")) {
      int end = word.indexOf('/') < 0 ? word.length() : word.indexOf('/');
      String user = word.substring(1, end);
      if (user.matches("[A-Za-z0-9_-]*")) {
        last(fields).literal(home(user));
        i = end;
      }
    }
    while (i < word.length()) {
      int end = Lexer.skip(word, i, line);
      String part = word.substring(i, end);
      Field field = last(fields);
      switch (part.charAt(0)) {
        case '\\' -> {
          field.quoted = true;
          field.literal(part.equals("\\\n") ? "" : part.substring(1));
        }
        case '\'' -> {
          field.quoted = true;
          field.literal(part.substring(1, part.length() - 1));
        }
        case '"' -> {
          if (part.equals("\"$@\"")) {
            positional(fields);
          } else {
            field.quoted = true;
            quotedPart(part.substring(1, part.length() - 1), field, "$`\"\\\n");
          }
        }
        case '$', '`' -> {
          if (part.equals("$") && word.startsWith("$'", i)) {
            end = Lexer.skip(word, i + 1, line);
            field.quoted = true;
            field.literal(Escapes.apply(word.substring(i + 2, end - 1)));
          } else {
            int length = part.length() > 1 ? part.length() : nameLength(word, i);
            end = i + length;
            String value = substitute(word.substring(i, end));
            if (split) {
              splitInto(value, fields);
            } else {
              field.pattern(value);
            }
          }
        }
        default -> {
          while (end < word.length() && "\\'\"$`".indexOf(word.charAt(end)) < 0) {
            end++;
          }
          field.pattern(word.substring(i, end));
        }
      }
      i = end;
    }
    fields.removeIf(field -> !field.exists());
    return fields;
  }

  private String home(String user) {
    String home = state.variable("HOME");
    if (user.isEmpty()) {
      return home == null ? "/" : home;
    }
    return HOMES.getOrDefault(user, "/home/" + user);
  }

  private static Field last(List<Field> fields) {
    return fields.get(fields.size() - 1);
  }

  private void positional(List<Field> fields) {
    boolean first = true;
    for (String argument : state.positional()) {
      if (!first) {
        fields.add(new Field());
      }
      last(fields).quoted = true;
      last(fields).literal(argument);
      first = false;
    }
  }

  private static void splitInto(String value, List<Field> fields) {
    int i = 0;
    while (i < value.length()) {
      int begin = i;
      while (i < value.length() && " \t\n".indexOf(value.charAt(i)) < 0) {
        i++;
      }
      last(fields).pattern(value.substring(begin, i));
      int blank = i;
      while (i < value.length() && " \t\n".indexOf(value.charAt(i)) >= 0) {
        i++;
      }
      if (i > blank && last(fields).exists()) {
        fields.add(new Field());
      }
    }
  }

  private void quotedPart(String text, Field field, String escapable) throws ShellSyntaxException {
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length() && escapable.indexOf(text.charAt(i + 1)) >= 0) {
        field.literal(text.charAt(i + 1) == '\n' ? "" : text.substring(i + 1, i + 2));
        i += 2;
      } else if (c == '$' || c == '`') {
        int end = Lexer.skip(text, i, line);
        end = end - i > 1 ? end : i + nameLength(text, i);
        field.literal(substitute(text.substring(i, end)));
        i = end;
      } else {
        field.literal(text.substring(i, i + 1));
        i++;
      }
    }
  }

  /** The length of {@code $name}; 1 where no name follows the dollar. */
  private static int nameLength(String text, int dollar) {
    int i = dollar + 1;
    if (i < text.length() && "?$#@*!-0123456789".indexOf(text.charAt(i)) >= 0) {
      return 2;
    }
    while (i < text.length()
        && (Character.isLetter(text.charAt(i))
            || text.charAt(i) == '_'
            || (i > dollar + 1 && Character.isDigit(text.charAt(i))))) {
      i++;
    }
    return i - dollar;
  }

  private String substitute(String part) throws ShellSyntaxException {
    if (part.equals("$")) {
      return part;
    }
    if (part.startsWith("`")) {
      return state
          .output(part.substring(1, part.length() - 1).replaceAll("\\\\([`$\\\\])", "$1"))
          .replaceAll("\n+\\z", "");
    }
    if (part.startsWith("$((") && part.endsWith("))")) {
      String expression = text('"' + part.substring(3, part.length() - 2) + '"');
      return Long.toString(new Arithmetic(expression, state::variable).value());
    }
    if (part.startsWith("$(")) {
      return state.output(part.substring(2, part.length() - 1)).replaceAll("\n+\\z", "");
    }
    if (part.startsWith("${")) {
      return parameter(part.substring(2, part.length() - 1));
    }
    return value(part.substring(1));
  }

  private String value(String name) {
    String value = lookUp(name);
    return value == null ? "" : value;
  }

  private @Nullable String lookUp(String name) {
    List<String> positional = state.positional();
    if (name.equals("@") || name.equals("*")) {
      return positional.isEmpty() ? null : String.join(" ", positional);
    }
    if (name.equals("#")) {
      return Integer.toString(positional.size());
    }
    if (name.matches("[1-9][0-9]*")) {
      int index = Integer.parseInt(name) - 1;
      return index < positional.size() ? positional.get(index) : null;
    }
    return state.variable(name);
  }

  private String parameter(String text) throws ShellSyntaxException {
    if (text.length() > 1 && text.startsWith("#")) {
      return Integer.toString(value(text.substring(1)).length());
    }
    int length = 0;
    while (length < text.length()
        && (Character.isLetterOrDigit(text.charAt(length)) || text.charAt(length) == '_')) {
      length++;
    }
    if (length == 0 && !text.isEmpty() && "?$#@*!".indexOf(text.charAt(0)) >= 0) {
      length = 1;
    }
    String name = text.substring(0, length);
    String rest = text.substring(length);
    if (name.isEmpty()) {
      throw new ShellSyntaxException("line %d: ${%s}: bad substitution".formatted(line, text));
    }
    if (rest.isEmpty()) {
      return value(name);
    }
    String value = lookUp(name);
    boolean colon = rest.startsWith(":");
    String operation = colon ? rest.substring(1) : rest;
    boolean unset = value == null || (colon && value.isEmpty());
    char operator = operation.isEmpty() ? ' ' : operation.charAt(0);
    String word = operation.isEmpty() ? "" : operation.substring(1);
    String set = value == null ? "" : value;
    return switch (operator) {
      case '-' -> unset ? text(word) : set;
      case '+' -> unset ? "" : text(word);
      case '=' -> {
        if (unset) {
          set = text(word);
          state.assign(name, set);
        }
        yield set;
      }
      case '?' -> {
        if (unset) {
          throw new ShellSyntaxException(
              "line %d: %s: %s"
                  .formatted(
                      line, name, word.isEmpty() ? "parameter null or not set" : text(word)));
        }
        yield set;
      }
      case '#' -> colon ? set : withoutPrefix(set, word);
      case '%' -> colon ? set : withoutSuffix(set, word);
      case '/' -> colon ? set : replaced(set, word);
      default ->
          throw new ShellSyntaxException("line %d: ${%s}: bad substitution".formatted(line, text));
    };
  }

  private String withoutPrefix(String value, String word) throws ShellSyntaxException {
    boolean longest = word.startsWith("#");
    Pattern pattern = pattern(longest ? word.substring(1) : word);
    for (int i = 0; i <= value.length(); i++) {
      int end = longest ? value.length() - i : i;
      if (pattern.matcher(value.substring(0, end)).matches()) {
        return value.substring(end);
      }
    }
    return value;
  }

  private String withoutSuffix(String value, String word) throws ShellSyntaxException {
    boolean longest = word.startsWith("%");
    Pattern pattern = pattern(longest ? word.substring(1) : word);
    for (int i = 0; i <= value.length(); i++) {
      int begin = longest ? i : value.length() - i;
      if (pattern.matcher(value.substring(begin)).matches()) {
        return value.substring(0, begin);
      }
    }
    return value;
  }

  private String replaced(String value, String word) throws ShellSyntaxException {
    boolean all = word.startsWith("/");
    String rest = all ? word.substring(1) : word;
    int slash = rest.indexOf('/');
    String from = slash < 0 ? rest : rest.substring(0, slash);
    String to =
        java.util.regex.Matcher.quoteReplacement(slash < 0 ? "" : text(rest.substring(slash + 1)));
    var matcher = pattern(from).matcher(value);
    return all ? matcher.replaceAll(to) : matcher.replaceFirst(to);
  }

  /** The files that a pattern matches, sorted. */
  private List<String> names(Field field) {
    String text = field.text.toString();
    int slash = text.lastIndexOf('/');
    String parent = slash < 0 ? "" : text.substring(0, slash + 1);
    if (Glob.isPattern(parent)) {
      return List.of();
    }
    Pattern pattern = Pattern.compile(field.regex.toString(), Pattern.DOTALL);
    boolean hidden = text.startsWith(".", slash + 1);
    Path directory = files.real(state.directory(), parent.isEmpty() ? "." : parent);
    try (Stream<Path> entries = Files.list(directory)) {
      TreeSet<String> names = new TreeSet<>();
      entries
          .map(each -> String.valueOf(each.getFileName()))
          .filter(name -> hidden || !name.startsWith("."))
          .map(name -> parent + name)
          .filter(name -> pattern.matcher(name).matches())
          .forEach(names::add);
      return List.copyOf(names);
    } catch (IOException e) {
      // A pattern in a directory that cannot be read matches nothing, as in bash.
      return List.of();
    }
  }
}
