/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.definition.ClusterDocument;
import io.github.slurmmaven.definition.ClusterDocument.Gpus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A <code>node</code> below <code>nodes</code>; Maven sets the fields. */
public final class NodeConfiguration {

  private @Nullable String name;
  private @Nullable String role;
  private @Nullable String cpus;
  private @Nullable String memory;
  private @Nullable String gpus;
  private @Nullable String gpuType;
  private @Nullable List<String> partitions;
  private @Nullable Map<String, String> options;

  ClusterDocument.Node toDocument() {
    return new ClusterDocument.Node(
        name,
        role == null ? "compute" : role,
        WholeNumber.parse("nodes.node.cpus", cpus, "1 or more"),
        WholeNumber.parse("nodes.node.memory", memory, "megabytes, for example 4096"),
        gpus(),
        gpuType,
        partitions,
        options);
  }

  /** A number, or as in Slurm's own notation <code>a100:2,h100:4</code>. */
  private @Nullable Gpus gpus() {
    if (gpus == null) {
      return null;
    }
    String given = gpus.strip();
    String allowed = "a number, or numbers by type as in a100:2,h100:4";
    if (given.indexOf(':') < 0) {
      Integer count = WholeNumber.parse("nodes.node.gpus", given, allowed);
      return count == null ? null : Gpus.of(count);
    }
    Map<String, Integer> byType = new LinkedHashMap<>();
    for (String part : given.split(",", -1)) {
      String[] typeAndCount = part.strip().split(":", -1);
      Integer count =
          typeAndCount.length == 2
              ? WholeNumber.parse("nodes.node.gpus", typeAndCount[1], allowed)
              : null;
      if (count == null) {
        throw new InvalidParameterException(
            "nodes.node.gpus", given, "is not understood: use " + allowed);
      }
      byType.put(typeAndCount[0], count);
    }
    return Gpus.of(byType);
  }
}
