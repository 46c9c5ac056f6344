/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The nodes and partitions that a mock claims to have. */
final class Topology {

  static final long DEFAULT_MEMORY_PER_CPU = 1024;

  /** A node, as an administrator changes it. */
  static final class Node {

    private final String name;
    private Optional<String> down = Optional.empty();
    private String reason = "none";

    Node(String name) {
      this.name = name;
    }

    String name() {
      return name;
    }

    /** {@code drain} or {@code down}; empty when it is in service. */
    Optional<String> down() {
      return down;
    }

    String reason() {
      return reason;
    }

    void takeOut(String state, String why) {
      down = Optional.of(state);
      reason = why;
    }

    void resume() {
      down = Optional.empty();
      reason = "none";
    }
  }

  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final List<String> partitions;
  private final int cpus;
  private final int memory;
  private final int gpus;
  private final Duration maxTime;

  Topology(
      List<String> names,
      List<String> partitions,
      int cpus,
      int memory,
      int gpus,
      Duration maxTime) {
    names.forEach(name -> nodes.put(name, new Node(name)));
    this.partitions = List.copyOf(partitions);
    this.cpus = cpus;
    this.memory = memory;
    this.gpus = gpus;
    this.maxTime = maxTime;
  }

  List<String> nodeNames() {
    return List.copyOf(nodes.keySet());
  }

  List<Node> nodes() {
    return List.copyOf(nodes.values());
  }

  Optional<Node> node(String name) {
    return Optional.ofNullable(nodes.get(name));
  }

  /** The first one is the default. */
  List<String> partitions() {
    return partitions;
  }

  int cpus() {
    return cpus;
  }

  /** Megabytes of each node. */
  int memory() {
    return memory;
  }

  int gpus() {
    return gpus;
  }

  Duration maxTime() {
    return maxTime;
  }

  String controller() {
    return nodeNames().get(0);
  }
}
