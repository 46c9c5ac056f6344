/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.UserMistakeException;

/** sbatch refuses a job, or submits none. */
public final class RefusedJobException extends UserMistakeException {

  private static final long serialVersionUID = 1L;

  private final String answer;

  private RefusedJobException(String message, String answer) {
    super(message);
    this.answer = answer;
  }

  /**
   * @param script the script's file name
   * @param answer message of sbatch, or its exit code
   */
  static RefusedJobException of(String script, String answer) {
    return new RefusedJobException("sbatch refused %s: %s".formatted(script, answer), answer);
  }

  /** Returns the exception for an option with which sbatch submits no job. */
  static RefusedJobException noJob(String script, String answer) {
    String message =
        "sbatch submitted no job of %s, as one of its options asks for something else (it says '%s'): leave that option out"
            .formatted(script, answer.strip().lines().findFirst().orElse("nothing"));
    return new RefusedJobException(message, message);
  }

  /** Returns the message of sbatch, its exit code, or why there is no job. */
  public String answer() {
    return answer;
  }
}
