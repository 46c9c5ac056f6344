/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Selects lines of a log.
 *
 * @param tail at most this number of lines from the end; empty for all
 * @param since only lines written since then, in whole seconds; empty for all
 * @param follow whether to wait for more lines until the node or container ends
 */
public record LogRequest(OptionalInt tail, Optional<Instant> since, boolean follow) {

  /** Returns a request for all lines so far. */
  public static LogRequest all() {
    return new LogRequest(OptionalInt.empty(), Optional.empty(), false);
  }

  /** Returns a request for the last lines so far. */
  public static LogRequest last(int tail) {
    return new LogRequest(OptionalInt.of(tail), Optional.empty(), false);
  }

  /** Returns this request, limited to lines written since then. */
  public LogRequest from(Instant instant) {
    return new LogRequest(tail, Optional.of(instant), follow);
  }

  /** Returns this request, followed by new lines until the node or container ends. */
  public LogRequest following() {
    return new LogRequest(tail, since, true);
  }
}
