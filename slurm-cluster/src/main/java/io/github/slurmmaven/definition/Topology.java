/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Changes the number of compute nodes. A cluster with several compute nodes has a separate
 * controller. New nodes are like the existing ones of their kind.
 */
final class Topology {

  /** The preset that is the model for a controller and for the first node of a kind. */
  private static final String OF_CPU_NODES = "multi-node";

  /** The same for nodes with GPUs. */
  private static final String OF_GPU_NODES = "gpu";

  private Topology() {}

  /**
   * Returns the cluster with these numbers of nodes.
   *
   * @param cpuNodes nodes without GPUs; null for the present number
   * @param gpuNodes nodes with GPUs; null for the present number
   */
  static ClusterDefinition resize(
      ClusterDefinition definition, @Nullable Integer cpuNodes, @Nullable Integer gpuNodes) {
    List<NodeDefinition> cpu =
        definition.computeNodes().stream().filter(node -> !node.hasGpus()).toList();
    List<NodeDefinition> gpu =
        definition.computeNodes().stream().filter(NodeDefinition::hasGpus).toList();
    int cpuCount = cpuNodes == null ? cpu.size() : Checks.nodes("cpuNodes", cpuNodes, 0);
    int gpuCount = gpuNodes == null ? gpu.size() : Checks.nodes("gpuNodes", gpuNodes, 0);
    if (cpuCount == cpu.size() && gpuCount == gpu.size()) {
      return definition;
    }
    if (cpuCount + gpuCount == 0) {
      throw new InvalidParameterException(
          cpuNodes == null ? "gpuNodes" : "cpuNodes",
          0,
          "leaves no node that runs jobs: cpuNodes and gpuNodes together must be 1 or more");
    }
    List<NodeDefinition> nodes = new ArrayList<>();
    nodes.add(
        definition.controller().role() == Role.CONTROLLER
            ? definition.controller()
            : Presets.definition(OF_CPU_NODES).controller());
    List<NodeDefinition> newCpu = nodesOf("cpu", cpu, OF_CPU_NODES, cpuCount);
    List<NodeDefinition> newGpu = nodesOf("gpu", gpu, OF_GPU_NODES, gpuCount);
    nodes.addAll(newCpu);
    nodes.addAll(newGpu);
    return definition.withNodes(nodes, partitions(definition, nodes));
  }

  /**
   * Returns the nodes of a kind.
   *
   * @param kind name of the kind and its partition
   * @param there the existing nodes of that kind; new ones are like the first
   * @param preset source of the first node, if there is none
   */
  private static List<NodeDefinition> nodesOf(
      String kind, List<NodeDefinition> there, String preset, int count) {
    if (count == 0) {
      return List.of();
    }
    NodeDefinition model =
        there.isEmpty()
            ? Presets.definition(preset).computeNodes().get(0).in(List.of(kind))
            : there.get(0);
    String stem =
        there.isEmpty() || model.role() != Role.COMPUTE
            ? kind
            : model.name().replaceFirst("-?\\d+$", "");
    return IntStream.range(0, count)
        .mapToObj(number -> model.as(stem + "-" + number, Role.COMPUTE))
        .toList();
  }

  /** Returns the partitions that still have nodes, and those of new kinds of nodes. */
  private static List<PartitionDefinition> partitions(
      ClusterDefinition definition, List<NodeDefinition> nodes) {
    Set<String> names = new LinkedHashSet<>();
    definition.partitions().forEach(partition -> names.add(partition.name()));
    nodes.forEach(node -> names.addAll(node.partitions()));
    List<PartitionDefinition> partitions = new ArrayList<>();
    for (String name : names) {
      List<String> members =
          nodes.stream()
              .filter(node -> node.partitions().contains(name))
              .map(NodeDefinition::name)
              .toList();
      if (!members.isEmpty()) {
        partitions.add(
            definition.partitions().stream()
                .filter(partition -> partition.name().equals(name))
                .findFirst()
                .orElseGet(() -> partitionOf(name))
                .with(false, members));
      }
    }
    String wanted = definition.defaultPartition().name();
    PartitionDefinition newDefault =
        partitions.stream()
            .filter(partition -> partition.name().equals(wanted))
            .findFirst()
            .orElse(partitions.get(0));
    partitions.replaceAll(
        partition -> partition.with(partition.equals(newDefault), partition.nodes()));
    return partitions;
  }

  /** Returns the partition of a new kind of nodes. */
  private static PartitionDefinition partitionOf(String kind) {
    return Presets.definition(kind.equals("gpu") ? OF_GPU_NODES : OF_CPU_NODES)
        .partitions()
        .stream()
        .filter(partition -> partition.name().equals(kind))
        .findFirst()
        .orElseThrow();
  }
}
