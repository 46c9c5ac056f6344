/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import io.github.slurmmaven.client.Job.Exit;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A job in slurmctld. Its state is from the last update of all {@link Jobs}, whose lock is held
 * while a record is read or changed.
 */
public final class JobRecord {

  /** The part of slurmctld that a job needs to go on. */
  interface Controller {

    Topology topology();

    Release release();

    /** How a dependency of a job stands. */
    DependencyState dependency(String text, JobRecord job);

    /** Returns the transitions of a job that may start. */
    List<Transition> plan(JobRecord job);

    /**
     * Starts a job.
     *
     * @return false when there is no place for its output
     */
    boolean start(JobRecord job);

    /** Ends the process of a job that has one. */
    void stop(JobRecord job);

    /** Adds to the output files of a job. */
    void write(JobRecord job, String out, String err);
  }

  private static final Exit NO_EXIT = new Exit(0, 0);
  private static final Exit TERMINATED = new Exit(0, 15);

  /** Exit of slurmstepd when it cannot open the output file. */
  private static final Exit NO_OUTPUT = new Exit(0, 53);

  private final Controller controller;
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
  private List<Transition> plan = List.of();
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

  JobRecord(
      Controller controller, JobRequest request, long number, OptionalInt task, Instant submitted) {
    this.controller = controller;
    this.request = request;
    this.arrayNumber = number;
    this.number = task.isPresent() ? 0 : number;
    this.task = task;
    this.submitted = submitted;
    this.released = submitted;
    name = request.name();
    partition = request.partition(controller.topology());
    comment = request.option("comment", "");
    account = request.option("account", "(null)");
    // Without accounting, 22.05 forgets it.
    qos = controller.release().isNew() ? request.option("qos", "(null)") : "(null)";
    dependency = request.option("dependency", "");
    dependencyText = DependencyState.unchecked(dependency);
    limit = request.limit().orElse(controller.topology().maxTime());
    String written = request.option("nice", request.has("nice") ? "100" : "0");
    nice = written.matches("-?\\d+") ? Long.parseLong(written) : 0;
    held = request.has("hold");
    reason = held ? "JobHeldUser" : "None";
  }

  /** Its id, of a task with the array's number and the index. */
  public JobId id() {
    return new JobId(arrayNumber, task, OptionalInt.empty());
  }

  public String user() {
    return request.user();
  }

  /** Its working directory, as the client sees it. */
  public String directory() {
    return request.directory();
  }

  public Instant submitted() {
    return submitted;
  }

  public boolean hasEnded() {
    return state.isTerminal();
  }

  public JobState state() {
    return state;
  }

  public String reason() {
    return reason;
  }

  public Exit exit() {
    return exit;
  }

  public String name() {
    return name;
  }

  public JobRequest request() {
    return request;
  }

  public long arrayNumber() {
    return arrayNumber;
  }

  public OptionalInt task() {
    return task;
  }

  /** The number that scontrol shows; of a task that has not begun, the array's. */
  public long number() {
    return number == 0 ? arrayNumber : number;
  }

  public boolean hasNumber() {
    return number != 0;
  }

  void number(long own) {
    number = own;
  }

  public Optional<Instant> startTime() {
    return Optional.ofNullable(started);
  }

  public Optional<Instant> endTime() {
    return Optional.ofNullable(ended);
  }

  public Optional<Instant> eligibleTime() {
    return Optional.ofNullable(eligible);
  }

  public String partition() {
    return partition;
  }

  public String comment() {
    return comment;
  }

  public String account() {
    return account;
  }

  public String qos() {
    return qos;
  }

  public Duration limit() {
    return limit;
  }

  public long nice() {
    return nice;
  }

  public int restarts() {
    return restarts;
  }

  public boolean isHeld() {
    return held;
  }

  /** Returns the dependencies that are not met, in Slurm's notation; empty if there are none. */
  public String dependencyText() {
    return dependencyText;
  }

  public Duration runTime(Instant now) {
    if (started == null) {
      return Duration.ZERO;
    }
    return Duration.between(started, ended == null ? now : ended);
  }

  /** Whether it has its nodes now, or had them. */
  public boolean runs() {
    return started != null && !cancelledWaiting;
  }

  public boolean wasCancelledWaiting() {
    return cancelledWaiting;
  }

  // Changes; the lock is held.

  /** Enters a state now, in place of the planned ones. */
  public void become(JobState next, Instant now) {
    if (state.isTerminal()) {
      throw new IllegalStateException("job " + id() + " has ended: " + state);
    }
    eligible = eligible == null ? now : eligible;
    plan = List.of(Transition.to(next, Duration.ZERO));
    done = 0;
    base = now;
    held = false;
    progress(now);
  }

  /** An allocation that lasts until its command has ended. */
  public void runInForeground() {
    eligible = submitted;
    base = submitted;
    plan = List.of();
    started = submitted;
    state = JobState.RUNNING;
    reason = "None";
  }

  /** Ends what {@link #runInForeground} began. */
  public void finish(int status, Instant at) {
    if (!state.isTerminal()) {
      end(
          status == 0 ? JobState.COMPLETED : JobState.FAILED,
          new Exit(status, 0),
          status == 0 ? "None" : "NonZeroExitCode",
          at);
    }
  }

  /** Runs the transitions up to the present time; returns whether anything changed. */
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
      Instant due = done < plan.size() ? from.plus(plan.get(done).after()) : Instant.MAX;
      Instant timeout = started == null ? Instant.MAX : started.plus(limit);
      if (timeout.isBefore(due) && !timeout.isAfter(now)) {
        controller.write(
            this,
            "",
            "slurmstepd-%s: error: *** JOB %d ON %1$s CANCELLED AT %s DUE TO TIME LIMIT ***\n"
                .formatted(controller.topology().controller(), number(), Times.time(timeout)));
        end(JobState.TIMEOUT, TERMINATED, "TimeLimit", timeout);
        return true;
      }
      if (due.isAfter(now)) {
        break;
      }
      apply(plan.get(done), due);
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
      DependencyState waiting = controller.dependency(dependency, this);
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
    plan = controller.plan(this);
    done = 0;
    return true;
  }

  private Optional<String> stuck() {
    boolean tooLong =
        limit.compareTo(controller.topology().maxTime()) > 0 && request.limit().isPresent();
    return tooLong
        ? Optional.of("PartitionTimeLimit")
        : request.stuck(controller.topology()).filter(why -> !why.equals("PartitionTimeLimit"));
  }

  private void apply(Transition next, Instant at) {
    if (!next.state().isWaiting() && started == null && !next.state().isTerminal()) {
      begin(at);
    }
    if (state.isTerminal()) {
      return;
    }
    if (!next.out().isEmpty() || !next.err().isEmpty()) {
      controller.write(this, next.out(), next.err());
    }
    if (next.state().isTerminal()) {
      if (started == null) {
        begin(at);
        if (state.isTerminal()) {
          return;
        }
      }
      String why =
          !next.reason().isEmpty()
              ? next.reason()
              : switch (next.state()) {
                case FAILED ->
                    next.signal() == 0
                        ? "NonZeroExitCode"
                        : controller.release().signalReason(next.signal());
                case TIMEOUT -> "TimeLimit";
                case OUT_OF_MEMORY -> "OutOfMemory";
                case NODE_FAIL -> "NodeDown";
                case DEADLINE -> "DeadLine";
                default -> "None";
              };
      end(next.state(), new Exit(next.exit(), next.signal()), why, at);
      return;
    }
    state = next.state();
    reason = next.reason().isEmpty() ? "None" : next.reason();
  }

  private void begin(Instant at) {
    started = at;
    state = JobState.RUNNING;
    if (!controller.start(this)) {
      end(JobState.FAILED, NO_OUTPUT, controller.release().signalReason(NO_OUTPUT.signal()), at);
    }
  }

  void end(JobState how, Exit status, String why, Instant at) {
    state = how;
    exit = status;
    reason = why;
    ended = at;
    started = started == null ? at : started;
    controller.stop(this);
  }

  public void cancel(Instant now) {
    if (state.isWaiting()) {
      cancelledWaiting = true;
      end(JobState.CANCELLED, NO_EXIT, reason, now);
    } else {
      end(JobState.CANCELLED, TERMINATED, "None", now);
    }
  }

  public void hold() {
    held = true;
    reason = "JobHeldUser";
    if (state.isWaiting()) {
      eligible = null;
    }
  }

  public void release(Instant now) {
    held = false;
    if (eligible == null) {
      released = now;
      reason = "None";
    }
  }

  public void requeue(Instant now) {
    controller.stop(this);
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
  public boolean update(String attribute, String value) {
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
        dependencyText = DependencyState.unchecked(value);
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
