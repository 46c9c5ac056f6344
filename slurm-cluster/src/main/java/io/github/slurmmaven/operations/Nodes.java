/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.Inventory;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.HostList;
import io.github.slurmmaven.definition.RegistryDefinition;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The existing nodes of a cluster, and those that a user names. */
public final class Nodes {

  private static final String ALL = "all";

  private final ClusterId id;
  private final List<BackendNode> nodes;

  public Nodes(Inventory inventory, ClusterId id) {
    this.id = id;
    this.nodes = inventory.nodes(id);
  }

  /**
   * Returns the node of slurmctld.
   *
   * @throws UserMistakeException when it does not run
   */
  public String controller() {
    return nodes.stream()
        .filter(BackendNode::runsController)
        .filter(BackendNode::running)
        .map(BackendNode::name)
        .findFirst()
        .orElseThrow(this::notRunning);
  }

  private UserMistakeException notRunning() {
    if (nodes.isEmpty()) {
      return notRunning(id);
    }
    return new UserMistakeException(
        "Cluster %s %s (%s): slurm:start starts it"
            .formatted(
                id.name(),
                isStopped() ? "does not run" : "has no controller that runs",
                nodes.stream()
                    .map(node -> node.name() + " " + node.detail())
                    .collect(Collectors.joining(", "))));
  }

  private boolean isStopped() {
    return nodes.stream().noneMatch(BackendNode::running);
  }

  /** Returns the exception for a cluster of which only files exist. */
  public static UserMistakeException notRunning(ClusterId id) {
    return new UserMistakeException(
        "Cluster %s does not run: slurm:start starts it".formatted(id.name()));
  }

  /**
   * Returns the names of all nodes, running or not, and of the registry.
   *
   * @throws UserMistakeException when no node exists
   */
  public List<String> all() {
    requireAny();
    return nodes.stream().map(BackendNode::name).toList();
  }

  /**
   * Checks the name of a node, running or not, or of the registry.
   *
   * @throws UserMistakeException when no node has this name
   */
  public String existing(String name) {
    return one(name).name();
  }

  /**
   * Checks the name of a running node or of the registry.
   *
   * @throws UserMistakeException when no node has this name, or it does not run
   */
  public String running(String name) {
    BackendNode node = one(name);
    requireRunning(node);
    return node.name();
  }

  private BackendNode one(String name) {
    requireAny();
    return nodes.stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown(nodes, name));
  }

  /**
   * Returns the names of running nodes, without the registry.
   *
   * @param wanted names, host lists, roles or {@code all}; empty means all
   * @throws UserMistakeException when one of them does not run
   */
  public List<String> running(List<String> wanted) {
    List<BackendNode> chosen = chosen(wanted);
    chosen.forEach(this::requireRunning);
    return chosen.stream().map(BackendNode::name).toList();
  }

  private void requireRunning(BackendNode node) {
    if (isStopped()) {
      throw notRunning();
    }
    if (!node.running()) {
      throw new UserMistakeException(
          "Node %s of cluster %s does not run (%s): slurm:start starts it"
              .formatted(node.name(), id.name(), node.detail()));
    }
  }

  private List<BackendNode> chosen(List<String> wanted) {
    requireAny();
    List<BackendNode> ofSlurm =
        nodes.stream().filter(node -> !node.role().equals(RegistryDefinition.HOST)).toList();
    if (wanted.isEmpty()) {
      return ofSlurm;
    }
    Set<BackendNode> chosen = new LinkedHashSet<>();
    wanted.forEach(each -> chosen.addAll(chosen(ofSlurm, each)));
    return List.copyOf(chosen);
  }

  private List<BackendNode> chosen(List<BackendNode> ofSlurm, String wanted) {
    if (wanted.equals(ALL)) {
      return ofSlurm;
    }
    List<String> names = expand(wanted);
    List<BackendNode> byName =
        ofSlurm.stream().filter(node -> names.contains(node.name())).toList();
    if (byName.size() == names.size()) {
      return byName;
    }
    List<BackendNode> byRole = ofSlurm.stream().filter(node -> node.role().equals(wanted)).toList();
    if (byRole.isEmpty()) {
      throw unknown(ofSlurm, wanted);
    }
    return byRole;
  }

  private void requireAny() {
    if (nodes.isEmpty()) {
      throw notRunning();
    }
  }

  private UserMistakeException unknown(List<BackendNode> known, String wanted) {
    return new UserMistakeException(
        "Cluster %s has no node '%s': it has %s"
            .formatted(
                id.name(),
                wanted,
                known.stream().map(BackendNode::name).collect(Collectors.joining(", "))));
  }

  private static List<String> expand(String wanted) {
    try {
      return HostList.expand(wanted);
    } catch (IllegalArgumentException e) {
      throw new InvalidParameterException("on", wanted, String.valueOf(e.getMessage()));
    }
  }
}
