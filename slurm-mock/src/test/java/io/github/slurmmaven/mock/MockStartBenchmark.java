/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * How long the first mocks of a test's JVM take until they are there, and until they can be logged
 * in to: {@code mvn test -pl slurm-mock -am -Dtest=MockStartBenchmark
 * -Dsurefire.failIfNoSpecifiedTests=false}, on a machine that does nothing else.
 */
class MockStartBenchmark {

  private static final int MOCKS = 3;
  private static final double NANOS_PER_MILLI = 1e6;

  @Test
  void firstMocks() {
    for (int i = 0; i < MOCKS; i++) {
      long begin = System.nanoTime();
      try (MockSlurm mock = MockSlurm.start()) {
        long started = System.nanoTime();
        assertThat(mock.connection().sshPort()).isPositive();
        long reached = System.nanoTime();
        System.out.printf(
            "started after %.1f ms, connection after %.1f ms%n",
            (started - begin) / NANOS_PER_MILLI, (reached - begin) / NANOS_PER_MILLI);
      }
    }
  }
}
