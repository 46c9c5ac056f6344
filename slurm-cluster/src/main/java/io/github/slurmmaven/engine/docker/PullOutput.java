/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.ResponseItem.ErrorDetail;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hears an image pull. */
final class PullOutput extends EngineStream<PullResponseItem> {

  private final PullProgress progress;
  private @Nullable String error;

  PullOutput(Consumer<String> lines) {
    progress = new PullProgress(lines);
  }

  @Override
  public synchronized void onNext(PullResponseItem item) {
    progress.accept(item);
    ErrorDetail detail = item.getErrorDetail();
    if (detail != null) {
      error = detail.getMessage();
    }
  }

  synchronized Optional<String> error() {
    return Optional.ofNullable(error);
  }
}
