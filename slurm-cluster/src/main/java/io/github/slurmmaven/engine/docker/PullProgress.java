/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.model.ResponseItem;
import com.github.dockerjava.api.model.ResponseItem.ProgressDetail;
import io.github.slurmmaven.engine.EngineProgress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Condenses the hundreds of events of a pull: a line for each finished layer, and at most five
 * times a second the progress of all layers.
 */
final class PullProgress {

  private static final long BETWEEN = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long MEGABYTE = 1_000_000;

  /** The progress of a layer, in bytes. */
  private record Download(long current, long total) {}

  private final EngineProgress progress;
  private final LongSupplier nanoTime;
  private final Set<String> layers = new HashSet<>();
  private final Set<String> complete = new HashSet<>();
  private final Map<String, Download> downloads = new HashMap<>();
  private long next;

  PullProgress(EngineProgress progress) {
    this(progress, System::nanoTime);
  }

  PullProgress(EngineProgress progress, LongSupplier nanoTime) {
    this.progress = progress;
    this.nanoTime = nanoTime;
    this.next = nanoTime.getAsLong();
  }

  void accept(ResponseItem item) {
    String status = item.getStatus();
    String id = item.getId();
    if (status == null) {
      return;
    }
    if (id == null || status.startsWith("Pulling from")) {
      progress.line(status);
      return;
    }
    layers.add(id);
    ProgressDetail detail = item.getProgressDetail();
    switch (status) {
      case "Downloading" -> download(id, detail);
      case "Download complete" ->
          downloads.computeIfPresent(id, (layer, known) -> new Download(known.total, known.total));
      case "Pull complete", "Already exists" -> {
        if (complete.add(id)) {
          progress.line(
              "Layer " + id + " complete (" + complete.size() + " of " + layers.size() + ")");
        }
      }
      default -> {
        // Waiting, verifying and extracting are not progress.
      }
    }
    report();
  }

  private void download(String id, ProgressDetail detail) {
    Long current = detail == null ? null : detail.getCurrent();
    Long total = detail == null ? null : detail.getTotal();
    if (current != null && total != null) {
      downloads.put(id, new Download(current, total));
    }
  }

  private void report() {
    long now = nanoTime.getAsLong();
    if (now - next < 0) {
      return;
    }
    next = now + BETWEEN;
    String status = complete.size() + " of " + layers.size() + " layers";
    if (!downloads.isEmpty()) {
      long current = downloads.values().stream().mapToLong(Download::current).sum();
      long total = downloads.values().stream().mapToLong(Download::total).sum();
      status += ", " + current / MEGABYTE + " of " + total / MEGABYTE + " MB";
    }
    progress.now(status);
  }
}
