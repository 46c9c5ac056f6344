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

/** Requests to the engine at the same time: what a start of many containers gains most from. */
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

  /** Does the work for each item; the first failure is thrown once all have ended. */
  <T> void forEach(Collection<T> items, Consumer<T> work) {
    if (items.size() == 1) {
      work.accept(items.iterator().next());
      return;
    }
    List<Future<?>> futures = new ArrayList<>();
    for (T item : items) {
      futures.add(submit(() -> work.accept(item)));
    }
    join(futures);
  }

  /** Waits for all, then throws the first failure, the others suppressed in it. */
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

  static <T> T get(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the engine", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
