/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which lines of a log to read.
 *
 * @param tail at most so many lines from its end; empty for all
 * @param since only lines written since then, counted in whole seconds; empty for all
 * @param follow whether to wait for more until the node or container ends
 */
public record LogRequest(OptionalInt tail, Optional<Instant> since, boolean follow) {

  /** All that was written so far. */
  public static LogRequest all() {
    return new LogRequest(OptionalInt.empty(), Optional.empty(), false);
  }

  /** The last lines of all that was written so far. */
  public static LogRequest last(int tail) {
    return new LogRequest(OptionalInt.of(tail), Optional.empty(), false);
  }

  /** Of these, the lines written since then. */
  public LogRequest from(Instant instant) {
    return new LogRequest(tail, Optional.of(instant), follow);
  }

  /** These, and what is written until the node or container ends. */
  public LogRequest following() {
    return new LogRequest(tail, since, true);
  }
}
