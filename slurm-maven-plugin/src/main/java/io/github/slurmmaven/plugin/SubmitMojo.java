/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.io.File;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Submits a batch script, shows its output while it is written, and fails if the job fails. With
 * it, a build can test a script without a line of Java. The goal waits for the job. It cancels a
 * job that exceeds {@code timeout}, or whose build is ended by Ctrl-C or SIGTERM.
 *
 * @since 0.1.0
 */
@Mojo(
    name = "submit",
    defaultPhase = LifecyclePhase.INTEGRATION_TEST,
    requiresProject = false,
    threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class SubmitMojo extends AbstractWaitingMojo {

  /**
   * Batch script, a file of this machine.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.script", required = true)
  File script;

  /**
   * Options of {@code sbatch}, which override those in the script, for example {@code
   * --partition=gpu}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.options")
  @Nullable List<String> options;

  /**
   * Arguments of the script.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.arguments")
  @Nullable List<String> arguments;

  /**
   * Account to submit the job as. The default is {@code slurm}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.user")
  @Nullable String user;

  @Override
  void run(SlurmCluster cluster) {
    Optional<Job> ended =
        cluster.submit(
            script.toPath(),
            Optional.ofNullable(user),
            given(options),
            given(arguments),
            Console.output(),
            timeout());
    if (ended.isEmpty()) {
      getLog()
          .info(
              "sbatch submitted no job of %s, as one of its options asks for something else"
                  .formatted(script.getName()));
      return;
    }
    Job job = ended.get();
    if (job.state() != JobState.COMPLETED) {
      throw new UserMistakeException(
          "Job %s (%s) ended as %s with exit status %d%s%s"
              .formatted(
                  job.id(),
                  script.getName(),
                  job.state(),
                  job.exit().code(),
                  job.exit().signal() == 0 ? "" : " by signal " + job.exit().signal(),
                  job.reason().equals("None") ? "" : ": " + job.reason()));
    }
    getLog().info("Job %s (%s) completed".formatted(job.id(), script.getName()));
  }
}
