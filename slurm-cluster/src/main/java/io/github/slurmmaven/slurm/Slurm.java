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
 * Slurm in a running cluster: its nodes, partitions and jobs, and what can be done to jobs. Each
 * method is one command on the controller, however much it asks.
 *
 * <p>All methods throw {@link NoAnswerException} when slurmctld does not answer, and {@link
 * SlurmClusterException} when a command breaks otherwise.
 */
public final class Slurm {

  /** Slurm's commands give up by themselves. This is for a controller that hangs. */
  private static final Duration ANSWER = Duration.ofMinutes(2);

  /** How long a script's own end may take after its deadline. */
  private static final Duration AFTER_DEADLINE = Duration.ofSeconds(10);

  private static final String ROOT = "root";
  private static final int NO_ANSWER = 75;
  private static final int TOO_LATE = 3;
  private static final int UNKNOWN_JOB = 4;
  private static final int NO_ACCOUNTING = 5;
  private static final String WAITING = "waiting for ";
  private static final String RECORD = "record ";

  /** How long sbatch may take, before the command that runs it is given up. */
  private static final Duration SBATCH = ANSWER.minusSeconds(5);

  /** The script's first argument becomes a login shell's script, with Slurm's commands on PATH. */
  private static final String LOGIN = "exec bash --login -c \"$1\" \"$PATH\" \"${@:2}\"";

  private static final String REQUIRE_ACCOUNTING =
      "scontrol show config | grep -q '^AccountingStorageType *= accounting_storage/slurmdbd' || exit %d%n"
          .formatted(NO_ACCOUNTING);

  /** Shows what is recorded of a job, whose id is the argument. */
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

  /** Everything at once. */
  public Snapshot snapshot() {
    // Jobs last: users may write anything into them.
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

  /** The compute nodes. */
  public List<Node> nodes() {
    return NodeReader.read(show("node"));
  }

  /** The partitions. */
  public List<Partition> partitions() {
    return PartitionReader.read(show("partition"));
  }

  /**
   * The jobs that wait, run, or have ended a short while ago: Slurm forgets an ended job after
   * MinJobAge, 5 minutes unless slurm.conf says otherwise. Of an array, one for each task that has
   * begun and one for all that wait.
   */
  public List<Job> jobs() {
    return JobReader.read(show("job"));
  }

  /**
   * One job; of an array or a heterogeneous job as a whole, the first of its parts.
   *
   * @return empty when Slurm does not know it, or not any more
   */
  public Optional<Job> job(JobId id) {
    List<Job> jobs = jobs();
    return jobs.stream()
        .filter(job -> job.id().equals(id))
        .findFirst()
        .or(() -> jobs.stream().filter(job -> id.covers(job.id())).findFirst());
  }

  /**
   * What accounting has recorded of a job; of an array, of each of its tasks.
   *
   * @return empty when it knows nothing of the job
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
   * Makes sure that the cluster has accounting.
   *
   * @param what what was asked for, for the message
   * @throws UserMistakeException when it has none
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
   * What is known of jobs, nodes and the places of the daemons' logs. With accounting, jobs that
   * slurmctld has forgotten are among them.
   *
   * @param since leaves records of jobs out that ended earlier
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
   * The scripts of batch jobs that slurmctld knows. A job that was not submitted by sbatch has
   * none.
   *
   * @param bytes longest part of a script that is read, from its beginning
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
   * @throws UserMistakeException when sbatch refuses it, in sbatch's words, or when its options let
   *     it submit none
   */
  public JobId submit(Submission submission) {
    return sbatch(submission).requiredJob(submission.scriptName());
  }

  /**
   * Runs sbatch; returns as soon as there is a job, also with {@code --wait}. With {@code --quiet}
   * the job is known by its script's path, which must then be no other job's.
   *
   * @throws RefusedJobException when sbatch refuses it, in sbatch's words
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
          "Submitting %s: sbatch has no answer of slurmctld within %d s. %s"
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

  /** Cancels jobs; those that have ended, or that Slurm does not know any more, are no error. */
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
   * @return the ended job; of an array or a heterogeneous job, the first part that did not
   *     complete, or the last
   * @throws UserMistakeException when Slurm does not know the job
   * @throws SlurmClusterException when it has not ended in time
   */
  public Job await(JobId id, Duration timeout) {
    return await(id, job -> {}, timeout);
  }

  /**
   * Waits for the end of a job, as {@link #await(JobId, Duration)} does.
   *
   * @param changes gets each part of it as {@link #await(Collection, Set, Consumer, Duration)} says
   */
  public Job await(JobId id, Consumer<Job> changes, Duration timeout) {
    List<Job> parts = await(List.of(id), JobState.TERMINAL, changes, timeout);
    return parts.stream()
        .filter(job -> job.state() != JobState.COMPLETED)
        .findFirst()
        .orElse(parts.get(parts.size() - 1));
  }

  /**
   * Waits until each job has reached one of the states, or has ended. Where slurmctld has forgotten
   * a job that ended, the cluster's accounting may know it, without its files.
   *
   * @param ids jobs; an array or a heterogeneous job stands for all its parts
   * @param states what to wait for
   * @param changes gets each job as it is at first, and each time that its state or reason has
   *     changed; from another thread
   * @return the jobs as they are then, by id
   * @throws UserMistakeException when Slurm does not know one of them
   * @throws SlurmClusterException when they are not there in time
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
   * Returns the jobs of a line of await.sh. slurmctld knows more of a job that it saw end than a
   * record does, which may lag behind, or stand for parts that slurmctld showed one by one.
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

  /** Whether it is what waited of an array, all tasks of which were seen since. */
  private static boolean hasBegun(Job job, Set<JobId> seen) {
    return !job.state().isTerminal() && seen.stream().anyMatch(id -> isPart(id, job.id()));
  }

  /**
   * Makes the queue empty and the nodes free, for the next test suite: cancels all jobs of all
   * users, deletes all reservations, and takes nodes back that were drained or down.
   *
   * <p>What Slurm does not let go of stays: it remembers ended jobs for MinJobAge ({@link #jobs}),
   * numbers go on, and a node may be called {@code planned} instead of {@code idle} until backfill
   * looks again. The files that jobs wrote stay as well: somebody may want to look at them.
   *
   * @throws SlurmClusterException when something is left over at the end of the time
   */
  public Reset reset(Duration timeout) {
    CommandResult result = clean("reset.sh", timeout);
    return new Reset(
        said(result, "job ").map(JobId::of).sorted(Comparator.naturalOrder()).toList(),
        said(result, "node ").toList(),
        said(result, "reservation ").toList());
  }

  /**
   * Deletes what accounting has recorded of jobs, and what it has counted as used. Accounts,
   * qualities of service and users stay. No job must wait or run.
   *
   * @throws SlurmClusterException when something is left over at the end of the time
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
