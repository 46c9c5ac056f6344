/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.report.Progress;
import org.apache.maven.plugin.logging.Log;

/** Tells the core's progress to Maven's log. */
record LogProgress(Log log) implements Progress {

  @Override
  public void step(String message) {
    log.info(message);
  }

  @Override
  public void warn(String message) {
    log.warn(message);
  }

  @Override
  public void detail(String message) {
    log.debug(message);
  }
}
