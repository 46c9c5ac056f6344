/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import io.github.slurmmaven.backend.NodeAccess;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.ScriptCheck;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.slurm.RefusedJobException;
import io.github.slurmmaven.slurm.SbatchAnswer;
import io.github.slurmmaven.slurm.Slurm;
import io.github.slurmmaven.slurm.Submission;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Runs a batch script of this machine, from its submission to its end. */
public final class BatchRun {

  private static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(2);

  /**
   * Keeps a job from running until it is cancelled. --hold does not help: Slurm accepts a held job
   * even if no node could ever run it.
   */
  private static final String LATER = "--begin=now+1hour";

  private final NodeAccess nodeAccess;
  private final ClusterId id;
  private final String controller;
  private final Progress progress;
  private final Slurm slurm;

  public BatchRun(NodeAccess nodeAccess, ClusterId id, String controller, Progress progress) {
    this.nodeAccess = nodeAccess;
    this.id = id;
    this.controller = controller;
    this.progress = progress;
    this.slurm = new Slurm(new NodeCommands(nodeAccess, id, controller));
  }

  /**
   * Submits the script, shows its output, and waits for its end. An interrupt or the end of the
   * time cancels the job.
   *
   * @return the ended job; empty if sbatch submitted none because of the options
   */
  public Optional<Job> run(
      Path script,
      String user,
      List<String> options,
      List<String> arguments,
      CommandOutput output,
      Duration timeout) {
    SbatchAnswer answer = sbatch(script, user, options, arguments);
    output.stdout(answer.stdout().getBytes(StandardCharsets.UTF_8));
    output.stderr(answer.stderr().getBytes(StandardCharsets.UTF_8));
    if (answer.job().isEmpty()) {
      return Optional.empty();
    }
    JobId job = answer.job().get();
    progress.step("Job %s (%s) submitted".formatted(job, script.getFileName()));
    try (JobOutput shown =
        new JobOutput(nodeAccess, id, user, answer.submitted(), output, timeout, progress)) {
      try {
        Job ended = slurm.await(job, shown::update, timeout);
        shown.awaitEnd();
        return Optional.of(ended);
      } catch (InterruptedException e) {
        // The job itself has ended.
        Thread.currentThread().interrupt();
        throw new SlurmClusterException("Interrupted while showing the output of job " + job, e);
      } catch (SlurmClusterException e) {
        uninterrupted(() -> cancel(List.of(job), e));
        throw e;
      }
    }
  }

  private void cancel(List<JobId> jobs, SlurmClusterException failure) {
    try {
      slurm.cancel(jobs);
      jobs.forEach(job -> progress.step("Job %s cancelled".formatted(job)));
    } catch (SlurmClusterException e) {
      failure.addSuppressed(e);
      progress.warn("Job %s could not be cancelled: %s".formatted(jobs.get(0), e.getMessage()));
    }
  }

  /** Submits the script. */
  public JobId submit(Path script, String user, List<String> options, List<String> arguments) {
    SbatchAnswer answer = sbatch(script, user, options, arguments);
    answer.stderr().lines().forEach(progress::warn);
    return answer.requiredJob(String.valueOf(script.getFileName()));
  }

  /**
   * Checks whether Slurm accepts a script: submits it as a job that begins later, and cancels it.
   * {@code --test-only} would also refuse a job that has to wait.
   */
  public ScriptCheck check(Path script, String user, List<String> options) {
    List<String> all = Stream.concat(options.stream(), Stream.of(LATER)).toList();
    String name = String.valueOf(script.getFileName());
    try {
      SbatchAnswer answer = sbatch(script, user, all, List.of());
      JobId job = answer.requiredJob(name);
      uninterrupted(() -> slurm.cancel(List.of(job)));
      return new ScriptCheck(script, true, answer.stderr().strip());
    } catch (RefusedJobException e) {
      return new ScriptCheck(script, false, e.answer());
    }
  }

  private SbatchAnswer sbatch(
      Path script, String user, List<String> options, List<String> arguments) {
    if (!Files.isRegularFile(script)) {
      throw new InvalidParameterException("script", script, "is not a file");
    }
    // The script keeps its name, which becomes the job's.
    String directory = "/tmp/slurm-submit-" + UUID.randomUUID();
    String target = directory + "/" + script.getFileName();
    String owner = uid(user);
    asRoot("mkdir", "--mode=0700", directory);
    try {
      nodeAccess.copy(id, controller, script.toAbsolutePath(), target);
      // Only the user who submits it may read it.
      asRoot("chown", "--recursive", owner, directory);
      return slurm.sbatch(
          Submission.of(target).by(user).withOptions(options).withArguments(arguments));
    } catch (SlurmClusterException e) {
      if (Thread.currentThread().isInterrupted()) {
        uninterrupted(() -> cancelAllOf(target, e));
      }
      throw e;
    } finally {
      uninterrupted(() -> asRoot("rm", "-rf", directory));
    }
  }

  /** Cancels a job that sbatch may have submitted before the wait for it ended. */
  private void cancelAllOf(String script, SlurmClusterException failure) {
    List<JobId> jobs =
        slurm.jobs().stream()
            .filter(job -> job.command().orElse("").startsWith(script))
            .map(job -> JobId.of(job.id().number()))
            .distinct()
            .toList();
    cancel(jobs, failure);
  }

  /** Runs work that must also run after an interrupt, without being interrupted itself. */
  private static void uninterrupted(Runnable work) {
    boolean interrupted = Thread.interrupted();
    try {
      work.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private String uid(String user) {
    CommandResult result = run(user, List.of("id", "--user"));
    if (!result.ok()) {
      throw new InvalidParameterException(
          "user",
          user,
          "is not an account of cluster "
              + id.name()
              + ": "
              + (result.stdout() + result.stderr()).strip());
    }
    return result.stdout().strip();
  }

  private CommandResult run(String user, List<String> command) {
    return nodeAccess.run(id, controller, user, command, line -> {}, COMMAND_TIMEOUT);
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
}
