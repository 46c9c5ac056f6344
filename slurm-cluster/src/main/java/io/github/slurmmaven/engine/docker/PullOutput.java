/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.ResponseItem.ErrorDetail;
import io.github.slurmmaven.engine.EngineProgress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the output of an image pull. */
final class PullOutput extends EngineStream<PullResponseItem> {

  private final PullProgress layers;
  private @Nullable String error;

  PullOutput(EngineProgress progress) {
    layers = new PullProgress(progress);
  }

  @Override
  void onItem(PullResponseItem item) {
    layers.accept(item);
    ErrorDetail detail = item.getErrorDetail();
    if (detail != null) {
      error = detail.getMessage();
    }
  }

  Optional<String> error() {
    return Optional.ofNullable(error);
  }
}
