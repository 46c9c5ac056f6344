/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import io.github.slurmmaven.client.Job.Exit;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.mock.shell.RemoteFiles;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * All jobs of a cluster. Nothing happens by itself here: every look first brings all jobs to where
 * they stand at this time.
 */
public final class Jobs {

  private final JobTable table = new JobTable();
  private final List<Plan> plans = new CopyOnWriteArrayList<>();
  private final Map<JobRecord, ScriptProcess> processes = new HashMap<>();
  private final JobRecord.Controller controller = new JobsController();
  private final ClusterClock clock;
  private final Topology topology;
  private final Release release;
  private final RemoteFiles files;
  private final OutputFiles outputFiles;
  private final boolean execute;
  private final long first;
  private long next;

  /**
   * No jobs yet.
   *
   * @param execute whether batch jobs without a plan run as processes of this machine
   * @param first number of the first job
   */
  public Jobs(
      ClusterClock clock,
      Topology topology,
      Release release,
      RemoteFiles files,
      boolean execute,
      long first) {
    this.clock = clock;
    this.topology = topology;
    this.release = release;
    this.files = files;
    this.outputFiles = new OutputFiles(files, topology.controller(), release);
    this.execute = execute;
    this.first = first;
    this.next = first;
  }

  public OutputFiles outputFiles() {
    return outputFiles;
  }

  public Instant now() {
    return clock.now();
  }

  /** The number of the first job. */
  public long first() {
    return first;
  }

  /** The number of the next job. */
  public long next() {
    return next;
  }

  /** Adds a plan; of several for the same job, the last one counts. */
  public void add(Plan plan) {
    plans.add(plan);
  }

  /** Looks at the jobs as they stand now. */
  public synchronized <T> T read(Supplier<T> look) {
    settle();
    return look.get();
  }

  /** Changes jobs, and brings all to where they then stand. */
  public synchronized void change(Runnable action) {
    settle();
    action.run();
    settle();
  }

  private void settle() {
    Instant now = clock.now();
    boolean changed = true;
    while (changed) {
      changed = false;
      for (JobRecord job : table.all()) {
        changed |= job.progress(now);
        changed |= ended(job, now);
      }
    }
  }

  /** Whether the job's process has ended since the last look. */
  private boolean ended(JobRecord job, Instant now) {
    ScriptProcess process = processes.get(job);
    Optional<Integer> status = process == null ? Optional.empty() : process.status();
    if (status.isEmpty()) {
      return false;
    }
    processes.remove(job);
    int code = status.get();
    boolean signalled = code > 128;
    job.end(
        code == 0 ? JobState.COMPLETED : JobState.FAILED,
        signalled ? new Exit(0, code - 128) : new Exit(code, 0),
        code == 0 ? "None" : signalled ? release.signalReason(code - 128) : "NonZeroExitCode",
        now);
    return true;
  }

  /**
   * Checks a request as slurmctld does.
   *
   * @throws Refusal when the job is refused; one that can never run is recorded nevertheless
   */
  public synchronized void check(JobRequest request) throws Refusal {
    request.checkOn(topology, clock.now());
    if (!Dependency.isValid(request.option("dependency", ""), table, release)) {
      throw Refusal.ofController("Job dependency problem");
    }
    Optional<Refusal> impossible = request.impossible(topology, release);
    if (impossible.isPresent()) {
      Instant now = clock.now();
      JobRecord job = new JobRecord(controller, request, next++, OptionalInt.empty(), now);
      table.add(job);
      job.end(JobState.FAILED, new Exit(0, 0), "BadConstraints", now);
      throw impossible.get();
    }
  }

  /**
   * Adds a job or a job array, and returns its first task.
   *
   * @throws Refusal as {@link #check}
   */
  public synchronized JobRecord submit(JobRequest request) throws Refusal {
    check(request);
    settle();
    long number = next++;
    Instant now = clock.now();
    List<OptionalInt> tasks =
        request.isArray()
            ? request.tasksOfArray().stream().map(OptionalInt::of).toList()
            : List.of(OptionalInt.empty());
    List<JobRecord> jobs =
        tasks.stream().map(task -> new JobRecord(controller, request, number, task, now)).toList();
    jobs.forEach(table::add);
    return jobs.get(0);
  }

  /** Returns an id that no job gets. */
  public synchronized long skip() {
    return next++;
  }

  /** All jobs in the order of their submission; of an array, each task. */
  public List<JobRecord> all() {
    return table.all();
  }

  /** The jobs of a number: one, or the tasks of an array; one task for {@code 12_3}. */
  public List<JobRecord> find(String id) {
    return table.find(id);
  }

  /** The variables that Slurm sets in a job. */
  public Map<String, String> environment(JobRecord job) {
    return read(() -> JobEnvironment.of(job, topology));
  }

  /** Ends the processes that still run on this machine. */
  public synchronized void close() {
    processes.values().forEach(ScriptProcess::kill);
    processes.clear();
  }

  /** The operations of slurmctld for jobs; the lock is held. */
  private final class JobsController implements JobRecord.Controller {

    @Override
    public Topology topology() {
      return topology;
    }

    @Override
    public Release release() {
      return release;
    }

    @Override
    public DependencyState dependency(String text, JobRecord job) {
      return Dependency.of(text, job, table);
    }

    @Override
    public List<Transition> plan(JobRecord job) {
      for (int i = plans.size() - 1; i >= 0; i--) {
        if (plans.get(i).matches(job)) {
          return plans.get(i).transitions();
        }
      }
      Transition running = Transition.to(JobState.RUNNING, Duration.ZERO);
      return execute && job.request().isBatch()
          ? List.of(running)
          : List.of(running, Transition.to(JobState.COMPLETED, Duration.ZERO));
    }

    /** Starts a job. A task gets an id of its own then; the last one keeps the array's. */
    @Override
    public boolean start(JobRecord job) {
      if (!job.hasNumber()) {
        job.number(table.isLastWithoutNumber(job) ? job.arrayNumber() : next++);
      }
      if (job.hasEnded() || !job.request().isBatch()) {
        return true;
      }
      if (!outputFiles.write(job, "", "")) {
        return false;
      }
      if (execute && plans.stream().noneMatch(plan -> plan.matches(job))) {
        processes.put(job, new ScriptProcess(job, topology, files, outputFiles));
      }
      return true;
    }

    @Override
    public void stop(JobRecord job) {
      ScriptProcess process = processes.remove(job);
      if (process != null) {
        process.kill();
      }
    }

    @Override
    public void write(JobRecord job, String out, String err) {
      outputFiles.write(job, out, err);
    }
  }
}
