/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.Progress;
import java.io.PrintStream;
import java.util.Optional;
import org.apache.maven.plugin.logging.Log;

/**
 * Writes the core's progress to Maven's log. On a terminal, the present status is on one line,
 * which the next status overwrites.
 */
final class LogProgress implements Progress, AutoCloseable {

  /** Back to the first column, and clear the line: see ECMA-48, "EL". */
  private static final String CLEAR_LINE = "\r\u001b[K";

  /** Longer lines would break, and could then not be cleared. */
  private static final int WIDTH = 78;

  private final Log log;
  private final Optional<PrintStream> terminal;
  private final String prefix;
  private boolean lineIsOpen;

  /**
   * @param terminal where progress is shown; empty for nowhere
   * @param cluster name that each line begins with, where lines of several clusters mix
   */
  LogProgress(Log log, Optional<PrintStream> terminal, Optional<String> cluster) {
    this.prefix = cluster.map(name -> "[" + name + "] ").orElse("");
    this.log = log;
    this.terminal = log.isDebugEnabled() ? Optional.empty() : terminal;
  }

  @Override
  public synchronized void step(String message) {
    clear();
    log.info(prefix + message);
  }

  @Override
  public synchronized void warn(String message) {
    clear();
    log.warn(prefix + message);
  }

  @Override
  public synchronized void detail(String message) {
    if (log.isDebugEnabled()) {
      clear();
      log.debug(prefix + message);
    }
  }

  @Override
  public synchronized void now(String status) {
    String line = prefix + status;
    show(line.length() > WIDTH ? line.substring(0, WIDTH - 1) + "…" : line);
    lineIsOpen = terminal.isPresent();
  }

  /** Clears the status line. */
  @Override
  public synchronized void close() {
    clear();
  }

  private void clear() {
    if (lineIsOpen) {
      show("");
      lineIsOpen = false;
    }
  }

  private void show(String line) {
    terminal.ifPresent(
        stream -> {
          stream.print(CLEAR_LINE + line);
          stream.flush();
        });
  }
}
