/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Adds or removes compute nodes of one partition. */
final class Scaling {

  private static final Pattern NUMBERED = Pattern.compile("(.*?)(\\d{1,6})");

  private final ClusterDefinition cluster;
  private final PartitionDefinition partition;

  Scaling(ClusterDefinition cluster, Optional<String> name) {
    this.cluster = cluster;
    this.partition =
        name.isEmpty()
            ? cluster.defaultPartition()
            : cluster.partitions().stream()
                .filter(each -> each.name().equals(name.get()))
                .findFirst()
                .orElseThrow(
                    () ->
                        new InvalidParameterException(
                            "partition",
                            name.get(),
                            "is not a partition of cluster %s, which has %s"
                                .formatted(
                                    cluster.name(),
                                    cluster.partitions().stream()
                                        .map(PartitionDefinition::name)
                                        .collect(Collectors.joining(", ")))));
  }

  ClusterDefinition to(int count) {
    Checks.nodes("computeNodes", count, 1);
    if (cluster.controller().role() == Role.ALL_IN_ONE) {
      throw new UserMistakeException(
          "Cluster %s has one node that is both its controller and its compute node. To change the number of nodes, create a cluster with a controller of its own (preset multi-node, or cpuNodes)"
              .formatted(cluster.name()));
    }
    List<NodeDefinition> members =
        cluster.nodes().stream().filter(node -> partition.nodes().contains(node.name())).toList();
    return count < members.size()
        ? without(members.subList(count, members.size()))
        : with(members.get(members.size() - 1), count - members.size());
  }

  private ClusterDefinition without(List<NodeDefinition> leaving) {
    Set<String> names = new HashSet<>();
    leaving.forEach(node -> names.add(node.name()));
    List<PartitionDefinition> partitions = new ArrayList<>();
    for (PartitionDefinition each : cluster.partitions()) {
      List<String> staying = each.nodes().stream().filter(node -> !names.contains(node)).toList();
      if (staying.isEmpty()) {
        throw new InvalidParameterException(
            "computeNodes",
            partition.nodes().size() - leaving.size(),
            "would leave no node in partition " + each.name());
      }
      partitions.add(each.with(each.isDefault(), staying));
    }
    return cluster.withNodes(
        cluster.nodes().stream().filter(node -> !names.contains(node.name())).toList(), partitions);
  }

  /** The new nodes come last, so that the others keep their addresses. */
  private ClusterDefinition with(NodeDefinition model, int more) {
    Matcher numbered = NUMBERED.matcher(model.name());
    String stem = numbered.matches() ? numbered.group(1) : model.name() + "-";
    Set<String> taken = new HashSet<>();
    cluster.nodes().forEach(node -> taken.add(node.name()));
    List<NodeDefinition> nodes = new ArrayList<>(cluster.nodes());
    List<String> added = new ArrayList<>();
    for (int number = 0; added.size() < more; number++) {
      if (taken.add(stem + number)) {
        added.add(stem + number);
        nodes.add(model.as(stem + number, model.role()));
      }
    }
    return cluster.withNodes(
        nodes,
        cluster.partitions().stream()
            .map(
                each -> {
                  if (!each.nodes().contains(model.name())) {
                    return each;
                  }
                  List<String> all = new ArrayList<>(each.nodes());
                  all.addAll(added);
                  return each.with(each.isDefault(), all);
                })
            .toList());
  }
}
