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
 * Listens to a streamed answer. docker-java's own template logs every error, and waits without
 * saying what went wrong.
 */
abstract class EngineStream<T> implements ResultCallback<T>, AutoCloseable {

  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Closeable connection;
  private @Nullable Throwable failure;
  private volatile @Nullable RuntimeException refusal;
  private volatile boolean closed;

  /** Called with each item, from one thread; what it throws ends the stream. */
  abstract void onItem(T item);

  /** Called once when the stream has ended, by itself or not, before those who wait are woken. */
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

  /** Waits for the end of the stream; false when it did not come in time. */
  final boolean await(Duration limit) throws InterruptedException {
    return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Does nothing when the stream ended as it should.
   *
   * @param doing what fails if it has failed
   * @throws RuntimeException what the listener threw, or why the stream broke off
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
    // An ended stream has given its connection back and its thread may be at other work.
    if (stream != null && ended.getCount() > 0) {
      closeQuietly(stream);
    }
  }

  private static void closeQuietly(Closeable stream) {
    try {
      stream.close();
    } catch (IOException e) {
      // It is gone, as it should be.
    }
  }
}
