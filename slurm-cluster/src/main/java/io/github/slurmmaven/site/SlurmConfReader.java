/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * Reads slurm.conf with the files that it includes, as {@code parse_config.c} of Slurm does. In
 * addition, an {@code Include} may be a pattern, a file of another directory of the site is
 * searched beside slurm.conf, and a placeholder of a template is refused with its place.
 */
final class SlurmConfReader {

  /** A backslash at the end continues a line. */
  private static final String CONTINUATION = "\\";

  private static final Pattern INCLUDE = Pattern.compile("(?i)\\s*include\\s+(\\S+)\\s*");

  /** Slurm removes a backslash, and keeps the character after it. */
  private static final Pattern ESCAPED = Pattern.compile("\\\\(.)");

  /** Slurm's keyvalue_pattern. */
  private static final Pattern SETTING =
      Pattern.compile("\\s*([\\w.]+)\\s*[-*+/]?=\\s*(?:\"([^\"]*)\"|(\\S+))(?=\\s|$)");

  private static final Pattern EMPTY_SETTING = Pattern.compile("\\s*([\\w.]+)\\s*=\\s*$");

  /** Placeholders in templates of Ansible, Puppet, Salt, Chef, Go and CMake. */
  private static final Pattern TEMPLATE =
      Pattern.compile("\\{\\{|\\{%|\\{#|<%|\\$\\{(?!SHELL\\})|@[A-Z][A-Z0-9_]*@|%\\([a-z_]+\\)s");

  private static final Pattern WILDCARD = Pattern.compile("[*?\\[{]");

  private static final int DEEPEST = 10;

  private static final int MAX_BYTES = 16 << 20;

  private final Path directory;
  private final Deque<Path> open = new ArrayDeque<>();
  private final List<List<Setting>> lines = new ArrayList<>();

  private SlurmConfReader(Path directory) {
    this.directory = directory;
  }

  /**
   * Reads a file.
   *
   * @return the settings of each line that has any, in Slurm's order
   * @throws UserMistakeException when Slurm could not read a line; names file, line and column
   */
  static List<List<Setting>> read(Path file) {
    SlurmConfReader reader =
        new SlurmConfReader(Objects.requireNonNull(file.toAbsolutePath().getParent()));
    reader.readFile(file.toAbsolutePath());
    return reader.lines;
  }

  private void readFile(Path file) {
    String name = directory.relativize(file).toString();
    String[] texts = text(file).split("\r\n|\n|\r", -1);
    open.push(file);
    Line line = new Line(name);
    for (int i = 0; i < texts.length; i++) {
      line.add(i + 1, texts[i]);
      if (!line.goesOn) {
        readLine(line);
        line = new Line(name);
      }
    }
    readLine(line);
    open.pop();
  }

  private void readLine(Line line) {
    String text = line.text.toString();
    Matcher include = INCLUDE.matcher(text);
    if (include.matches()) {
      include(include.group(1), line.place(include.start(1)));
      return;
    }
    List<Setting> settings = new ArrayList<>();
    Matcher setting = SETTING.matcher(text);
    int end = 0;
    while (setting.region(end, text.length()).lookingAt()) {
      String value = setting.group(2) != null ? setting.group(2) : setting.group(3);
      settings.add(
          new Setting(
              setting.group(1),
              ESCAPED.matcher(value).replaceAll("$1"),
              line.place(setting.start(1))));
      end = setting.end();
    }
    if (!text.substring(end).isBlank()) {
      int rest = end + indexOfWord(text.substring(end));
      Matcher empty = EMPTY_SETTING.matcher(text).region(end, text.length());
      throw line.place(rest)
          .mistake(
              text.substring(rest).strip(),
              empty.lookingAt()
                  ? "has no value: give it one, or leave it out"
                  : "is not what Slurm reads, Parameter=value: correct it, or make it a comment");
    }
    if (!settings.isEmpty()) {
      lines.add(settings);
    }
  }

  private static int indexOfWord(String text) {
    int index = 0;
    while (Character.isWhitespace(text.charAt(index))) {
      index++;
    }
    return index;
  }

  private void include(String target, Place place) {
    List<Path> files = files(target, place);
    for (Path file : files) {
      if (open.contains(file) || open.size() > DEEPEST) {
        throw place.mistake("Include " + target, "includes itself: leave one of the lines out");
      }
      readFile(file);
    }
  }

  /**
   * Returns the included files: at their path, or by the last parts of the path beside slurm.conf.
   */
  private List<Path> files(String target, Place place) {
    String relative = target.startsWith("/") ? target.substring(1) : target;
    for (String rest = relative; ; rest = rest.substring(rest.indexOf('/') + 1)) {
      List<Path> found = existing(rest, place);
      if (!found.isEmpty()) {
        return found;
      }
      if (rest.indexOf('/') < 0) {
        throw place.mistake(
            "Include " + target,
            "is missing: copy it from the site, too, to %s or a directory below"
                .formatted(directory));
      }
    }
  }

  private List<Path> existing(String name, Place place) {
    try {
      if (!WILDCARD.matcher(name).find()) {
        return Optional.of(directory.resolve(name).normalize())
            .filter(Files::isRegularFile)
            .stream()
            .toList();
      }
      PathMatcher pattern = FileSystems.getDefault().getPathMatcher("glob:" + name);
      try (Stream<Path> tree = Files.walk(directory, DEEPEST)) {
        return tree.filter(file -> pattern.matches(directory.relativize(file)))
            .filter(Files::isRegularFile)
            .sorted()
            .toList();
      }
    } catch (InvalidPathException | PatternSyntaxException e) {
      throw place.mistake("Include " + name, "is not the path of a file: correct it");
    } catch (IOException e) {
      throw unreadable(directory, e);
    }
  }

  /** Returns the text of a file in UTF-8, or otherwise in Latin-1. */
  static String text(Path file) {
    byte[] bytes;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new UserMistakeException(
            "site: %s is larger than 16 MiB, too large for a configuration file: name the site's slurm.conf"
                .formatted(Quoted.plain(file.toString())));
      }
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  private static UserMistakeException unreadable(Path file, IOException e) {
    return new UserMistakeException(
        "site: %s cannot be read: %s. Name the site's slurm.conf, or the directory that it is in"
            .formatted(Quoted.plain(file.toString()), FileFailure.of(e)),
        e);
  }

  /** A line as Slurm reads it, which may be several lines of the file. */
  private static final class Line {

    private final String file;
    private final StringBuilder text = new StringBuilder();

    /** The start of each of the file's lines in the text. */
    private final List<Integer> starts = new ArrayList<>();

    private final List<Integer> numbers = new ArrayList<>();
    private boolean goesOn;

    Line(String file) {
      this.file = file;
    }

    void add(int number, String line) {
      starts.add(text.length());
      numbers.add(number);
      String read = withoutComment(line);
      Matcher template = TEMPLATE.matcher(line);
      if (template.find() && template.start() < read.length()) {
        throw new Place(file, number, template.start() + 1)
            .mistake(
                line.strip(),
                "has an unfilled placeholder of a template: fill in the template, and name the result");
      }
      String stripped = read.stripTrailing();
      goesOn = stripped.endsWith(CONTINUATION);
      text.append(goesOn ? stripped.substring(0, stripped.length() - 1) : read);
    }

    /**
     * Returns the part of a line before its comment. A number sign after a backslash does not begin
     * one.
     */
    private static String withoutComment(String line) {
      for (int i = 0; i < line.length(); i++) {
        if (line.charAt(i) == '\\') {
          i++;
        } else if (line.charAt(i) == '#' && !(i > 0 && line.charAt(i - 1) == '{')) {
          return line.substring(0, i);
        }
      }
      return line;
    }

    Place place(int index) {
      int part = starts.size() - 1;
      while (part > 0 && starts.get(part) > index) {
        part--;
      }
      return new Place(file, numbers.get(part), index - starts.get(part) + 1);
    }
  }
}
