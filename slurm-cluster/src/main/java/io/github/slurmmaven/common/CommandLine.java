/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import java.util.List;

/** Converts command lines of users to programs with arguments, and back. */
public final class CommandLine {

  private static final List<String> SHELL = List.of("bash", "-c");
  private static final String HOME = "cd\n";

  private CommandLine() {}

  /**
   * Returns the program and arguments that run a line in the account's home directory, as SSH does.
   */
  public static List<String> inHome(String line) {
    return List.of(SHELL.get(0), SHELL.get(1), HOME + line);
  }

  /** Returns a command for a message. For a line in a shell, that is only the user's line. */
  public static String shown(List<String> command) {
    if (command.size() != SHELL.size() + 1 || !command.subList(0, SHELL.size()).equals(SHELL)) {
      return String.join(" ", command);
    }
    String line = command.get(SHELL.size());
    return line.startsWith(HOME) ? line.substring(HOME.length()) : line;
  }
}
