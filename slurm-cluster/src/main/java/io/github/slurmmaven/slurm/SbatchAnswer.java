/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.JobId;
import java.util.Optional;

/**
 * The result of a submission that sbatch did not refuse.
 *
 * @param job the job; empty if sbatch submitted none, because of options such as {@code
 *     --test-only} or {@code --help}
 * @param submitted when the submission began, in microseconds of the controller's clock; 0 without
 *     a job
 * @param stdout standard output without the job's id
 * @param stderr warnings, or the output of {@code --verbose} and {@code --test-only}
 */
public record SbatchAnswer(Optional<JobId> job, long submitted, String stdout, String stderr) {

  /**
   * Returns the job.
   *
   * @param script name of its script, for the message
   * @throws RefusedJobException when there is no job
   */
  public JobId requiredJob(String script) {
    return job.orElseThrow(() -> RefusedJobException.noJob(script, stdout + stderr));
  }
}
