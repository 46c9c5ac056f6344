/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDocument.Gpus;
import io.github.slurmmaven.definition.ClusterDocument.Node;
import io.github.slurmmaven.definition.ClusterDocument.Partition;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the nodes and partitions of a document. */
final class TopologyReader {

  /** Host names that every node has in /etc/hosts, and the word for all nodes. */
  private static final Set<String> RESERVED =
      Set.of("localhost", "any4", RegistryDefinition.HOST, SetupStep.ALL);

  private final DocumentChecks checks;

  /** Path in the document by name of a node. */
  private final Map<String, String> paths = new LinkedHashMap<>();

  TopologyReader(DocumentChecks checks) {
    this.checks = checks;
  }

  /** Reads the nodes. {@link #partitions} reads their partitions. */
  List<NodeDefinition> nodes(ClusterDocument document) {
    List<NodeDefinition> nodes = new ArrayList<>();
    checks
        .each("nodes", checks.notEmpty("nodes", document.nodes()), this::nodes)
        .forEach(nodes::addAll);
    long running = nodes.stream().filter(node -> node.role() != Role.ABSENT).count();
    checks.check(() -> Checks.nodes("nodes", (int) running, 1));
    checks.exactlyOne(
        "nodes",
        nodes.stream().filter(node -> node.role().runsController()).count(),
        "node with role controller or all-in-one");
    if (nodes.stream().noneMatch(node -> node.role().runsJobs())) {
      throw new UserMistakeException(
          checks.origin().of("nodes") + ": none of them runs jobs: add one with role compute");
    }
    return nodes;
  }

  private List<NodeDefinition> nodes(String path, Node node) {
    Role role = role(path + ".role", checks.present(path + ".role", node.role()));
    Map<String, Integer> gpus = gpus(path, node);
    if (!gpus.isEmpty() && role == Role.CONTROLLER) {
      throw checks.mistake(path + ".gpus", gpus, "is on a controller, which runs no jobs");
    }
    List<String> names = hosts(path + ".name", checks.present(path + ".name", node.name()));
    for (String name : names) {
      if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
        throw checks.mistake(
            path + ".name", name, "means something else on every node: use another name");
      }
      checks.unique(path + ".name", name, paths.keySet());
      paths.put(name, path);
    }
    // There may be thousands of absent nodes.
    List<String> apart =
        role == Role.ABSENT ? List.of(checks.present(path + ".name", node.name())) : names;
    return apart.stream()
        .map(
            name ->
                new NodeDefinition(
                    name,
                    role,
                    cpus(path + ".cpus", node.cpus()),
                    memory(path + ".memory", node.memory()),
                    gpus,
                    node.partitions() == null ? List.of() : node.partitions(),
                    options(path + ".options", node.options())))
        .toList();
  }

  private Map<String, Integer> gpus(String path, Node node) {
    Gpus gpus = node.gpus();
    Map<String, Integer> byType = new LinkedHashMap<>();
    if (gpus == null) {
      if (node.gpuType() != null) {
        throw checks.mistake(
            path + ".gpu_type", node.gpuType(), "has no number: say how many GPUs in gpus");
      }
      return byType;
    }
    if (gpus.count != null) {
      if (atLeast(path + ".gpus", gpus.count, 0) == 0) {
        return byType;
      }
      byType.put(
          node.gpuType() == null
              ? NodeDefinition.UNTYPED
              : gpuType(path + ".gpu_type", node.gpuType()),
          gpus.count);
      return byType;
    }
    if (node.gpuType() != null) {
      throw checks.mistake(
          path + ".gpu_type", node.gpuType(), "is given twice: gpus already names the types");
    }
    gpus.byType.forEach(
        (type, count) ->
            byType.put(gpuType(path + ".gpus", type), atLeast(path + ".gpus." + type, count, 1)));
    return byType;
  }

  private String gpuType(String path, String type) {
    return checks.check(() -> Checks.gpuType(path, type));
  }

  private Role role(String path, String id) {
    return Arrays.stream(Role.values())
        .filter(role -> role.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                checks.mistake(
                    path,
                    id,
                    "is not a role: use "
                        + Arrays.stream(Role.values())
                            .map(Role::id)
                            .collect(Collectors.joining(", "))));
  }

  /**
   * Reads the partitions with their nodes. A node may name its partitions, or a partition its
   * nodes.
   */
  List<PartitionDefinition> partitions(ClusterDocument document, List<NodeDefinition> nodes) {
    List<Partition> given = checks.notEmpty("partitions", document.partitions());
    Set<String> names = new LinkedHashSet<>();
    checks.each(
        "partitions",
        given,
        (path, partition) -> {
          String name = checks.present(path + ".name", partition.name());
          checks.unique(path + ".name", name, names);
          return names.add(name);
        });
    for (NodeDefinition node : nodes) {
      node.partitions()
          .forEach(
              partition ->
                  checks.known(
                      paths.get(HostList.expand(node.name()).get(0)) + ".partitions",
                      partition,
                      names,
                      "partition"));
    }
    List<PartitionDefinition> partitions =
        checks.each("partitions", given, (path, partition) -> partition(path, partition, nodes));
    checks.exactlyOne(
        "partitions",
        partitions.stream().filter(PartitionDefinition::isDefault).count(),
        "partition with default: true");
    return partitions;
  }

  private PartitionDefinition partition(
      String path, Partition partition, List<NodeDefinition> nodes) {
    String given = checks.present(path + ".name", partition.name());
    String name = checks.check(() -> Checks.partition(path + ".name", given));
    Set<String> named = new LinkedHashSet<>();
    for (String expression : partition.nodes() == null ? List.<String>of() : partition.nodes()) {
      hosts(path + ".nodes", expression)
          .forEach(
              node -> {
                checks.known(path + ".nodes", node, paths.keySet(), "node");
                named.add(node);
              });
    }
    // A node may name its partitions, or a partition its nodes.
    List<String> members = new ArrayList<>();
    for (NodeDefinition node : nodes) {
      if (isNamed(path + ".nodes", node, named) || node.partitions().contains(name)) {
        if (node.role() == Role.CONTROLLER) {
          throw checks.mistake(path + ".nodes", node.name(), "is a controller, which runs no jobs");
        }
        members.add(node.name());
      }
    }
    return new PartitionDefinition(
        name,
        partition.isDefault() != null && partition.isDefault(),
        Optional.ofNullable(partition.maxTime())
            .map(time -> checks.check(() -> Checks.time(path + ".max_time", time))),
        checks.each(path + ".features", partition.features(), this::feature),
        checks.notEmpty(path + ".nodes", members),
        options(path + ".options", partition.options()));
  }

  /** Whether a partition names a node. It must name all or none of several equal absent nodes. */
  private boolean isNamed(String path, NodeDefinition node, Set<String> named) {
    if (node.role() != Role.ABSENT) {
      return named.contains(node.name());
    }
    List<String> names = HostList.expand(node.name());
    long count = names.stream().filter(named::contains).count();
    if (count > 0 && count < names.size()) {
      throw checks.mistake(
          path,
          node.name(),
          "is one entry of absent nodes, and the partition names only some of them: make it two entries");
    }
    return count > 0;
  }

  private String feature(String path, String feature) {
    return checks.check(() -> Checks.feature(path, feature));
  }

  private List<String> hosts(String path, String expression) {
    List<String> names;
    try {
      names = HostList.expand(expression);
    } catch (IllegalArgumentException e) {
      throw checks.mistake(path, expression, String.valueOf(e.getMessage()));
    }
    names.forEach(name -> name(path, name));
    return names;
  }

  private String name(String path, String name) {
    return checks.check(() -> Checks.hostName(path, name));
  }

  private int atLeast(String path, @Nullable Integer value, int minimum) {
    int given = checks.present(path, value);
    return checks.check(() -> Checks.atLeast(path, given, minimum));
  }

  private int cpus(String path, @Nullable Integer value) {
    int given = checks.present(path, value);
    return checks.check(() -> Checks.cpus(path, given));
  }

  private int memory(String path, @Nullable Integer megabytes) {
    int given = checks.present(path, megabytes);
    return checks.check(() -> Checks.memory(path, given));
  }

  private Map<String, String> options(String path, @Nullable Map<String, String> options) {
    return checks.check(() -> Checks.options(path, options == null ? Map.of() : options));
  }
}
