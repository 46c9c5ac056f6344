/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import io.github.slurmmaven.mock.job.Release;
import io.github.slurmmaven.resource.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the options of Slurm's commands as getopt_long(3) does, with its error messages. */
final class Getopt {

  /** An option as it was written. */
  record Option(String name, @Nullable String value) {

    String text() {
      return value == null ? "" : value;
    }
  }

  /** The options and operands of a command line. */
  record Parsed(List<Option> options, List<String> operands) {

    /** The last value given; empty where the option was not given, or without a value. */
    Optional<String> value(String name) {
      Optional<String> last = Optional.empty();
      for (Option option : options) {
        if (option.name.equals(name)) {
          last = Optional.ofNullable(option.value);
        }
      }
      return last;
    }

    boolean has(String... names) {
      return options.stream().anyMatch(option -> List.of(names).contains(option.name));
    }
  }

  /** A command line that is not valid; the message is getopt's. */
  static final class UsageException extends Exception {

    private static final long serialVersionUID = 1;

    UsageException(String message) {
      super(message);
    }
  }

  private enum Value {
    NONE,
    OPTIONAL,
    REQUIRED
  }

  private static final Map<String, Getopt> BY_COMMAND = new ConcurrentHashMap<>();

  private final String command;
  private final Map<String, Value> names = new TreeMap<>();
  private final Map<Character, String> letters = new TreeMap<>();

  private Getopt(String command, Release release) {
    this.command = command;
    for (String line : Resources.text(Getopt.class, "options.txt").lines().toList()) {
      String[] parts = line.split(" ", -1);
      boolean ours = parts[0].equals(command);
      if (!ours || (parts.length > 4 && !parts[4].equals(release.line()))) {
        continue;
      }
      names.put(parts[1], Value.valueOf(parts[3].toUpperCase(java.util.Locale.ROOT)));
      if (!parts[2].equals("-")) {
        letters.put(parts[2].charAt(0), parts[1]);
      }
    }
  }

  static Getopt of(String command, Release release) {
    return BY_COMMAND.computeIfAbsent(command + " " + release, key -> new Getopt(command, release));
  }

  /**
   * Reads a command line.
   *
   * @param stopAtOperand whether the first word that is no option ends the options, as for commands
   *     that run another one
   */
  Parsed parse(List<String> arguments, boolean stopAtOperand) throws UsageException {
    List<Option> options = new ArrayList<>();
    List<String> operands = new ArrayList<>();
    int i = 0;
    while (i < arguments.size()) {
      String argument = arguments.get(i);
      if (argument.equals("--")) {
        operands.addAll(arguments.subList(i + 1, arguments.size()));
        break;
      }
      if (!argument.startsWith("-") || argument.equals("-")) {
        operands.add(argument);
        if (stopAtOperand) {
          operands.addAll(arguments.subList(i + 1, arguments.size()));
          break;
        }
        i++;
      } else if (argument.startsWith("--")) {
        i = longOption(arguments, i, options);
      } else {
        i = shortOptions(arguments, i, options);
      }
    }
    return new Parsed(List.copyOf(options), List.copyOf(operands));
  }

  private int longOption(List<String> arguments, int index, List<Option> options)
      throws UsageException {
    String argument = arguments.get(index);
    int equals = argument.indexOf('=');
    String written = argument.substring(2, equals < 0 ? argument.length() : equals);
    @Nullable String value = equals < 0 ? null : argument.substring(equals + 1);
    String name = resolve(written, argument);
    Value kind = names.getOrDefault(name, Value.NONE);
    if (value != null && kind == Value.NONE) {
      throw error("option '--%s' doesn't allow an argument".formatted(name));
    }
    if (value == null && kind == Value.REQUIRED) {
      if (index + 1 >= arguments.size()) {
        throw error("option '--%s' requires an argument".formatted(name));
      }
      options.add(new Option(name, arguments.get(index + 1)));
      return index + 2;
    }
    options.add(new Option(name, value));
    return index + 1;
  }

  private String resolve(String written, String argument) throws UsageException {
    if (names.containsKey(written)) {
      return written;
    }
    List<String> candidates =
        names.keySet().stream().filter(name -> name.startsWith(written)).toList();
    if (candidates.isEmpty()) {
      throw error("unrecognized option '%s'".formatted(argument));
    }
    if (candidates.size() > 1) {
      throw error(
          "option '%s' is ambiguous; possibilities: %s"
              .formatted(
                  argument,
                  candidates.stream()
                      .map(name -> "'--" + name + "'")
                      .collect(Collectors.joining(" "))));
    }
    return candidates.get(0);
  }

  private int shortOptions(List<String> arguments, int index, List<Option> options)
      throws UsageException {
    String argument = arguments.get(index);
    for (int i = 1; i < argument.length(); i++) {
      char letter = argument.charAt(i);
      String name = letters.get(letter);
      if (name == null) {
        throw error("invalid option -- '%c'".formatted(letter));
      }
      Value kind = names.getOrDefault(name, Value.NONE);
      String rest = argument.substring(i + 1);
      boolean nextIsValue =
          index + 1 < arguments.size() && !arguments.get(index + 1).startsWith("-");
      if (kind == Value.NONE || (kind == Value.OPTIONAL && rest.isEmpty() && !nextIsValue)) {
        options.add(new Option(name, null));
        continue;
      }
      if (!rest.isEmpty()) {
        options.add(new Option(name, rest));
        return index + 1;
      }
      // squeue uses the next word as the value of -j and -s, although it is optional.
      if (kind == Value.OPTIONAL && !command.equals("squeue")) {
        options.add(new Option(name, null));
        continue;
      }
      if (index + 1 >= arguments.size()) {
        throw error("option requires an argument -- '%c'".formatted(letter));
      }
      options.add(new Option(name, arguments.get(index + 1)));
      return index + 2;
    }
    return index + 1;
  }

  private UsageException error(String message) {
    return new UsageException(command + ": " + message);
  }
}
