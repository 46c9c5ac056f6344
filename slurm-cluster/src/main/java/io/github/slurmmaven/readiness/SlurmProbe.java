/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.ClusterBackend.ClusterId;
import io.github.slurmmaven.backend.ClusterBackend.CommandResult;
import io.github.slurmmaven.report.Progress;
import io.github.slurmmaven.report.SlurmClusterException;
import io.github.slurmmaven.spec.SshSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Slurm itself: slurmctld answers, every node works, a job has run on every partition. One command
 * on the controller waits for all of it, where a look costs a few milliseconds instead of a round
 * trip through the engine.
 */
final class SlurmProbe implements Probe {

  private static final String WAITING = "waiting for ";

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
            id, controller, SshSpec.USER, List.of("bash", "-c", script()), this::hear, timeout);
    if (!result.ok()) {
      throw new SlurmClusterException(
          "the check of node %s ended with exit code %d: %s"
              .formatted(controller, result.exitCode(), result.stderr().strip()));
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

  private static String script() {
    try (InputStream in =
        Objects.requireNonNull(SlurmProbe.class.getResourceAsStream("await-slurm.sh"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
