/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.DockerClient;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for operations that may be silent for long, and pings the engine meanwhile. */
final class Heartbeat {

  private final DockerClient client;
  private final Requests requests;
  private final EngineTimeouts timeouts;

  Heartbeat(DockerClient client, Requests requests, EngineTimeouts timeouts) {
    this.client = client;
    this.requests = requests;
    this.timeouts = timeouts;
  }

  /** Waits for the end of a stream, without a limit. */
  void await(String doing, EngineStream<?> stream) throws InterruptedException {
    while (!stream.await(timeouts.silence())) {
      ping(doing);
    }
  }

  /** Waits for the end of a stream; returns false if it does not end in time. */
  boolean await(String doing, EngineStream<?> stream, Instant deadline)
      throws InterruptedException {
    while (true) {
      Duration left = Duration.between(Instant.now(), deadline);
      if (stream.await(left.compareTo(timeouts.silence()) < 0 ? left : timeouts.silence())) {
        return true;
      }
      if (left.compareTo(timeouts.silence()) < 0) {
        return false;
      }
      ping(doing);
    }
  }

  /** Waits for work on another thread, without a limit. */
  void await(String doing, Future<?> work) throws InterruptedException, ExecutionException {
    while (true) {
      try {
        work.get(timeouts.silence().toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        ping(doing);
      }
    }
  }

  private void ping(String doing) throws InterruptedException {
    requests.askInterruptibly(doing, timeouts.answer(), () -> client.pingCmd().exec());
  }
}
