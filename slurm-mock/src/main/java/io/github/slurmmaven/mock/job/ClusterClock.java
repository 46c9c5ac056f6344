/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** The time of a cluster, which passes by itself or, if it is virtual, only when it is advanced. */
public final class ClusterClock {

  private final Clock clock;
  private final boolean virtual;
  private final Instant began;
  private Duration offset = Duration.ZERO;

  public ClusterClock(Clock clock, boolean virtual) {
    this.clock = clock;
    this.virtual = virtual;
    began = clock.instant();
  }

  public synchronized Instant now() {
    return (virtual ? began : clock.instant()).plus(offset);
  }

  /**
   * Puts the clock forward.
   *
   * @throws IllegalArgumentException when the duration is negative
   */
  public synchronized void advance(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("time does not go back: " + duration);
    }
    offset = offset.plus(duration);
    notifyAll();
  }

  /**
   * Waits for a duration of this clock; another thread must advance a virtual one.
   *
   * @throws IOException when the thread is interrupted, for example because the client is gone
   */
  public synchronized void sleep(Duration duration) throws IOException {
    Instant until = now().plus(duration);
    try {
      for (Duration left = left(until); !left.isZero(); left = left(until)) {
        if (virtual) {
          wait();
        } else {
          TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, left.toNanos()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private Duration left(Instant until) {
    Duration left = Duration.between(now(), until);
    return left.isNegative() ? Duration.ZERO : left;
  }
}
