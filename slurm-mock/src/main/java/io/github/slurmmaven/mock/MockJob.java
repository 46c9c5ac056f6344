/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.client.Job.Exit;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.mock.job.JobRecord;
import io.github.slurmmaven.mock.job.Jobs;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A job that was submitted to a {@link MockSlurm}: the recorded submission and the present state.
 */
public final class MockJob {

  private final Jobs jobs;
  private final JobRecord job;

  MockJob(Jobs jobs, JobRecord job) {
    this.jobs = jobs;
    this.job = job;
  }

  // Queries of a test.

  /** Its id, of a task with the array's number and the index. */
  public JobId id() {
    return job.id();
  }

  /** Its name. */
  public String name() {
    return jobs.read(job::name);
  }

  /** Who submitted it. */
  public String user() {
    return job.user();
  }

  /**
   * Returns the script as Slurm stores it, with the {@code #SBATCH} lines; for {@code --wrap}, the
   * script that sbatch makes; empty for srun and salloc.
   */
  public String script() {
    return job.request().script();
  }

  /** Returns the arguments after the script, or after the command, on the command line. */
  public List<String> arguments() {
    return job.request().arguments();
  }

  /**
   * Returns the options in effect by their long names, without dashes. An option without a value
   * has an empty one. The command line overrides the environment, which overrides the script.
   */
  public Map<String, String> options() {
    return Collections.unmodifiableMap(new LinkedHashMap<>(job.request().options()));
  }

  /** The environment that it was submitted with. */
  public Map<String, String> environment() {
    return job.request().environment();
  }

  /** Its working directory, as the client sees it. */
  public String directory() {
    return job.directory();
  }

  /** The file of its standard output, as the client sees it. */
  public String stdout() {
    return jobs.outputFiles().stdout(job);
  }

  /** The file of its standard error, as the client sees it. */
  public String stderr() {
    return jobs.outputFiles().stderr(job);
  }

  /** When it was submitted. */
  public Instant submitted() {
    return job.submitted();
  }

  /** Its state now. */
  public JobState state() {
    return jobs.read(job::state);
  }

  /** Returns Slurm's reason why it waits or how it failed; {@code None} if there is none. */
  public String reason() {
    return jobs.read(job::reason);
  }

  /** How it ended; 0:0 before. */
  public Exit exit() {
    return jobs.read(job::exit);
  }

  /** Its time limit. */
  public Duration limit() {
    return jobs.read(job::limit);
  }

  // Actions of a test.

  /**
   * Puts it into a state now, and ends its scenario.
   *
   * @throws IllegalStateException when it has ended
   */
  public void become(JobState next) {
    jobs.change(() -> job.become(next, jobs.now()));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MockJob that && that.job == job;
  }

  @Override
  public int hashCode() {
    return job.hashCode();
  }

  /** For example {@code 12_3 train RUNNING}. */
  @Override
  public String toString() {
    return job.toString();
  }
}
