/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.client.Job.Exit;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.mock.Scenario.Step;
import io.github.slurmmaven.mock.shell.RemoteFiles;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A job that was submitted to a {@link MockSlurm}, as it was recorded, and as it stands now. */
public final class MockJob {

  private static final Exit NO_EXIT = new Exit(0, 0);
  private static final Exit TERMINATED = new Exit(0, 15);

  /** What slurmstepd ends with when it cannot open the output file. */
  private static final Exit NO_OUTPUT = new Exit(0, 53);

  private final Jobs jobs;
  private final JobRequest request;
  private final long arrayNumber;
  private final OptionalInt task;
  private final Instant submitted;

  private long number;
  private String name;
  private String partition;
  private String comment;
  private String account;
  private String qos;
  private String dependency;
  private Duration limit;
  private long nice;
  private boolean held;
  private Instant released;
  private @Nullable Instant eligible;
  private @Nullable Instant base;
  private List<Step> steps = List.of();
  private int done;
  private JobState state = JobState.PENDING;
  private String reason = "None";
  private Exit exit = NO_EXIT;
  private @Nullable Instant started;
  private @Nullable Instant ended;
  private int restarts;
  private String dependencyText = "";
  private boolean never;
  private boolean cancelledWaiting;

  MockJob(Jobs jobs, JobRequest request, long number, OptionalInt task, Instant submitted) {
    this.jobs = jobs;
    this.request = request;
    this.arrayNumber = number;
    this.number = task.isPresent() ? 0 : number;
    this.task = task;
    this.submitted = submitted;
    this.released = submitted;
    name = request.name();
    partition = request.partition(jobs.topology());
    comment = request.option("comment", "");
    account = request.option("account", "(null)");
    // Without accounting, 22.05 forgets it.
    qos = jobs.release().isNew() ? request.option("qos", "(null)") : "(null)";
    dependency = request.option("dependency", "");
    dependencyText = Dependency.unchecked(dependency);
    limit = request.limit().orElse(jobs.topology().maxTime());
    String written = request.option("nice", request.has("nice") ? "100" : "0");
    nice = written.matches("-?\\d+") ? Long.parseLong(written) : 0;
    held = request.has("hold");
    reason = held ? "JobHeldUser" : "None";
  }

  // What a test asks.

  /** Its id, of a task with the array's number and the index. */
  public JobId id() {
    return new JobId(arrayNumber, task, OptionalInt.empty());
  }

  /** Its name. */
  public String name() {
    return jobs.read(() -> name);
  }

  /** Who submitted it. */
  public String user() {
    return request.user();
  }

  /**
   * The script as Slurm stored it, with the {@code #SBATCH} lines; of {@code --wrap}, what sbatch
   * makes of it; empty for srun and salloc.
   */
  public String script() {
    return request.script();
  }

  /** What follows the script, or the command, on the command line. */
  public List<String> arguments() {
    return request.arguments();
  }

  /**
   * The options in effect by their long names, without the dashes; the value of one that takes none
   * is empty. The command line goes before the environment, and that before the script.
   */
  public Map<String, String> options() {
    return Collections.unmodifiableMap(new LinkedHashMap<>(request.options()));
  }

  /** The environment that it was submitted with. */
  public Map<String, String> environment() {
    return request.environment();
  }

  /** Its working directory, as the client sees it. */
  public String directory() {
    return request.directory();
  }

  /** The file of its standard output, as the client sees it. */
  public String stdout() {
    return file("output");
  }

  /** The file of its standard error, as the client sees it. */
  public String stderr() {
    return request.has("error") ? file("error") : stdout();
  }

  /** When it was submitted. */
  public Instant submitted() {
    return submitted;
  }

  /** Its state now. */
  public JobState state() {
    return jobs.read(() -> state);
  }

  /**
   * Why it waits, or how it failed, in Slurm's words; {@code None} when there is nothing to say.
   */
  public String reason() {
    return jobs.read(() -> reason);
  }

  /** How it ended; 0:0 before. */
  public Exit exit() {
    return jobs.read(() -> exit);
  }

  /** Its time limit. */
  public Duration limit() {
    return jobs.read(() -> limit);
  }

  // What a test does.

  /**
   * Puts it into a state now, whatever its scenario says; the scenario ends with it.
   *
   * @throws IllegalStateException when it has ended
   */
  public void become(JobState next) {
    jobs.change(
        () -> {
          if (state.isTerminal()) {
            throw new IllegalStateException("job " + id() + " has ended: " + state);
          }
          Scenario one = new Scenario(job -> true).then(next);
          Instant now = jobs.now();
          eligible = eligible == null ? now : eligible;
          steps = one.steps();
          done = 0;
          base = now;
          held = false;
          progress(now);
        });
  }

  // What Slurm's commands ask; the lock is held, and everything is settled.

  boolean hasEnded() {
    return state.isTerminal();
  }

  JobState settledState() {
    return state;
  }

  String settledReason() {
    return reason;
  }

  Exit settledExit() {
    return exit;
  }

  String settledName() {
    return name;
  }

  JobRequest request() {
    return request;
  }

  long arrayNumber() {
    return arrayNumber;
  }

  OptionalInt task() {
    return task;
  }

  /** The number that scontrol shows; of a task that has not begun, the array's. */
  long number() {
    return number == 0 ? arrayNumber : number;
  }

  boolean hasNumber() {
    return number != 0;
  }

  void number(long own) {
    number = own;
  }

  Optional<Instant> startTime() {
    return Optional.ofNullable(started);
  }

  Optional<Instant> endTime() {
    return Optional.ofNullable(ended);
  }

  Optional<Instant> eligibleTime() {
    return Optional.ofNullable(eligible);
  }

  String partition() {
    return partition;
  }

  String comment() {
    return comment;
  }

  String account() {
    return account;
  }

  String qos() {
    return qos;
  }

  Duration settledLimit() {
    return limit;
  }

  long nice() {
    return nice;
  }

  int restarts() {
    return restarts;
  }

  boolean isHeld() {
    return held;
  }

  /** What it still waits for, as Slurm writes it; empty for nothing. */
  String dependencyText() {
    return dependencyText;
  }

  /** Whether the dependency was asked for, met or not. */
  boolean hasDependency() {
    return !dependency.isEmpty();
  }

  Duration runTime(Instant now) {
    if (started == null) {
      return Duration.ZERO;
    }
    return Duration.between(started, ended == null ? now : ended);
  }

  private String file(String option) {
    return RemoteFiles.absolute(request.directory(), FilePattern.fill(pattern(option), this, jobs));
  }

  /** A file as scontrol shows it, which knows less of the patterns. */
  String shownFile(String option, boolean group) {
    String pattern = pattern(option.equals("error") && !request.has("error") ? "output" : option);
    return RemoteFiles.absolute(request.directory(), FilePattern.show(pattern, this, jobs, group));
  }

  private String pattern(String option) {
    return request.option(option, task.isPresent() ? "slurm-%A_%a.out" : "slurm-%j.out");
  }

  /** Whether it has its nodes now, or had them. */
  boolean runs() {
    return started != null && !cancelledWaiting;
  }

  boolean wasCancelledWaiting() {
    return cancelledWaiting;
  }

  // What happens to it; the lock is held.

  /** An allocation that lasts until its command has ended. */
  void runInForeground() {
    eligible = submitted;
    base = submitted;
    steps = List.of();
    started = submitted;
    state = JobState.RUNNING;
    reason = "None";
  }

  /** Ends what {@link #runInForeground} began. */
  void finish(int status, Instant at) {
    if (!state.isTerminal()) {
      end(
          status == 0 ? JobState.COMPLETED : JobState.FAILED,
          new Exit(status, 0),
          status == 0 ? "None" : "NonZeroExitCode",
          at);
    }
  }

  /** Goes as far as the time allows; returns whether anything changed. */
  boolean progress(Instant now) {
    if (state.isTerminal()) {
      return false;
    }
    boolean changed = false;
    if (eligible == null) {
      if (!becomesEligible(now)) {
        return state.isTerminal();
      }
      changed = true;
    }
    Instant from = base == null ? now : base;
    while (!state.isTerminal()) {
      Instant due = done < steps.size() ? from.plus(steps.get(done).after()) : Instant.MAX;
      Instant timeout = started == null ? Instant.MAX : started.plus(limit);
      if (timeout.isBefore(due) && !timeout.isAfter(now)) {
        jobs.write(
            this,
            "",
            "slurmstepd-%s: error: *** JOB %d ON %1$s CANCELLED AT %s DUE TO TIME LIMIT ***\n"
                .formatted(jobs.topology().controller(), number(), Times.time(timeout)));
        end(JobState.TIMEOUT, TERMINATED, "TimeLimit", timeout);
        return true;
      }
      if (due.isAfter(now)) {
        break;
      }
      apply(steps.get(done), due);
      done++;
      base = due;
      from = due;
      changed = true;
    }
    return changed;
  }

  private boolean becomesEligible(Instant now) {
    if (held) {
      reason = "JobHeldUser";
      return false;
    }
    Instant since = released;
    if (!dependency.isEmpty()) {
      Dependency.State waiting = Dependency.of(dependency, this, jobs, submitted);
      dependencyText = waiting.met() ? "" : waiting.text();
      never = waiting.never();
      if (!waiting.met()) {
        reason = never ? "DependencyNeverSatisfied" : "Dependency";
        if (never && request.option("kill-on-invalid-dep", "no").equals("yes")) {
          end(JobState.CANCELLED, NO_EXIT, reason, now);
        }
        return false;
      }
      since = since.isAfter(waiting.since()) ? since : waiting.since();
    }
    if (request.begin().isPresent() && request.begin().get().isAfter(now)) {
      reason = "BeginTime";
      return false;
    }
    if (request.begin().isPresent() && request.begin().get().isAfter(since)) {
      since = request.begin().get();
    }
    Optional<String> stuck = stuck();
    if (stuck.isPresent()) {
      reason = stuck.get();
      return false;
    }
    reason = "None";
    eligible = since;
    base = since;
    steps = jobs.steps(this);
    done = 0;
    return true;
  }

  private Optional<String> stuck() {
    boolean tooLong = limit.compareTo(jobs.topology().maxTime()) > 0 && request.limit().isPresent();
    return tooLong
        ? Optional.of("PartitionTimeLimit")
        : request.stuck(jobs.topology()).filter(why -> !why.equals("PartitionTimeLimit"));
  }

  private void apply(Step step, Instant at) {
    if (!step.state().isWaiting() && started == null && !step.state().isTerminal()) {
      begin(at);
    }
    if (state.isTerminal()) {
      return;
    }
    if (!step.out().isEmpty() || !step.err().isEmpty()) {
      jobs.write(this, step.out(), step.err());
    }
    if (step.state().isTerminal()) {
      if (started == null) {
        begin(at);
        if (state.isTerminal()) {
          return;
        }
      }
      String why =
          !step.reason().isEmpty()
              ? step.reason()
              : switch (step.state()) {
                case FAILED ->
                    step.signal() == 0 ? "NonZeroExitCode" : jobs.signalReason(step.signal());
                case TIMEOUT -> "TimeLimit";
                case OUT_OF_MEMORY -> "OutOfMemory";
                case NODE_FAIL -> "NodeDown";
                case DEADLINE -> "DeadLine";
                default -> "None";
              };
      end(step.state(), new Exit(step.exit(), step.signal()), why, at);
      return;
    }
    state = step.state();
    reason = step.reason().isEmpty() ? "None" : step.reason();
  }

  private void begin(Instant at) {
    started = at;
    state = JobState.RUNNING;
    if (!jobs.starts(this)) {
      end(JobState.FAILED, NO_OUTPUT, jobs.signalReason(NO_OUTPUT.signal()), at);
    }
  }

  void end(JobState how, Exit status, String why, Instant at) {
    state = how;
    exit = status;
    reason = why;
    ended = at;
    started = started == null ? at : started;
    jobs.ends(this);
  }

  void cancel(Instant now) {
    if (state.isWaiting()) {
      cancelledWaiting = true;
      end(JobState.CANCELLED, NO_EXIT, reason, now);
    } else {
      end(JobState.CANCELLED, TERMINATED, "None", now);
    }
  }

  void hold() {
    held = true;
    reason = "JobHeldUser";
    if (state.isWaiting()) {
      eligible = null;
    }
  }

  void release(Instant now) {
    held = false;
    if (eligible == null) {
      released = now;
      reason = "None";
    }
  }

  void requeue(Instant now) {
    jobs.ends(this);
    state = JobState.PENDING;
    exit = NO_EXIT;
    reason = "None";
    started = null;
    ended = null;
    cancelledWaiting = false;
    eligible = null;
    released = now;
    restarts++;
    done = 0;
  }

  /** Changes an attribute as {@code scontrol update} names it, in lower case; false if unknown. */
  boolean update(String attribute, String value) {
    switch (attribute) {
      case "timelimit" -> limit = Times.limit(value).orElse(limit);
      case "name", "jobname" -> name = value;
      case "comment" -> comment = value;
      case "partition" -> partition = value;
      case "account" -> account = value;
      case "qos" -> qos = value;
      case "nice" -> nice = value.matches("-?\\d+") ? Long.parseLong(value) : nice;
      case "dependency" -> {
        dependency = value;
        dependencyText = Dependency.unchecked(value);
        eligible = state.isWaiting() ? null : eligible;
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** For example {@code 12_3 train RUNNING}. */
  @Override
  public String toString() {
    return id() + " " + name + " " + state;
  }
}
