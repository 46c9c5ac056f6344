/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The time of a {@link MockSlurm}. It goes on by itself, or, when it is virtual, only by {@link
 * #advance}: a job that runs an hour then takes no time at all.
 */
public final class MockClock {

  private final Clock clock;
  private final boolean virtual;
  private final Instant began;
  private Duration offset = Duration.ZERO;

  MockClock(Clock clock, boolean virtual) {
    this.clock = clock;
    this.virtual = virtual;
    began = clock.instant();
  }

  /** The time that Slurm's commands show. */
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

  /** Waits until it is that late; another thread must advance a virtual clock. */
  synchronized void await(Instant until) throws InterruptedException {
    for (Duration left = left(until); !left.isZero(); left = left(until)) {
      if (virtual) {
        wait();
      } else {
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, left.toNanos()));
      }
    }
  }

  private Duration left(Instant until) {
    Duration left = Duration.between(now(), until);
    return left.isNegative() ? Duration.ZERO : left;
  }
}
