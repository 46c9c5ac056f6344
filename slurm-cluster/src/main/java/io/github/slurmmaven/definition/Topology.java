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
 * Changes how many compute nodes a cluster has. More than one node, or one of each kind, is a
 * cluster with a controller of its own; new nodes are like the ones of their kind that were there.
 */
final class Topology {

  /** The preset whose controller and compute nodes those are like that are the first of a kind. */
  private static final String OF_CPU_NODES = "multi-node";

  /** The same for nodes with GPUs. */
  private static final String OF_GPU_NODES = "gpu";

  private Topology() {}

  /**
   * The cluster with that many nodes of each kind.
   *
   * @param cpuNodes nodes without GPUs; null for as many as there are
   * @param gpuNodes nodes with GPUs; null for as many as there are
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
   * Nodes of a kind.
   *
   * @param kind what the kind and its partition are called
   * @param there the nodes of that kind; new ones are like the first
   * @param preset where the first comes from, when there is none
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

  /** The partitions that still have nodes, and those that new kinds of nodes bring. */
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

  /** The partition that a new kind of nodes brings. */
  private static PartitionDefinition partitionOf(String kind) {
    return Presets.definition(kind.equals("gpu") ? OF_GPU_NODES : OF_CPU_NODES)
        .partitions()
        .stream()
        .filter(partition -> partition.name().equals(kind))
        .findFirst()
        .orElseThrow();
  }
}
