/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.model.WaitResponse;
import io.github.slurmmaven.engine.ContainerEngine.Subscription;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Waits for the end of a container. */
final class ExitWatch extends EngineStream<WaitResponse> {

  private static final int UNKNOWN = -1;

  private final Requests requests;
  private final Consumer<Integer> onExit;
  private final AtomicBoolean open = new AtomicBoolean(true);
  private volatile @Nullable Integer exitCode;

  ExitWatch(Requests requests, Consumer<Integer> onExit) {
    this.requests = requests;
    this.onExit = onExit;
  }

  @Override
  void onItem(WaitResponse response) {
    exitCode = response.getStatusCode();
  }

  @Override
  void ended() {
    Integer known = exitCode;
    int code = known == null ? UNKNOWN : known;
    // Runs on another thread: the stream's own still holds the connection, and close would
    // interrupt it.
    requests.later(
        () -> {
          if (open.compareAndSet(true, false)) {
            onExit.accept(code);
          }
        });
  }

  Subscription subscription() {
    return () -> {
      open.set(false);
      close();
    };
  }
}
