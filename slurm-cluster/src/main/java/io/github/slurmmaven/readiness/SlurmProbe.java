/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.resource.Resources;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Slurm itself: slurmctld answers, every node works, a job has run on every partition. One command
 * on the controller waits for all of it, where a look costs a few milliseconds instead of a round
 * trip through the engine.
 */
final class SlurmProbe implements Probe {

  private static final String WAITING = "waiting for ";
  private static final String NODES = "nodes: ";

  /** With this exit status the check's last words say all. */
  private static final int GIVEN_UP = 3;

  /** The exit status of what was killed, as all is when its node ends. */
  private static final int KILLED = 137;

  /** The check was killed, most likely together with its node. */
  static final class KilledException extends SlurmClusterException {
    private static final long serialVersionUID = 1L;

    KilledException(String message) {
      super(message);
    }
  }

  private final ClusterBackend backend;
  private final ClusterId id;
  private final String controller;
  private final Progress progress;
  private volatile String waitingFor = "slurmctld";

  SlurmProbe(ClusterBackend backend, ClusterId id, String controller, Progress progress) {
    this.backend = backend;
    this.id = id;
    this.controller = controller;
    this.progress = progress;
  }

  @Override
  public void await(Duration timeout) {
    CommandResult result =
        backend.run(
            id,
            controller,
            SshDefinition.USER,
            List.of("bash", "-c", Resources.text(SlurmProbe.class, "await-slurm.sh")),
            this::hear,
            timeout);
    if (result.exitCode() == GIVEN_UP) {
      throw new SlurmClusterException(result.stderr().strip());
    }
    if (!result.ok()) {
      String what =
          "the check of node %s ended with exit code %d: %s"
              .formatted(controller, result.exitCode(), result.stderr().strip());
      throw result.exitCode() == KILLED
          ? new KilledException(what)
          : new SlurmClusterException(what);
    }
    waitingFor = "";
  }

  private void hear(String line) {
    if (line.startsWith(WAITING)) {
      waitingFor = line.substring(WAITING.length());
      progress.detail(line);
      progress.now(line);
    } else {
      progress.step("  " + line);
    }
  }

  @Override
  public String waitingFor() {
    return waitingFor;
  }

  /** The nodes that do not work, each with its state in Slurm's words. */
  Map<String, String> missingNodes() {
    String missing = waitingFor;
    return missing.startsWith(NODES)
        ? Arrays.stream(missing.substring(NODES.length()).split(","))
            .map(node -> node.split(" ", 2))
            .filter(words -> words.length == 2)
            .collect(Collectors.toMap(words -> words[0], words -> words[1], (a, b) -> b))
        : Map.of();
  }
}
