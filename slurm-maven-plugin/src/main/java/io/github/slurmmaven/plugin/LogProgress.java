/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.report.Progress;
import org.apache.maven.plugin.logging.Log;

/**
 * Tells the core's progress to Maven's log. On a terminal, what goes on at the moment stands on one
 * line that is written over and over.
 */
final class LogProgress implements Progress {

  /** Back to the first column, and clear the line: see ECMA-48, "EL". */
  private static final String CLEAR_LINE = "\r\u001b[K";

  /** Longer lines would break, and could then not be cleared. */
  private static final int WIDTH = 78;

  private final Log log;
  private final boolean onTerminal;
  private boolean lineIsOpen;

  LogProgress(Log log, boolean onTerminal) {
    this.log = log;
    this.onTerminal = onTerminal;
  }

  @Override
  public synchronized void step(String message) {
    clear();
    log.info(message);
  }

  @Override
  public synchronized void warn(String message) {
    clear();
    log.warn(message);
  }

  @Override
  public synchronized void detail(String message) {
    if (log.isDebugEnabled()) {
      clear();
      log.debug(message);
    }
  }

  @Override
  public synchronized void now(String status) {
    if (onTerminal && !log.isDebugEnabled()) {
      String line = status.length() > WIDTH ? status.substring(0, WIDTH - 1) + "…" : status;
      System.out.print(CLEAR_LINE + line);
      System.out.flush();
      lineIsOpen = true;
    }
  }

  private void clear() {
    if (lineIsOpen) {
      System.out.print(CLEAR_LINE);
      System.out.flush();
      lineIsOpen = false;
    }
  }
}
