/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.engine.EngineProgress;

/** Shows a pull: each layer is a detail, and the progress of all is a status. */
public record PullShown(Progress progress) implements EngineProgress {

  @Override
  public void line(String line) {
    progress.detail(line);
  }

  @Override
  public void now(String status) {
    progress.now(status);
  }
}
