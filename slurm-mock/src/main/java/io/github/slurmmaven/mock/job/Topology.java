/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The nodes and partitions that a mock claims to have. */
public final class Topology {

  /** The name of the cluster. */
  public static final String CLUSTER = "mock";

  static final long DEFAULT_MEMORY_PER_CPU = 1024;

  /** A node, as an administrator changes it. */
  public static final class Node {

    private final String name;
    private Optional<String> down = Optional.empty();
    private String reason = "none";

    Node(String name) {
      this.name = name;
    }

    public String name() {
      return name;
    }

    /** {@code drain} or {@code down}; empty when it is in service. */
    public Optional<String> down() {
      return down;
    }

    public String reason() {
      return reason;
    }

    public void takeOut(String state, String why) {
      down = Optional.of(state);
      reason = why;
    }

    public void resume() {
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

  public Topology(
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

  public List<String> nodeNames() {
    return List.copyOf(nodes.keySet());
  }

  public List<Node> nodes() {
    return List.copyOf(nodes.values());
  }

  public Optional<Node> node(String name) {
    return Optional.ofNullable(nodes.get(name));
  }

  /** The first one is the default. */
  public List<String> partitions() {
    return partitions;
  }

  public int cpus() {
    return cpus;
  }

  /** Megabytes of each node. */
  public int memory() {
    return memory;
  }

  public int gpus() {
    return gpus;
  }

  public Duration maxTime() {
    return maxTime;
  }

  public String controller() {
    return nodeNames().get(0);
  }
}
