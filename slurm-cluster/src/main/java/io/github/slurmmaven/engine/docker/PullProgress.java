/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import com.github.dockerjava.api.model.ResponseItem;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Condenses the hundreds of events of a pull to a line for each layer that is there. */
final class PullProgress {

  private final Consumer<String> lines;
  private final Set<String> layers = new HashSet<>();
  private final Set<String> complete = new HashSet<>();

  PullProgress(Consumer<String> lines) {
    this.lines = lines;
  }

  void accept(ResponseItem item) {
    String status = item.getStatus();
    String id = item.getId();
    if (status == null) {
      return;
    }
    if (id == null || status.startsWith("Pulling from")) {
      lines.accept(status);
      return;
    }
    layers.add(id);
    if ((status.equals("Pull complete") || status.equals("Already exists")) && complete.add(id)) {
      lines.accept("Layer " + id + " complete (" + complete.size() + " of " + layers.size() + ")");
    }
  }
}
