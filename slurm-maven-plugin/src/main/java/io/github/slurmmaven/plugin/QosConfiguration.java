/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.definition.ClusterDocument;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A quality of service below <code>qos</code>; Maven sets the fields. */
public final class QosConfiguration {

  private @Nullable String name;
  private @Nullable String priority;
  private @Nullable Map<String, String> limits;
  private @Nullable List<String> flags;
  private @Nullable List<String> preempt;
  private @Nullable Map<String, String> options;

  /** Sets the name of one that is written as text alone. */
  public void set(String name) {
    this.name = name;
  }

  ClusterDocument.Qos toDocument() {
    return new ClusterDocument.Qos(
        name,
        WholeNumber.parse("qos.priority", priority, "0 or more"),
        limits,
        flags,
        preempt,
        options);
  }
}
