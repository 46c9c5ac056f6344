/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.client.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * What becomes of jobs, step by step, from the time when nothing keeps them from starting: no hold,
 * no begin in the future, no dependency.
 *
 * <pre>{@code
 * mock.on("train").then(RUNNING).after(Duration.ofMillis(200)).then(FAILED).exit(3);
 * }</pre>
 *
 * <p>The time limit counts: a job that is still running then is a TIMEOUT.
 */
public final class Scenario {

  /** One step; {@code exit} -1 means what is usual for the state. */
  record Step(
      Duration after,
      JobState state,
      int exit,
      int signal,
      String reason,
      String out,
      String err) {}

  private static final Map<JobState, Integer> USUAL_SIGNAL =
      Map.of(JobState.CANCELLED, 15, JobState.PREEMPTED, 15, JobState.OUT_OF_MEMORY, 125);

  private final Predicate<MockJob> which;
  private final List<Step> steps = new CopyOnWriteArrayList<>();
  private Duration next = Duration.ZERO;

  Scenario(Predicate<MockJob> which) {
    this.which = which;
  }

  /** How long the job stays as it is before the next {@link #then}; default not at all. */
  public Scenario after(Duration duration) {
    next = duration;
    return this;
  }

  /** The next state. */
  public Scenario then(JobState state) {
    int exit = state == JobState.FAILED || state == JobState.NODE_FAIL ? 1 : 0;
    int signal = USUAL_SIGNAL.getOrDefault(state, 0);
    steps.add(new Step(next, state, exit, signal, "", "", ""));
    next = Duration.ZERO;
    return this;
  }

  /** The exit code that belongs to the last {@link #then}; default 1 for a failure, else 0. */
  public Scenario exit(int code) {
    Step last = last();
    return replace(new Step(last.after, last.state, code, 0, last.reason, last.out, last.err));
  }

  /** The signal that ended the job, with the last {@link #then}. */
  public Scenario signal(int signal) {
    Step last = last();
    return replace(new Step(last.after, last.state, 0, signal, last.reason, last.out, last.err));
  }

  /** What squeue gives as reason with the last {@link #then}, for example {@code Resources}. */
  public Scenario reason(String reason) {
    Step last = last();
    return replace(
        new Step(last.after, last.state, last.exit, last.signal, reason, last.out, last.err));
  }

  /** What the job writes to its output file with the last {@link #then}. */
  public Scenario out(String text) {
    Step last = last();
    return replace(
        new Step(last.after, last.state, last.exit, last.signal, last.reason, text, last.err));
  }

  /** What the job writes to its error file with the last {@link #then}. */
  public Scenario err(String text) {
    Step last = last();
    return replace(
        new Step(last.after, last.state, last.exit, last.signal, last.reason, last.out, text));
  }

  private Step last() {
    if (steps.isEmpty()) {
      throw new IllegalStateException("then(…) comes first");
    }
    return steps.get(steps.size() - 1);
  }

  private Scenario replace(Step step) {
    steps.set(steps.size() - 1, step);
    return this;
  }

  boolean matches(MockJob job) {
    return which.test(job);
  }

  List<Step> steps() {
    return steps;
  }
}
