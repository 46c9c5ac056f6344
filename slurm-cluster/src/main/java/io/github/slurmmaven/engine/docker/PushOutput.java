/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.model.PushResponseItem;
import com.github.dockerjava.api.model.ResponseItem.ErrorDetail;
import io.github.slurmmaven.engine.EngineProgress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the output of a push: each layer that has reached the registry. */
final class PushOutput extends EngineStream<PushResponseItem> {

  private final EngineProgress progress;
  private @Nullable String error;

  PushOutput(EngineProgress progress) {
    this.progress = progress;
  }

  @Override
  void onItem(PushResponseItem item) {
    String status = item.getStatus();
    if (status != null && (item.getId() == null || status.equals("Pushed"))) {
      progress.line(item.getId() == null ? status : "Layer " + item.getId() + " pushed");
    }
    ErrorDetail detail = item.getErrorDetail();
    if (detail != null) {
      error = detail.getMessage();
    }
  }

  Optional<String> error() {
    return Optional.ofNullable(error);
  }
}
