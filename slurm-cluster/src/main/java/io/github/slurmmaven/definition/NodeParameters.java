/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Parameters of the compute nodes; null means the preset's value. */
public final class NodeParameters {

  private @Nullable Integer cpuNodes;
  private @Nullable Integer gpuNodes;
  private @Nullable Integer cpusPerNode;
  private @Nullable Integer gpusPerNode;
  private @Nullable Integer memoryPerNode;

  /** Number of compute nodes without GPUs. */
  public NodeParameters cpuNodes(@Nullable Integer nodes) {
    cpuNodes = nodes;
    return this;
  }

  /** Number of compute nodes with simulated GPUs. */
  public NodeParameters gpuNodes(@Nullable Integer nodes) {
    gpuNodes = nodes;
    return this;
  }

  /** Processors of each compute node. */
  public NodeParameters cpusPerNode(@Nullable Integer cpus) {
    cpusPerNode = cpus;
    return this;
  }

  /** Simulated GPUs of each node that has any. */
  public NodeParameters gpusPerNode(@Nullable Integer gpus) {
    gpusPerNode = gpus;
    return this;
  }

  /** Megabytes of each compute node. */
  public NodeParameters memoryPerNode(@Nullable Integer megabytes) {
    memoryPerNode = megabytes;
    return this;
  }

  List<ParameterChange> changes() {
    List<ParameterChange> changes = new ArrayList<>();
    Integer cpu = cpuNodes;
    Integer gpu = gpuNodes;
    // One change for both: each alone would keep the other's present number.
    if (cpu != null || gpu != null) {
      changes.add(
          new ParameterChange(
              cpu == null ? "gpuNodes" : "cpuNodes",
              Objects.requireNonNullElse(cpu, Objects.requireNonNullElse(gpu, 0)),
              definition -> Topology.resize(definition, cpu, gpu),
              definition ->
                  definition.computeNodes().stream()
                      .filter(node -> node.hasGpus() == (cpu == null))
                      .count()));
    }
    Integer cpus = cpusPerNode;
    if (cpus != null) {
      Checks.cpus("cpusPerNode", cpus);
      changes.add(
          new ParameterChange(
              "cpusPerNode",
              cpus,
              definition -> definition.withComputeNodes(node -> node.withCpus(cpus)),
              definition -> ofNodes(definition, NodeDefinition::cpus)));
    }
    Integer memory = memoryPerNode;
    if (memory != null) {
      Checks.memory("memoryPerNode", memory);
      changes.add(
          new ParameterChange(
              "memoryPerNode",
              memory,
              definition -> definition.withComputeNodes(node -> node.withMemory(memory)),
              definition -> ofNodes(definition, NodeDefinition::memory)));
    }
    Integer gpus = gpusPerNode;
    if (gpus != null) {
      Checks.atLeast("gpusPerNode", gpus, 1);
      changes.add(
          new ParameterChange(
              "gpusPerNode",
              gpus,
              definition -> withGpusPerNode(definition, gpus),
              definition -> ofNodes(definition, NodeDefinition::gpus)));
    }
    return changes;
  }

  private static String ofNodes(
      ClusterDefinition definition, Function<NodeDefinition, Object> what) {
    return definition.computeNodes().stream()
        .map(node -> String.valueOf(what.apply(node)))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static ClusterDefinition withGpusPerNode(ClusterDefinition definition, int gpus) {
    if (definition.computeNodes().stream().noneMatch(NodeDefinition::hasGpus)) {
      throw new InvalidParameterException(
          "gpusPerNode",
          gpus,
          "needs a node with GPUs: set gpuNodes, or use the preset gpu or full");
    }
    return definition.withComputeNodes(
        node -> {
          if (!node.hasGpus()) {
            return node;
          }
          if (node.gpus().size() > 1) {
            throw new InvalidParameterException(
                "gpusPerNode",
                gpus,
                "cannot be divided: node " + node.name() + " has GPUs of several types");
          }
          return node.withGpus(Map.of(node.gpus().keySet().iterator().next(), gpus));
        });
  }
}
