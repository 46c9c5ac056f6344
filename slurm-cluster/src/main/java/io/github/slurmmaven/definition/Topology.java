/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes how many compute nodes a cluster has. More than one node, or one of each kind, is a
 * cluster with a controller of its own; new nodes are like the ones of their kind that were there.
 */
final class Topology {

  private static final NodeDefinition CONTROLLER =
      new NodeDefinition("controller", Role.CONTROLLER, 2, 2048, Map.of(), List.of(), Map.of());
  private static final NodeDefinition CPU_NODE =
      new NodeDefinition("cpu", Role.COMPUTE, 4, 4096, Map.of(), List.of("cpu"), Map.of());
  private static final NodeDefinition GPU_NODE =
      new NodeDefinition("gpu", Role.COMPUTE, 4, 8192, Map.of("fake", 2), List.of("gpu"), Map.of());

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
        definition.controller().role() == Role.CONTROLLER ? definition.controller() : CONTROLLER);
    List<NodeDefinition> newCpu = nodesOf(cpu, CPU_NODE, cpuCount);
    List<NodeDefinition> newGpu = nodesOf(gpu, GPU_NODE, gpuCount);
    nodes.addAll(newCpu);
    nodes.addAll(newGpu);
    return definition.withNodes(nodes, partitions(definition, nodes));
  }

  private static List<NodeDefinition> nodesOf(
      List<NodeDefinition> there, NodeDefinition otherwise, int count) {
    NodeDefinition model = there.isEmpty() ? otherwise : there.get(0);
    String stem =
        there.isEmpty() || model.role() != Role.COMPUTE
            ? otherwise.name()
            : model.name().replaceFirst("-?\\d+$", "");
    List<NodeDefinition> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nodes.add(model.as(stem + "-" + i, Role.COMPUTE));
    }
    return nodes;
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
                .orElseGet(
                    () ->
                        new PartitionDefinition(
                            name,
                            false,
                            Optional.empty(),
                            name.equals("gpu") ? List.of("gpu") : List.of(),
                            List.of(),
                            Map.of()))
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
}
