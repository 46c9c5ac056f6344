/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.ClusterBackend.ClusterId;
import io.github.slurmmaven.backend.ClusterBackend.CommandOutput;
import io.github.slurmmaven.backend.ClusterBackend.CommandResult;
import io.github.slurmmaven.report.InvalidParameterException;
import io.github.slurmmaven.report.Progress;
import io.github.slurmmaven.report.SlurmClusterException;
import io.github.slurmmaven.resource.Resources;
import io.github.slurmmaven.slurm.Job;
import io.github.slurmmaven.slurm.JobId;
import io.github.slurmmaven.slurm.Slurm;
import io.github.slurmmaven.slurm.Submission;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One batch script from this machine, from its submission to its end. */
final class BatchRun {

  private static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(2);

  /** How long the last output may take after the job's end. */
  private static final Duration LAST_OUTPUT = Duration.ofSeconds(5);

  private static final String FOLLOW = Resources.text(BatchRun.class, "follow-output.sh");

  private final ClusterBackend backend;
  private final ClusterId id;
  private final String controller;
  private final Progress progress;
  private final Slurm slurm;

  BatchRun(ClusterBackend backend, ClusterId id, String controller, Progress progress) {
    this.backend = backend;
    this.id = id;
    this.controller = controller;
    this.progress = progress;
    this.slurm = new Slurm(new NodeCommands(backend, id, controller));
  }

  /**
   * Submits the script, shows its output, waits for its end.
   *
   * @param timeout after which the job is cancelled
   */
  Job run(
      Path script,
      String user,
      List<String> options,
      List<String> arguments,
      CommandOutput output,
      Duration timeout) {
    JobId job = submit(script, user, options, arguments);
    progress.step("Job %s (%s) submitted".formatted(job, script.getFileName()));
    ExecutorService threads = AtOnce.threads(1);
    try {
      Future<?> following = threads.submit(() -> follow(job, user, output, timeout));
      Job ended = slurm.await(job, timeout);
      awaitOutput(job, following);
      return ended;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlurmClusterException("Interrupted while waiting for job " + job, e);
    } catch (SlurmClusterException e) {
      if (!Thread.currentThread().isInterrupted()) {
        cancel(job, e);
      }
      throw e;
    } finally {
      AtOnce.end(threads);
    }
  }

  private void awaitOutput(JobId job, Future<?> following) throws InterruptedException {
    try {
      following.get(LAST_OUTPUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      progress.warn(
          "The output of job %s could not be shown: %s"
              .formatted(job, Objects.requireNonNullElse(e.getCause(), e).getMessage()));
    } catch (TimeoutException e) {
      // What it has shown is what there is.
      return;
    }
  }

  private void cancel(JobId job, SlurmClusterException failure) {
    try {
      slurm.cancel(List.of(job));
    } catch (SlurmClusterException notCancelled) {
      failure.addSuppressed(notCancelled);
    }
  }

  /** Submits the script. */
  JobId submit(Path script, String user, List<String> options, List<String> arguments) {
    if (!Files.isRegularFile(script)) {
      throw new InvalidParameterException("script", script, "is no file");
    }
    // Under its own name, which becomes the job's.
    String directory = "/tmp/slurm-submit-" + UUID.randomUUID();
    String target = directory + "/" + script.getFileName();
    String owner = uid(user);
    asRoot("mkdir", "--mode=0700", directory);
    try {
      backend.copy(id, controller, script.toAbsolutePath(), target);
      // Whoever submits it must be able to read it, and nobody else.
      asRoot("chown", "--recursive", owner, directory);
      return slurm.submit(
          Submission.of(target).by(user).withOptions(options).withArguments(arguments));
    } finally {
      asRoot("rm", "-rf", directory);
    }
  }

  private String uid(String user) {
    CommandResult result = run(user, List.of("id", "--user"));
    if (!result.ok()) {
      throw new InvalidParameterException(
          "user",
          user,
          "is no account of cluster "
              + id.name()
              + ": "
              + (result.stdout() + result.stderr()).strip());
    }
    return result.stdout().strip();
  }

  private CommandResult run(String user, List<String> command) {
    return backend.run(id, controller, user, command, line -> {}, COMMAND_TIMEOUT);
  }

  private void asRoot(String... command) {
    CommandResult result = run("root", List.of(command));
    if (!result.ok()) {
      throw new SlurmClusterException(
          "%s on node %s ended with exit code %d: %s"
              .formatted(
                  String.join(" ", command),
                  controller,
                  result.exitCode(),
                  result.stderr().strip()));
    }
  }

  private void follow(JobId job, String user, CommandOutput output, Duration timeout) {
    backend.run(
        id,
        controller,
        user,
        List.of("bash", "-c", FOLLOW, "follow", job.toString()),
        output,
        timeout);
  }
}
