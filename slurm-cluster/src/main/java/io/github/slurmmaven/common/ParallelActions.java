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

/** The same for several things, on a thread each. */
public final class ParallelActions {

  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  private ParallelActions() {}

  /**
   * Returns when all is done; throws what the first failure was, and interrupts the others.
   *
   * @param what what is done, for the message of an interrupted wait: {@code the setup}
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

  /** Threads that keep no process alive, to be ended. */
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
   * Interrupts threads, and lets each end the command that it runs: when this process ends first,
   * the command would outlive it.
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
