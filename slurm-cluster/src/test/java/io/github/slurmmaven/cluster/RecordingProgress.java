/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.client.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Records all messages. */
public final class RecordingProgress implements Progress {

  private final List<String> steps = new CopyOnWriteArrayList<>();
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final List<String> details = new CopyOnWriteArrayList<>();

  @Override
  public void step(String message) {
    steps.add(message);
  }

  @Override
  public void warn(String message) {
    warnings.add(message);
  }

  @Override
  public void detail(String message) {
    details.add(message);
  }

  public List<String> steps() {
    return List.copyOf(steps);
  }

  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** Returns all messages of every kind. */
  public List<String> everything() {
    List<String> all = new ArrayList<>(steps);
    all.addAll(warnings);
    all.addAll(details);
    return all;
  }
}
