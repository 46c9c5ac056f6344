/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.SlurmClusterException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ParallelActionsTest {

  private final Queue<String> ended = new ConcurrentLinkedQueue<>();

  /** Takes a moment to end, as a command does that is killed. */
  private void work(String name, CountDownLatch begun) {
    begun.countDown();
    try {
      TimeUnit.SECONDS.sleep(60);
    } catch (InterruptedException e) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      ended.add(name);
    }
  }

  @Test
  void whoIsInterruptedWaitsUntilAllHaveEnded() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(2);
    Thread waiting =
        new Thread(
            () -> {
              assertThatThrownBy(
                      () ->
                          ParallelActions.forEach(
                              List.of("a", "b"), "the test", it -> work(it, begun)))
                  .isInstanceOf(SlurmClusterException.class)
                  .hasMessage("Interrupted in the test");
              ended.add("all, interrupted: " + Thread.currentThread().isInterrupted());
            });
    waiting.start();
    begun.await();

    waiting.interrupt();
    waiting.join();

    assertThat(ended).hasSize(3).contains("a", "b").endsWith("all, interrupted: true");
  }

  @Test
  void failureOfOneInterruptsTheOthersAndWaitsForTheirEnd() {
    CountDownLatch begun = new CountDownLatch(1);

    assertThatThrownBy(
            () ->
                ParallelActions.forEach(
                    List.of("a", "failing"),
                    "the test",
                    it -> {
                      if (it.equals("a")) {
                        work(it, begun);
                      } else {
                        await(begun);
                        throw new IllegalArgumentException(it);
                      }
                    }))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(ended).containsExactly("a");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
