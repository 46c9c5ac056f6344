/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobRecord;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.Reset;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.resource.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Slurm in a running cluster: its nodes, partitions and jobs, and operations on jobs. Each method
 * runs only one command on the controller.
 *
 * <p>All methods throw {@link NoAnswerException} when slurmctld does not answer, and {@link
 * SlurmClusterException} when a command fails otherwise.
 */
public final class Slurm {

  /** Limit for a controller that hangs. Slurm's commands have limits of their own. */
  private static final Duration ANSWER = Duration.ofMinutes(2);

  /** How long a script may take to end after its deadline. */
  private static final Duration AFTER_DEADLINE = Duration.ofSeconds(10);

  private static final String ROOT = "root";
  private static final int NO_ANSWER = 75;
  private static final int TOO_LATE = 3;
  private static final int UNKNOWN_JOB = 4;
  private static final int NO_ACCOUNTING = 5;
  private static final String WAITING = "waiting for ";
  private static final String RECORD = "record ";

  /** Limit for sbatch, shorter than that of the command that runs it. */
  private static final Duration SBATCH = ANSWER.minusSeconds(5);

  /** The script's first argument becomes a login shell's script, with Slurm's commands on PATH. */
  private static final String LOGIN = "exec bash --login -c \"$1\" \"$PATH\" \"${@:2}\"";

  private static final String REQUIRE_ACCOUNTING =
      "scontrol show config | grep -q '^AccountingStorageType *= accounting_storage/slurmdbd' || exit %d%n"
          .formatted(NO_ACCOUNTING);

  /** Prints the records of a job, whose id is the argument. */
  private static final String RECORDS =
      """
      export SLURM_TIME_FORMAT=%%s
      exec sacct --noheader --parsable2 --jobs="$1" --format=%s
      """
          .formatted(RecordReader.FIELDS);

  private static final Pattern SUBMITTED = Pattern.compile("(?m)^job (\\d+) (\\d+)\\n\\z");

  private static final Pattern VERSION = Pattern.compile("(?m)^slurm\\S* (\\S+)$");

  private static final Pattern UNREACHABLE =
      Pattern.compile(
          "Unable to contact slurm controller|Zero Bytes were transmitted"
              + "|Socket timed out|Connection refused|Connection timed out");

  private final CommandRunner controller;

  public Slurm(CommandRunner controller) {
    this.controller = controller;
  }

  /** Returns nodes, partitions and jobs with one command. */
  public Snapshot snapshot() {
    // Jobs come last, because they contain users' texts.
    String answer = show("version", "partition", "node", "job");
    return new Snapshot(
        VERSION.matcher(answer).results().findFirst().map(version -> version.group(1)).orElse(""),
        NodeReader.read(before(answer, "\nJobId=")),
        PartitionReader.read(before(answer, "\nNodeName=")),
        JobReader.read(answer));
  }

  private static String before(String answer, String next) {
    int end = answer.indexOf(next);
    return end < 0 ? answer : answer.substring(0, end);
  }

  /** Returns the compute nodes. */
  public List<Node> nodes() {
    return NodeReader.read(show("node"));
  }

  /** Returns the partitions. */
  public List<Partition> partitions() {
    return PartitionReader.read(show("partition"));
  }

  /**
   * Returns the jobs that are pending, run, or ended recently: Slurm removes an ended job after
   * MinJobAge, by default 5 minutes. For an array, there is a job for each task that has started,
   * and one for all pending tasks.
   */
  public List<Job> jobs() {
    return JobReader.read(show("job"));
  }

  /**
   * Returns a job; for an array or a heterogeneous job, the first of its parts.
   *
   * @return empty when slurmctld does not have the job, or has removed it
   */
  public Optional<Job> job(JobId id) {
    List<Job> jobs = jobs();
    return jobs.stream()
        .filter(job -> job.id().equals(id))
        .findFirst()
        .or(() -> jobs.stream().filter(job -> id.covers(job.id())).findFirst());
  }

  /**
   * Returns accounting's records of a job; for an array, those of each task.
   *
   * @return empty when there are none
   * @throws UserMistakeException when the cluster has no accounting
   */
  public List<JobRecord> records(JobId id) {
    CommandResult result = accounting("The record of job " + id, RECORDS, List.of(id.toString()));
    if (!result.ok()) {
      throw failure("sacct", result);
    }
    return RecordReader.read(result.stdout());
  }

  /**
   * Checks that the cluster has accounting.
   *
   * @param what the requested operation, for the message
   * @throws UserMistakeException when the cluster has no accounting
   */
  public void requireAccounting(String what) {
    CommandResult result = accounting(what, "", List.of());
    if (!result.ok()) {
      throw failure("scontrol show config", result);
    }
  }

  private CommandResult accounting(String what, String script, List<String> arguments) {
    CommandResult result =
        script(
            Resources.text(Slurm.class, "ping.sh") + REQUIRE_ACCOUNTING + script,
            arguments,
            line -> {},
            ANSWER);
    if (result.exitCode() == NO_ACCOUNTING) {
      throw new UserMistakeException(
          "%s was asked for, and this cluster has no accounting: set accounting to true"
              .formatted(what));
    }
    return result;
  }

  /**
   * Returns jobs, nodes and the places of the daemons' logs, with accounting including jobs that
   * slurmctld has removed.
   *
   * @param since leaves out records of jobs that ended earlier
   */
  public JobHistory history(Instant since) {
    CommandResult result =
        script(
            Resources.text(Slurm.class, "ping.sh") + Resources.text(Slurm.class, "timeline.sh"),
            List.of(
                Long.toString(since.getEpochSecond()),
                HistoryReader.FIELDS,
                Integer.toString(CompletionReader.BYTES)),
            line -> {},
            ANSWER);
    if (!result.ok()) {
      throw failure("scontrol show job", result);
    }
    return HistoryReader.read(result.stdout());
  }

  /**
   * Returns the scripts of batch jobs in slurmctld. A job that was not submitted by sbatch has
   * none.
   *
   * @param bytes maximum number of bytes of a script, from its beginning
   */
  public Map<JobId, Excerpt> batchScripts(Collection<JobId> ids, int bytes) {
    List<String> arguments = new ArrayList<>(List.of(Integer.toString(bytes)));
    ids.forEach(id -> arguments.add(id.toString()));
    CommandResult result =
        script(Resources.text(Slurm.class, "batch-scripts.sh"), arguments, line -> {}, ANSWER);
    if (!result.ok()) {
      throw failure("scontrol write batch_script", result);
    }
    List<String> lines = result.stdout().lines().toList();
    List<String[]> jobs =
        lines.stream()
            .limit(Math.max(0, lines.size() - 1))
            .map(line -> line.split(" ", 2))
            .toList();
    List<Excerpt> parts =
        jobs.isEmpty()
            ? List.of()
            : Excerpt.split(
                jobs.stream().map(words -> Long.valueOf(words[1])).toList(),
                bytes,
                lines.get(jobs.size()));
    Map<JobId, Excerpt> scripts = new TreeMap<>();
    for (int i = 0; i < parts.size(); i++) {
      scripts.put(JobId.of(jobs.get(i)[0]), parts.get(i));
    }
    return scripts;
  }

  private String show(String... kinds) {
    CommandResult result =
        script(
            Resources.text(Slurm.class, "ping.sh") + Resources.text(Slurm.class, "snapshot.sh"),
            List.of(kinds),
            line -> {},
            ANSWER);
    if (!result.ok()) {
      throw failure("scontrol show " + String.join(", ", kinds), result);
    }
    return result.stdout();
  }

  /**
   * Submits a batch job.
   *
   * @throws UserMistakeException when sbatch refuses it, with sbatch's message, or submits no job
   *     because of its options
   */
  public JobId submit(Submission submission) {
    return sbatch(submission).requiredJob(submission.scriptName());
  }

  /**
   * Runs sbatch, and returns as soon as there is a job, even with {@code --wait}. With {@code
   * --quiet}, the job is found by its script's path, which no other job may have.
   *
   * @throws RefusedJobException when sbatch refuses it, with sbatch's message
   */
  public SbatchAnswer sbatch(Submission submission) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                LOGIN,
                "sbatch",
                Resources.text(Slurm.class, "submit.sh"),
                submission.directory(),
                submission.script(),
                Long.toString(SBATCH.toMillis())));
    command.addAll(submission.options());
    command.add(submission.script());
    command.addAll(submission.arguments());
    CommandResult result = controller.run(submission.user(), command, line -> {}, ANSWER);
    if (result.exitCode() == NO_ANSWER) {
      throw new NoAnswerException(
          "Submitting %s: sbatch got no answer from slurmctld within %d s. %s"
              .formatted(submission.scriptName(), SBATCH.toSeconds(), result.stderr())
              .strip());
    }
    if (!result.ok()) {
      if (UNREACHABLE.matcher(result.stderr()).find()) {
        throw new NoAnswerException(result.stderr().strip());
      }
      throw RefusedJobException.of(
          submission.scriptName(),
          result.stderr().isBlank()
              ? "exit code " + result.exitCode() + " without a reason"
              : result.stderr().strip());
    }
    Matcher job = SUBMITTED.matcher(result.stdout());
    return job.find()
        ? new SbatchAnswer(
            Optional.of(JobId.of(job.group(1))),
            Long.parseLong(job.group(2)),
            result.stdout().substring(0, job.start()),
            result.stderr())
        : new SbatchAnswer(Optional.empty(), 0, result.stdout(), result.stderr());
  }

  /**
   * Cancels jobs. Jobs that have ended, or that slurmctld does not have any more, are not an error.
   */
  public void cancel(Collection<JobId> ids) {
    if (ids.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>(List.of("scancel", "--quiet"));
    ids.forEach(id -> command.add(id.toString()));
    CommandResult result = controller.run(ROOT, command, line -> {}, ANSWER);
    if (!result.ok()) {
      throw failure("scancel", result);
    }
  }

  /**
   * Waits for the end of a job.
   *
   * @return the ended job; for an array or a heterogeneous job, the first part that did not
   *     complete, or the last
   * @throws UserMistakeException when there is no such job
   * @throws SlurmClusterException when it has not ended in time
   */
  public Job await(JobId id, Duration timeout) {
    return await(id, job -> {}, timeout);
  }

  /**
   * Waits for the end of a job, as {@link #await(JobId, Duration)} does.
   *
   * @param changes receives each part of it as in {@link #await(Collection, Set, Consumer,
   *     Duration)}
   */
  public Job await(JobId id, Consumer<Job> changes, Duration timeout) {
    List<Job> parts = await(List.of(id), JobState.TERMINAL, changes, timeout);
    return parts.stream()
        .filter(job -> job.state() != JobState.COMPLETED)
        .findFirst()
        .orElse(parts.get(parts.size() - 1));
  }

  /**
   * Waits until each job has reached one of the states, or has ended. If slurmctld has removed an
   * ended job, it is read from the cluster's accounting, without its files.
   *
   * @param ids jobs; an array or a heterogeneous job stands for all its parts
   * @param states the awaited states
   * @param changes receives each job at first, and after each change of its state or reason; from
   *     another thread
   * @return the jobs after the wait, by id
   * @throws UserMistakeException when there is no such job
   * @throws SlurmClusterException when the jobs do not reach the states in time
   */
  public List<Job> await(
      Collection<JobId> ids, Set<JobState> states, Consumer<Job> changes, Duration timeout) {
    String words =
        Stream.concat(states.stream(), JobState.TERMINAL.stream())
            .distinct()
            .map(JobState::name)
            .collect(Collectors.joining(",", ",", ","));
    String list = ids.stream().map(JobId::toString).collect(Collectors.joining(","));
    Map<JobId, Job> seen = new TreeMap<>();
    CommandResult result =
        script(
            Resources.text(Slurm.class, "await.sh"),
            List.of(Long.toString(timeout.toMillis()), words, list, RecordReader.FIELDS),
            line ->
                reported(line, seen)
                    .forEach(
                        job -> {
                          seen.put(job.id(), job);
                          changes.accept(job);
                        }),
            timeout.plus(AFTER_DEADLINE));
    if (result.exitCode() == TOO_LATE) {
      throw new SlurmClusterException(
          "Not within %s s: %s"
              .formatted(seconds(timeout), result.stderr().strip().replace("\n", ", ")));
    }
    if (result.exitCode() != UNKNOWN_JOB && !result.ok()) {
      throw failure("Waiting for job " + list, result);
    }
    List<Job> jobs = seen.values().stream().filter(job -> !hasBegun(job, seen.keySet())).toList();
    ids.stream()
        .filter(id -> jobs.stream().noneMatch(job -> id.covers(job.id()) && isThere(job, states)))
        .findFirst()
        .ifPresent(
            unknown -> {
              throw new UserMistakeException(
                  "Slurm knows no job %s: it never existed, or it ended a while ago (MinJobAge)"
                      .formatted(unknown));
            });
    return jobs;
  }

  /**
   * Returns the jobs of a line of await.sh. For a job that slurmctld has shown as ended,
   * slurmctld's data is kept: a record has less, may be late, or may stand for parts that slurmctld
   * showed one by one.
   */
  private static List<Job> reported(String line, Map<JobId, Job> seen) {
    if (!line.startsWith(RECORD)) {
      return JobReader.read(line);
    }
    return RecordReader.read(line.substring(RECORD.length())).stream()
        .filter(record -> record.state().isTerminal())
        .map(RecordReader::job)
        .filter(job -> !seen.containsKey(job.id()) || !seen.get(job.id()).state().isTerminal())
        .filter(job -> seen.keySet().stream().noneMatch(id -> isPart(id, job.id())))
        .toList();
  }

  private static boolean isThere(Job job, Set<JobState> states) {
    return job.state().isTerminal() || states.contains(job.state());
  }

  private static boolean isPart(JobId id, JobId whole) {
    return !id.equals(whole) && whole.covers(id);
  }

  /** Whether a job stands for pending tasks of an array, all of which were seen since. */
  private static boolean hasBegun(Job job, Set<JobId> seen) {
    return !job.state().isTerminal() && seen.stream().anyMatch(id -> isPart(id, job.id()));
  }

  /**
   * Empties the queue and frees the nodes, for the next test suite: cancels all jobs of all users,
   * deletes all reservations, and resumes nodes that were drained or down.
   *
   * <p>Slurm keeps ended jobs for MinJobAge ({@link #jobs}) and continues the job ids, and a node
   * may be {@code planned} instead of {@code idle} until the next backfill cycle. Files of jobs are
   * kept for inspection.
   *
   * @throws SlurmClusterException when something is left when the time is over
   */
  public Reset reset(Duration timeout) {
    CommandResult result = clean("reset.sh", timeout);
    return new Reset(
        said(result, "job ").map(JobId::of).sorted(Comparator.naturalOrder()).toList(),
        said(result, "node ").toList(),
        said(result, "reservation ").toList());
  }

  /**
   * Deletes accounting's records of jobs, and its usage. Accounts, qualities of service and users
   * are kept. The queue must be empty.
   *
   * @throws SlurmClusterException when something is left when the time is over
   */
  public void emptyHistory(Duration timeout) {
    clean("history.sh", timeout);
  }

  private CommandResult clean(String script, Duration timeout) {
    String[] missing = {""};
    CommandResult result =
        script(
            Resources.text(Slurm.class, "ping.sh") + Resources.text(Slurm.class, script),
            List.of(Long.toString(timeout.toMillis())),
            line -> {
              if (line.startsWith(WAITING)) {
                missing[0] = line.substring(WAITING.length());
              }
            },
            timeout.plus(AFTER_DEADLINE));
    if (result.exitCode() == TOO_LATE) {
      throw new SlurmClusterException(
          "The cluster is not clean within %s s, still waiting for %s"
              .formatted(seconds(timeout), missing[0]));
    }
    if (!result.ok()) {
      throw failure("The reset", result);
    }
    return result;
  }

  private static Stream<String> said(CommandResult result, String word) {
    return result
        .stdout()
        .lines()
        .filter(line -> line.startsWith(word))
        .map(line -> line.substring(word.length()));
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? Long.toString(duration.toSeconds())
        : Double.toString(duration.toMillis() / 1000.0);
  }

  private static SlurmClusterException failure(String what, CommandResult result) {
    String why = result.stderr().strip();
    return result.exitCode() == NO_ANSWER || UNREACHABLE.matcher(why).find()
        ? new NoAnswerException(why)
        : new SlurmClusterException(
            "%s ended with exit code %d: %s".formatted(what, result.exitCode(), why));
  }

  private CommandResult script(
      String script, List<String> arguments, Consumer<String> lines, Duration timeout) {
    List<String> command = new ArrayList<>(List.of("bash", "-c", script, "slurm"));
    command.addAll(arguments);
    return controller.run(ROOT, command, lines, timeout);
  }
}
