/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import java.time.Duration;

/**
 * The limits for an engine's responses, derived from the user's limit for a start. A late response
 * is not a failure by itself: the engine may be emulated, far away or just started.
 *
 * @param connect limit for the first response, and for a connection
 * @param answer limit for any later response; at least a minute, because such requests also clean
 *     up after a failed start with a short limit
 * @param silence silence of a stream after which the engine is pinged
 * @param filesFree how long files of a container that has just ended may prevent its removal
 */
record EngineTimeouts(Duration connect, Duration answer, Duration silence, Duration filesFree) {

  private static final Duration LEAST_CONNECT = Duration.ofSeconds(10);
  private static final Duration LEAST_ANSWER = Duration.ofMinutes(1);
  private static final Duration SILENCE = Duration.ofSeconds(20);

  /** The limits for the parameter's default. */
  static final EngineTimeouts DEFAULT = of(Duration.ofMinutes(2));

  /**
   * Returns the limits for a cluster.
   *
   * @param timeout the parameter {@code timeout}
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
