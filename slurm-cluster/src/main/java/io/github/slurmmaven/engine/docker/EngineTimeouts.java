/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import java.time.Duration;

/**
 * How long an engine may take: one table for all that is asked of it, derived from the time that
 * the user allows for a start. An engine that is emulated, far away or just activated answers late,
 * and that alone is not a failure.
 *
 * @param connect until the first answer, and until a connection is there
 * @param answer until any later answer. Never under a minute: what a failed start has left is
 *     removed by such requests, however little time the start had.
 * @param silence of a stream, after which the engine is asked whether it still lives
 * @param filesFree while files of a container that has just ended may be in the way of its removal
 */
record EngineTimeouts(Duration connect, Duration answer, Duration silence, Duration filesFree) {

  private static final Duration LEAST_CONNECT = Duration.ofSeconds(10);
  private static final Duration LEAST_ANSWER = Duration.ofMinutes(1);
  private static final Duration SILENCE = Duration.ofSeconds(20);

  /** For callers without the parameter: its default. */
  static final EngineTimeouts DEFAULT = of(Duration.ofMinutes(2));

  /**
   * The limits for a cluster.
   *
   * @param timeout the parameter of that name
   */
  static EngineTimeouts of(Duration timeout) {
    Duration answer = atLeast(LEAST_ANSWER, timeout);
    return new EngineTimeouts(
        atLeast(LEAST_CONNECT, timeout), answer, SILENCE, answer.dividedBy(6));
  }

  private static Duration atLeast(Duration least, Duration timeout) {
    return timeout.compareTo(least) < 0 ? least : timeout;
  }
}
