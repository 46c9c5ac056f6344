/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.backend.NodeAccess;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.resource.Resources;
import io.github.slurmmaven.slurm.NodeState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Waits until slurmctld answers, every node works, and a job has run on every partition. One
 * command on the controller waits for all of it: there, a check takes a few milliseconds, without a
 * round trip through the engine.
 */
final class SlurmProbe implements Probe {

  /** With this exit status, the check's last output is the message. */
  private static final int GIVEN_UP = 3;

  /** With this exit status, a node was drained. */
  private static final int DRAINED = 4;

  /** With this exit status, jobs failed, and the check's last output is a job's. */
  private static final int JOBS_FAIL = 5;

  /** The exit status of a killed command: when a node ends, its commands are killed. */
  private static final int KILLED = 137;

  /**
   * The engine's exit status for a command that it could not start, for example on a node that
   * ends.
   */
  private static final int NOT_STARTED = 126;

  /** The check was killed or not started, probably because its node ends. */
  static final class KilledException extends SlurmClusterException {
    private static final long serialVersionUID = 1L;

    KilledException(String message) {
      super(message);
    }
  }

  /** The check has failed with output of Slurm or of a job, which may name the cause. */
  static final class FailedCheckException extends SlurmClusterException {
    private static final long serialVersionUID = 1L;

    private final String words;

    FailedCheckException(String message, String words) {
      super(message);
      this.words = words;
    }

    /** Returns the output of Slurm or the job. */
    String words() {
      return words;
    }
  }

  private final NodeAccess nodeAccess;
  private final ClusterId id;
  private final String controller;
  private final Progress progress;
  private volatile String waitingFor = "slurmctld";
  private volatile List<MissingNode> missing = List.of();
  private volatile Optional<DrainedNode> drained = Optional.empty();
  private volatile String failing = "";

  SlurmProbe(NodeAccess nodeAccess, ClusterId id, String controller, Progress progress) {
    this.nodeAccess = nodeAccess;
    this.id = id;
    this.controller = controller;
    this.progress = progress;
  }

  private record DrainedNode(String name, NodeState state, String reason) {}

  @Override
  public void await(Duration timeout) {
    CommandResult result =
        nodeAccess.run(
            id,
            controller,
            SshDefinition.USER,
            List.of(
                "bash",
                "-c",
                Resources.text(SlurmProbe.class, "await-slurm.sh"),
                "await-slurm",
                NodeState.wellPattern()),
            this::read,
            timeout);
    if (result.exitCode() == GIVEN_UP) {
      throw new SlurmClusterException(result.stderr().strip());
    }
    if (result.exitCode() == DRAINED) {
      DrainedNode node = drained.orElseThrow();
      throw new FailedCheckException(
          "node %s has been %s since a job ran there: %s"
              .formatted(node.name(), node.state(), node.reason()),
          node.reason());
    }
    if (result.exitCode() == JOBS_FAIL) {
      String words = result.stderr().strip();
      throw new FailedCheckException(
          "jobs fail on partition %s before they begin: %s".formatted(failing, words), words);
    }
    if (!result.ok()) {
      String what =
          "the check of node %s ended with exit code %d: %s"
              .formatted(controller, result.exitCode(), result.stderr().strip());
      throw result.exitCode() == KILLED || result.exitCode() == NOT_STARTED
          ? new KilledException(what)
          : new FailedCheckException(what, result.stderr().strip());
    }
    waitingFor = "";
  }

  private void read(String line) {
    String[] words = line.split(" ", 2);
    String rest = words.length == 1 ? "" : words[1];
    switch (words[0]) {
      case "reached" -> progress.step("  " + rest);
      case "waiting" -> waitFor(rest, List.of());
      case "missing" -> {
        List<MissingNode> nodes = MissingNode.list(rest);
        waitFor(
            "nodes: " + nodes.stream().map(MissingNode::toString).collect(Collectors.joining(",")),
            nodes);
      }
      case "drained" -> {
        String[] node = rest.split(" ", 3);
        drained = Optional.of(new DrainedNode(node[0], NodeState.of(node[1]), node[2].strip()));
      }
      case "failed" -> failing = rest;
      default -> progress.detail(line);
    }
  }

  private void waitFor(String what, List<MissingNode> nodes) {
    missing = nodes;
    waitingFor = what;
    progress.detail("waiting for " + what);
    progress.now("waiting for " + what);
  }

  @Override
  public String waitingFor() {
    return waitingFor;
  }

  /** Returns the nodes that do not work; empty while the probe waits for something else. */
  List<MissingNode> missingNodes() {
    return missing;
  }
}
