/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.mock.job.Transition;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/**
 * The states of jobs from the time when they may start: without a hold, a begin in the future or a
 * dependency.
 *
 * <pre>{@code
 * mock.on("train").then(RUNNING).after(Duration.ofMillis(200)).then(FAILED).exit(3);
 * }</pre>
 *
 * <p>A job that still runs at its time limit ends as TIMEOUT.
 */
public final class Scenario {

  private final List<Transition> transitions = new CopyOnWriteArrayList<>();
  private Duration next = Duration.ZERO;

  Scenario() {}

  /** How long the job stays as it is before the next {@link #then}; default not at all. */
  public Scenario after(Duration duration) {
    next = duration;
    return this;
  }

  /** The next state. */
  public Scenario then(JobState state) {
    transitions.add(Transition.to(state, next));
    next = Duration.ZERO;
    return this;
  }

  /** The exit code that belongs to the last {@link #then}; default 1 for a failure, else 0. */
  public Scenario exit(int code) {
    return changeLast(last -> last.withExit(code));
  }

  /** The signal that ended the job, with the last {@link #then}. */
  public Scenario signal(int signal) {
    return changeLast(last -> last.withSignal(signal));
  }

  /** Sets Slurm's reason for the last {@link #then}, for example {@code Resources}. */
  public Scenario reason(String reason) {
    return changeLast(last -> last.withReason(reason));
  }

  /** Sets the text that the job writes to its output file with the last {@link #then}. */
  public Scenario out(String text) {
    return changeLast(last -> last.withOut(text));
  }

  /** Sets the text that the job writes to its error file with the last {@link #then}. */
  public Scenario err(String text) {
    return changeLast(last -> last.withErr(text));
  }

  private Scenario changeLast(UnaryOperator<Transition> change) {
    if (transitions.isEmpty()) {
      throw new IllegalStateException("then(…) comes first");
    }
    int last = transitions.size() - 1;
    transitions.set(last, change.apply(transitions.get(last)));
    return this;
  }

  /** The transitions so far; a live list. */
  List<Transition> transitions() {
    return transitions;
  }
}
