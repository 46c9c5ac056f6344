/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs requests on daemon threads of its own, so that each has a deadline and can be interrupted.
 *
 * <p>The transport cannot do that: its timeouts have no effect on unix sockets.
 */
final class Requests implements AutoCloseable {

  private static final AtomicInteger THREADS = new AtomicInteger();

  private final Failures failures;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          5,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> {
            Thread thread = new Thread(task, "engine-request-" + THREADS.incrementAndGet());
            thread.setDaemon(true);
            return thread;
          });

  Requests(Failures failures) {
    this.failures = failures;
  }

  /**
   * Waits for the answer to a request.
   *
   * @param doing the operation, for the message of a failure: {@code "cannot start container x"}
   * @throws EngineException of kind {@code UNREACHABLE} after {@code limit}; of kind {@code OTHER}
   *     when this thread is interrupted
   */
  <T> T ask(String doing, Duration limit, Callable<T> request) {
    try {
      return askInterruptibly(doing, limit, request);
    } catch (InterruptedException e) {
      throw interrupted(doing, e);
    }
  }

  /** Waits for the answer to a request, for callers that handle an interrupt. */
  <T> T askInterruptibly(String doing, Duration limit, Callable<T> request)
      throws InterruptedException {
    Future<T> answer = submit(doing, request);
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw failures.translate(doing, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw failures.unreachable(doing, "no answer within " + limit.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw e;
    }
  }

  /** Starts work that has no limit. */
  <T> Future<T> submit(String doing, Callable<T> work) {
    try {
      return threads.submit(work);
    } catch (RejectedExecutionException e) {
      throw new EngineException(Kind.OTHER, doing + ": the connection was closed", e);
    }
  }

  /** Runs a task without waiting for it; does nothing after close. */
  void later(Runnable task) {
    try {
      threads.execute(task);
    } catch (RejectedExecutionException e) {
      // Closed: the caller no longer wants the answer.
    }
  }

  /** Removes an object; returns false if it did not exist. */
  static boolean unlessGone(Callable<?> removal) throws Exception {
    try {
      removal.call();
      return true;
    } catch (NotFoundException e) {
      return false;
    }
  }

  /** Changes an object; returns false if it had the state already. */
  static boolean unlessSo(Callable<?> change) throws Exception {
    try {
      change.call();
      return true;
    } catch (NotModifiedException e) {
      return false;
    }
  }

  static EngineException interrupted(String doing, InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new EngineException(Kind.OTHER, doing + ": interrupted", cause);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
