/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.DockerClient;
import io.github.slurmmaven.terminal.Terminal.Size;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a command's terminal as large as the user's. It sends one request at a time, and only the
 * last of many sizes: while a window is dragged, sizes change faster than the engine can accept
 * them.
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

  // Sends a size. The engine may not have the terminal yet when a command starts, and no longer has
  // it after its end.
  private void apply(Size size) {
    for (int attempt = 1; attempt <= ATTEMPTS && !isClosed(); attempt++) {
      try {
        client.resizeExecCmd(execId).withSize(size.rows(), size.columns()).exec();
        return;
      } catch (RuntimeException e) {
        // The terminal keeps its size; the session continues.
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
