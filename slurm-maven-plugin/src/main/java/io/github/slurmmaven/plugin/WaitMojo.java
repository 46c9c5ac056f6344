/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Waits until a cluster can be used, or until jobs have ended.
 *
 * @since 0.1.0
 */
@Mojo(name = "wait", requiresProject = false, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class WaitMojo extends AbstractWaitingMojo {

  /**
   * Ids of jobs to wait for. The goal fails if one of them did not complete. By default, the goal
   * waits until every node works and a job has run on every partition.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.jobs")
  @Nullable List<String> jobs;

  @Override
  void run(SlurmCluster cluster) {
    List<JobId> ids = given(jobs).stream().map(WaitMojo::id).toList();
    if (ids.isEmpty()) {
      cluster.awaitReady();
      return;
    }
    List<Job> ended = cluster.await(ids, timeout());
    String failed =
        ended.stream()
            .filter(job -> job.state() != JobState.COMPLETED)
            .map(job -> "%s as %s".formatted(job.id(), job.state()))
            .collect(Collectors.joining(", "));
    if (!failed.isEmpty()) {
      throw new UserMistakeException("Jobs that ended otherwise than COMPLETED: " + failed);
    }
  }

  private static JobId id(String text) {
    try {
      return JobId.of(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidParameterException(
          "jobs", text, "is not a job id: use 12, or 12_3 of an array");
    }
  }
}
