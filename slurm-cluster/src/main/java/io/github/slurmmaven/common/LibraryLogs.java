/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import java.util.List;

/** Limits what libraries log. */
public final class LibraryLogs {

  private LibraryLogs() {}

  /**
   * Makes a library log errors only in a build. Otherwise Maven prints a line for every retry,
   * beside the error that a user gets anyway, and with {@code -X} every byte that is sent and every
   * command with all its variables. Only system properties reach Maven's loggers; Maven 4 has
   * another name for them. They take effect when a logger is created. A property that the user has
   * set is kept.
   *
   * @param library prefix of its loggers' names
   */
  public static void onlyErrors(String library) {
    for (String loggers : List.of("org.slf4j.simpleLogger", "maven.logger")) {
      System.getProperties().putIfAbsent(loggers + ".log." + library, "error");
    }
  }
}
