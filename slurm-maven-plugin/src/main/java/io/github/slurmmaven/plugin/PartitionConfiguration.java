/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.definition.ClusterDocument;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A <code>partition</code> below <code>partitions</code>; Maven sets the fields. */
public final class PartitionConfiguration {

  private @Nullable String name;
  private @Nullable Boolean isDefault;
  private @Nullable String maxTime;
  private @Nullable List<String> features;
  private @Nullable List<String> nodes;
  private @Nullable Map<String, String> options;

  /** Sets the element <code>default</code>, a name that a Java field cannot have. */
  public void setDefault(boolean isDefault) {
    this.isDefault = isDefault;
  }

  ClusterDocument.Partition toDocument() {
    return new ClusterDocument.Partition(name, isDefault, maxTime, features, nodes, options);
  }
}
