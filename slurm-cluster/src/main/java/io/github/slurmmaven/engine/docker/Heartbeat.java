/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.DockerClient;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for what may be silent for long, but not for an engine that has died. */
final class Heartbeat {

  /** How long there may be silence before the engine is asked whether it still lives. */
  private static final Duration INTERVAL = Duration.ofSeconds(20);

  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);

  private final DockerClient client;
  private final Requests requests;

  Heartbeat(DockerClient client, Requests requests) {
    this.client = client;
    this.requests = requests;
  }

  /** Waits for the end of a stream, however long it takes. */
  void await(String doing, EngineStream<?> stream) throws InterruptedException {
    while (!stream.await(INTERVAL)) {
      ping(doing);
    }
  }

  /** Waits for the end of a stream; false when it did not come in time. */
  boolean await(String doing, EngineStream<?> stream, Instant deadline)
      throws InterruptedException {
    while (true) {
      Duration left = Duration.between(Instant.now(), deadline);
      if (stream.await(left.compareTo(INTERVAL) < 0 ? left : INTERVAL)) {
        return true;
      }
      if (left.compareTo(INTERVAL) < 0) {
        return false;
      }
      ping(doing);
    }
  }

  /** Waits for work that goes on elsewhere, however long it takes. */
  void await(String doing, Future<?> work) throws InterruptedException, ExecutionException {
    while (true) {
      try {
        work.get(INTERVAL.toSeconds(), TimeUnit.SECONDS);
        return;
      } catch (TimeoutException e) {
        ping(doing);
      }
    }
  }

  private void ping(String doing) throws InterruptedException {
    requests.askInterruptibly(doing, ANSWER_LIMIT, () -> client.pingCmd().exec());
  }
}
