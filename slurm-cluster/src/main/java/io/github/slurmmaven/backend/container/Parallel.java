/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Sends requests to the engine in parallel, which saves most of the time when many containers
 * start.
 */
final class Parallel implements AutoCloseable {

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "slurm-engine-" + COUNT.incrementAndGet());
            thread.setDaemon(true);
            return thread;
          });

  <T> Future<T> submit(Supplier<T> work) {
    return threads.submit(work::get);
  }

  Future<?> submit(Runnable work) {
    return threads.submit(work);
  }

  /**
   * Runs the work for each item and waits for all, even if the caller is interrupted: what is
   * created after a roll-back would stay. Throws the first failure.
   */
  <T> void forEach(Collection<T> items, Consumer<T> work) {
    List<Future<?>> futures = new ArrayList<>();
    for (T item : items) {
      futures.add(submit(() -> work.accept(item)));
    }
    join(futures);
  }

  /** Waits for all, then throws the first failure, with the others suppressed. */
  static void join(List<Future<?>> futures) {
    RuntimeException failure = null;
    for (Future<?> future : futures) {
      try {
        get(future);
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Waits for the result; an interrupt is kept for the caller. */
  static <T> T get(Future<T> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException failure) {
            throw failure;
          }
          throw new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
