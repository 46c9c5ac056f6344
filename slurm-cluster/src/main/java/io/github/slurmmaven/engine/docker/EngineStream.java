/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.async.ResultCallback;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hears a streamed answer. docker-java's own template logs every error, and waits without saying
 * what went wrong.
 */
abstract class EngineStream<T> implements ResultCallback<T>, AutoCloseable {

  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Closeable connection;
  private @Nullable Throwable failure;
  private boolean closed;

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
    if (ended.getCount() > 0) {
      ended();
      ended.countDown();
    }
  }

  /** Called once when the stream has ended, by itself or not, before those who wait hear of it. */
  void ended() {}

  /** Waits for the end of the stream; false when it did not come in time. */
  final boolean await(Duration limit) throws InterruptedException {
    return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Why the stream broke off; empty when it ended as it should. */
  final synchronized Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
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
