/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.engine.EngineProgress;

/** Every layer is a detail, and how far they are shows while they come and go. */
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
