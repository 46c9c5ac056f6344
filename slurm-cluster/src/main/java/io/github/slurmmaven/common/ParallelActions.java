/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import io.github.slurmmaven.client.SlurmClusterException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs an action for several items in parallel, with a thread for each. */
public final class ParallelActions {

  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  private ParallelActions() {}

  /**
   * Runs an action for each item in parallel, and waits for all. The first failure interrupts the
   * others and is thrown.
   *
   * @param what name of the action in the message of an interrupted wait, for example {@code the
   *     setup}
   */
  public static <T> void forEach(List<T> things, String what, Consumer<T> action) {
    if (things.isEmpty()) {
      return;
    }
    ExecutorService threads = threads(things.size());
    try {
      CompletionService<T> done = new ExecutorCompletionService<>(threads);
      things.forEach(thing -> done.submit(() -> action.accept(thing), thing));
      for (int i = 0; i < things.size(); i++) {
        done.take().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted in " + what, e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    } finally {
      end(threads);
    }
  }

  /** Returns daemon threads. The caller ends them with {@link #end}. */
  public static ExecutorService threads(int count) {
    return Executors.newFixedThreadPool(
        count,
        task -> {
          Thread thread = new Thread(task, "slurm-cluster-work");
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * Interrupts threads, and waits until each has ended its command: a command would outlive a
   * process that ends first.
   */
  public static void end(ExecutorService threads) {
    threads.shutdownNow();
    boolean interrupted = Thread.interrupted();
    long deadline = System.nanoTime() + LONGEST_END.toNanos();
    while (!threads.isTerminated() && System.nanoTime() < deadline) {
      try {
        threads.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
