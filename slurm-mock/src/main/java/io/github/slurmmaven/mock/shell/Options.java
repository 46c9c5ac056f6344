/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.shell;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A utility's command line: single letters, a few of them with a value, and operands. */
final class Options {

  private final Map<String, String> options = new LinkedHashMap<>();
  private final List<String> operands = new ArrayList<>();

  /**
   * Reads the options.
   *
   * @param withValue letters with a value
   * @param longWithValue names of long options with a value, which may be a word of its own
   */
  Options(List<String> arguments, String withValue, String... longWithValue) {
    boolean only = false;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (only || !argument.startsWith("-") || argument.equals("-")) {
        operands.add(argument);
      } else if (argument.equals("--")) {
        only = true;
      } else if (argument.startsWith("--")) {
        String[] pair = argument.substring(2).split("=", 2);
        boolean next =
            pair.length == 1
                && i + 1 < arguments.size()
                && List.of(longWithValue).contains(pair[0]);
        options.put(pair[0], next ? arguments.get(++i) : pair.length > 1 ? pair[1] : "");
      } else {
        i = letters(arguments, i, withValue);
      }
    }
  }

  private int letters(List<String> arguments, int index, String withValue) {
    String argument = arguments.get(index);
    if (argument.matches("-\\d+")) {
      options.put("n", argument.substring(1));
      return index;
    }
    for (int i = 1; i < argument.length(); i++) {
      String letter = argument.substring(i, i + 1);
      if (withValue.contains(letter)) {
        boolean attached = i + 1 < argument.length();
        int last = attached || index + 1 >= arguments.size() ? index : index + 1;
        options.put(
            letter, attached ? argument.substring(i + 1) : last > index ? arguments.get(last) : "");
        return last;
      }
      options.put(letter, "");
    }
    return index;
  }

  boolean has(String option) {
    return options.containsKey(option);
  }

  Optional<String> value(String option) {
    return Optional.ofNullable(options.get(option));
  }

  List<String> operands() {
    return operands;
  }
}
