/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.JobId;
import java.util.Optional;

/**
 * What sbatch answered to a submission that it did not refuse.
 *
 * @param job the job; empty when options such as {@code --test-only} or {@code --help} made none
 * @param submitted when the submission began, in microseconds of the controller's clock; 0 without
 *     a job
 * @param stdout what it printed besides the job's id
 * @param stderr its warnings, or what {@code --verbose} and {@code --test-only} print
 */
public record SbatchAnswer(Optional<JobId> job, long submitted, String stdout, String stderr) {

  /**
   * The job.
   *
   * @param script name of its script, for the message
   * @throws RefusedJobException when there is none
   */
  public JobId requiredJob(String script) {
    return job.orElseThrow(() -> RefusedJobException.noJob(script, stdout + stderr));
  }
}
