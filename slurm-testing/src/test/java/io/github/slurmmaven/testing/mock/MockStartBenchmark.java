/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing.mock;

/**
 * How long the first mocks of a JVM take until they are there, and until they can be logged in to.
 * Its main method is run in a fresh JVM, on a machine that does nothing else.
 */
final class MockStartBenchmark {

  private static final int MOCKS = 3;
  private static final double NANOS_PER_MILLI = 1e6;

  private MockStartBenchmark() {}

  public static void main(String[] arguments) {
    for (int i = 0; i < MOCKS; i++) {
      long begin = System.nanoTime();
      try (MockSlurm mock = MockSlurm.start()) {
        long started = System.nanoTime();
        mock.connection();
        long reached = System.nanoTime();
        System.out.printf(
            "started after %.1f ms, connection after %.1f ms%n",
            (started - begin) / NANOS_PER_MILLI, (reached - begin) / NANOS_PER_MILLI);
      }
    }
  }
}
