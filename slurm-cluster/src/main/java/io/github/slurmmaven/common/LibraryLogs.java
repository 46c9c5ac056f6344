/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import java.util.List;

/** What libraries log beside what we report. */
public final class LibraryLogs {

  private LibraryLogs() {}

  /**
   * Leaves nothing but errors of what a library logs in a build. Maven writes what is logged at
   * INFO, and with {@code -X} at DEBUG: every retry, beside the error that a user gets anyway,
   * every byte that is sent, and every command with all its variables. Properties are the only way
   * to its loggers, of another name in Maven 4; they count when a logger is made, and one that the
   * user has set stays.
   *
   * @param library beginning of the names of its loggers
   */
  public static void onlyErrors(String library) {
    for (String loggers : List.of("org.slf4j.simpleLogger", "maven.logger")) {
      System.getProperties().putIfAbsent(loggers + ".log." + library, "error");
    }
  }
}
