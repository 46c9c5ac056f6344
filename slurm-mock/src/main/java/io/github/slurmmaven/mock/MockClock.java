/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.mock.job.ClusterClock;
import java.time.Duration;
import java.time.Instant;

/**
 * The time of a {@link MockSlurm}. It passes by itself or, if it is virtual, only {@link #advance}
 * moves it: a job of an hour then takes no time.
 */
public final class MockClock {

  private final ClusterClock clock;

  MockClock(ClusterClock clock) {
    this.clock = clock;
  }

  /** The time that Slurm's commands show. */
  public Instant now() {
    return clock.now();
  }

  /**
   * Puts the clock forward.
   *
   * @throws IllegalArgumentException when the duration is negative
   */
  public void advance(Duration duration) {
    clock.advance(duration);
  }
}
