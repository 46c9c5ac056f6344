/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import io.github.slurmmaven.client.JobState;
import java.time.Duration;
import java.util.Map;

/**
 * A change of a job's state.
 *
 * @param after how long the job stays as it was
 * @param state the new state
 * @param exit exit code of a state in which the job has ended
 * @param signal the signal that ended it; 0 for none
 * @param reason Slurm's reason; empty for the usual one
 * @param out what the job then writes to its output file
 * @param err what the job then writes to its error file
 */
public record Transition(
    Duration after, JobState state, int exit, int signal, String reason, String out, String err) {

  private static final Map<JobState, Integer> USUAL_SIGNAL =
      Map.of(JobState.CANCELLED, 15, JobState.PREEMPTED, 15, JobState.OUT_OF_MEMORY, 125);

  /** A transition with the exit code and signal that are usual for the state. */
  public static Transition to(JobState state, Duration after) {
    int exit = state == JobState.FAILED || state == JobState.NODE_FAIL ? 1 : 0;
    return new Transition(after, state, exit, USUAL_SIGNAL.getOrDefault(state, 0), "", "", "");
  }

  public Transition withExit(int code) {
    return new Transition(after, state, code, 0, reason, out, err);
  }

  public Transition withSignal(int number) {
    return new Transition(after, state, 0, number, reason, out, err);
  }

  public Transition withReason(String text) {
    return new Transition(after, state, exit, signal, text, out, err);
  }

  public Transition withOut(String text) {
    return new Transition(after, state, exit, signal, reason, text, err);
  }

  public Transition withErr(String text) {
    return new Transition(after, state, exit, signal, reason, out, text);
  }
}
