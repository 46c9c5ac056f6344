/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.async.ResultCallback;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads a streamed response. docker-java's own template logs every error, and its wait does not
 * report the cause.
 */
abstract class EngineStream<T> implements ResultCallback<T>, AutoCloseable {

  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Closeable connection;
  private @Nullable Throwable failure;
  private volatile @Nullable RuntimeException refusal;
  private volatile boolean closed;

  /** Called with each item, from one thread. An exception ends the stream. */
  abstract void onItem(T item);

  /** Called once after the end or failure of the stream, before waiting threads continue. */
  void ended() {}

  @Override
  public final void onStart(Closeable stream) {
    synchronized (this) {
      if (!closed) {
        connection = stream;
        return;
      }
    }
    closeQuietly(stream);
  }

  @Override
  public final void onNext(T item) {
    if (!closed) {
      guarded(() -> onItem(item));
    }
  }

  @Override
  public final void onError(Throwable throwable) {
    synchronized (this) {
      if (!closed && failure == null) {
        failure = throwable;
      }
    }
    end();
  }

  @Override
  public final void onComplete() {
    end();
  }

  // docker-java reports the end of a broken stream twice, from the same thread.
  private void end() {
    if (ended.getCount() == 0) {
      return;
    }
    try {
      if (!closed && refusal == null) {
        guarded(this::ended);
      }
    } finally {
      ended.countDown();
    }
  }

  private void guarded(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException e) {
      refusal = e;
      throw e;
    }
  }

  /** Waits for the end of the stream; returns false if it does not end in time. */
  final boolean await(Duration limit) throws InterruptedException {
    return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Throws the failure of the stream, if it failed.
   *
   * @param doing the operation, for the message
   * @throws RuntimeException the listener's exception, or the reason why the stream broke
   */
  final void throwIfBroken(String doing, Failures failures) {
    RuntimeException thrown = refusal;
    if (thrown != null) {
      throw thrown;
    }
    synchronized (this) {
      if (failure != null) {
        throw failures.translate(doing, failure);
      }
    }
  }

  @Override
  public final void close() {
    Closeable stream;
    synchronized (this) {
      closed = true;
      stream = connection;
      connection = null;
    }
    // An ended stream has returned its connection, and its thread may do other work.
    if (stream != null && ended.getCount() > 0) {
      closeQuietly(stream);
    }
  }

  private static void closeQuietly(Closeable stream) {
    try {
      stream.close();
    } catch (IOException e) {
      // The connection is closed already.
    }
  }
}
