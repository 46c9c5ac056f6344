/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import io.github.slurmmaven.backend.NodeAccess;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.common.ParallelActions;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.SetupStep;
import java.time.Duration;
import java.util.List;

/**
 * Runs the cluster's setup once in each new node: on all nodes in parallel, on each in the order of
 * the definition.
 */
public final class NodeSetup {

  /** This file is removed with the node, so a new node is set up again. */
  private static final String DONE = "/slurm-maven-setup-done";

  private static final int LAST_LINES = 20;

  private final NodeAccess nodeAccess;
  private final ClusterId id;
  private final Progress progress;

  public NodeSetup(NodeAccess nodeAccess, ClusterId id, Progress progress) {
    this.nodeAccess = nodeAccess;
    this.id = id;
    this.progress = progress;
  }

  /**
   * Runs the setup on nodes that do not have it.
   *
   * @param deadline end of the setup, as a time of {@link System#nanoTime}
   * @throws SlurmClusterException with node, command, exit code and output of a failed step
   */
  public void run(ClusterDefinition definition, long deadline) {
    if (definition.setup().isEmpty()) {
      return;
    }
    ParallelActions.forEach(
        definition.nodes(),
        "the setup of cluster " + id.name(),
        node -> run(definition, node, deadline));
  }

  private void run(ClusterDefinition definition, NodeDefinition node, long deadline) {
    String done = quoted(nodeAccess.ownDirectory(id, node.name()) + DONE);
    if (execute(node, "test -e " + done, deadline).ok()) {
      return;
    }
    for (SetupStep step : definition.setup()) {
      if (step.appliesTo(node)) {
        progress.step(
            "  setup on " + node.name() + ": " + step.run().lines().findFirst().orElse(""));
        CommandResult result = execute(node, step.run(), deadline);
        if (!result.ok()) {
          throw new SlurmClusterException(
              "setup on node %s ended with exit code %d: %s\n%s"
                  .formatted(
                      node.name(),
                      result.exitCode(),
                      step.run(),
                      last(result.stdout() + result.stderr()).indent(2).stripTrailing()));
        }
      }
    }
    execute(node, "touch " + done, deadline);
  }

  private CommandResult execute(NodeDefinition node, String command, long deadline) {
    Duration timeout = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    try {
      return nodeAccess.run(
          id, node.name(), "root", List.of("bash", "-c", command), progress::detail, timeout);
    } catch (SlurmClusterException e) {
      throw System.nanoTime() < deadline
          ? e
          : new SlurmClusterException(
              "setup on node %s did not end in the time that timeout allows for a start: %s"
                  .formatted(node.name(), command),
              e);
    }
  }

  /** Returns a text quoted for a shell. */
  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  private static String last(String output) {
    List<String> lines = output.lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }
}
