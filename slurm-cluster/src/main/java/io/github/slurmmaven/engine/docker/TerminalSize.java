/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.DockerClient;
import io.github.slurmmaven.terminal.Terminal.Size;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a command's terminal as large as the person's. One request at a time, and of many sizes
 * only the last: while a window is dragged, they come faster than the engine takes them.
 */
final class TerminalSize implements AutoCloseable {

  private static final int ATTEMPTS = 20;
  private static final Duration BETWEEN = Duration.ofMillis(50);

  private final DockerClient client;
  private final Requests requests;
  private final String execId;
  private @Nullable Size wanted;
  private boolean busy;
  private boolean closed;

  TerminalSize(DockerClient client, Requests requests, String execId) {
    this.client = client;
    this.requests = requests;
    this.execId = execId;
  }

  synchronized void set(Size size) {
    wanted = size;
    if (!busy && !closed) {
      busy = true;
      requests.later(this::apply);
    }
  }

  private void apply() {
    for (Size size = next(); size != null; size = next()) {
      apply(size);
    }
  }

  private synchronized @Nullable Size next() {
    Size size = closed ? null : wanted;
    wanted = null;
    busy = size != null;
    return size;
  }

  // Between the start of a command and that of its process the engine may know of no terminal yet,
  // and after its end no more.
  private void apply(Size size) {
    for (int attempt = 1; attempt <= ATTEMPTS && !isClosed(); attempt++) {
      try {
        client.resizeExecCmd(execId).withSize(size.rows(), size.columns()).exec();
        return;
      } catch (RuntimeException e) {
        // It stays as large as it was: no reason to end a session.
      }
      try {
        Thread.sleep(BETWEEN.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
