/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.client.Job.Exit;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.mock.shell.RemoteFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * All jobs of a mock. Nothing happens by itself here: whoever looks first brings everything to
 * where it stands at this time.
 */
final class Jobs {

  private static final Map<Integer, String> SIGNALS =
      Map.of(
          1, "Hangup",
          2, "Interrupt",
          3, "Quit",
          6, "Aborted",
          9, "Killed",
          11, "Segmentation_fault",
          15, "Terminated",
          53, "Real-time_signal_19");

  private final List<MockJob> all = new ArrayList<>();
  private final List<Scenario> scenarios = new CopyOnWriteArrayList<>();
  private final Map<MockJob, LocalRun> runs = new HashMap<>();
  private final MockClock clock;
  private final Topology topology;
  private final Release release;
  private final RemoteFiles files;
  private final boolean execute;
  private final long first;
  private long next;

  Jobs(
      MockClock clock,
      Topology topology,
      Release release,
      RemoteFiles files,
      boolean execute,
      long first) {
    this.clock = clock;
    this.topology = topology;
    this.release = release;
    this.files = files;
    this.execute = execute;
    this.first = first;
    this.next = first;
  }

  Topology topology() {
    return topology;
  }

  Release release() {
    return release;
  }

  RemoteFiles files() {
    return files;
  }

  Instant now() {
    return clock.now();
  }

  long first() {
    return first;
  }

  long next() {
    return next;
  }

  void add(Scenario scenario) {
    scenarios.add(scenario);
  }

  /** Looks at the jobs as they stand now. */
  synchronized <T> T read(Supplier<T> look) {
    settle();
    return look.get();
  }

  /** Changes jobs, and brings all to where they then stand. */
  synchronized void change(Runnable action) {
    settle();
    action.run();
    settle();
  }

  private void settle() {
    Instant now = clock.now();
    boolean changed = true;
    while (changed) {
      changed = false;
      for (MockJob job : List.copyOf(all)) {
        changed |= job.progress(now);
        changed |= ended(job, now);
      }
    }
  }

  /** Whether the job's process has ended since the last look. */
  private boolean ended(MockJob job, Instant now) {
    LocalRun run = runs.get(job);
    Optional<Integer> status = run == null ? Optional.empty() : run.status();
    if (status.isEmpty()) {
      return false;
    }
    runs.remove(job);
    int code = status.get();
    boolean signalled = code > 128;
    job.end(
        code == 0 ? JobState.COMPLETED : JobState.FAILED,
        signalled ? new Exit(0, code - 128) : new Exit(code, 0),
        code == 0 ? "None" : signalled ? signalReason(code - 128) : "NonZeroExitCode",
        now);
    return true;
  }

  /** Takes a job in, or a job array, and returns its first task. */
  synchronized MockJob submit(JobRequest request) {
    settle();
    long number = next++;
    Instant now = clock.now();
    List<MockJob> made = new ArrayList<>();
    if (request.isArray()) {
      for (int task : request.tasksOfArray()) {
        made.add(new MockJob(this, request, number, OptionalInt.of(task), now));
      }
    } else {
      made.add(new MockJob(this, request, number, OptionalInt.empty(), now));
    }
    all.addAll(made);
    return made.get(0);
  }

  /** Notes a job that can never run, as Slurm does, beside refusing it. */
  synchronized void refuse(JobRequest request) {
    MockJob job = new MockJob(this, request, next++, OptionalInt.empty(), clock.now());
    all.add(job);
    job.end(JobState.FAILED, new Exit(0, 0), "BadConstraints", clock.now());
  }

  /** A number that no job gets. */
  synchronized long skip() {
    return next++;
  }

  List<MockJob> all() {
    return List.copyOf(all);
  }

  /** The jobs of a number: one, or the tasks of an array; one task for {@code 12_3}. */
  List<MockJob> find(String id) {
    int underscore = id.indexOf('_');
    if (!id.matches("\\d{1,18}(_\\d{1,9})?")) {
      return List.of();
    }
    long number = Long.parseLong(underscore < 0 ? id : id.substring(0, underscore));
    if (underscore >= 0) {
      int task = Integer.parseInt(id.substring(underscore + 1));
      return all.stream()
          .filter(job -> job.arrayNumber() == number && job.task().equals(OptionalInt.of(task)))
          .toList();
    }
    List<MockJob> found = all.stream().filter(job -> job.arrayNumber() == number).toList();
    return found.isEmpty()
        ? all.stream().filter(job -> job.hasNumber() && job.number() == number).toList()
        : found;
  }

  /** The jobs of the same name and user that were submitted before. */
  List<MockJob> sameBefore(MockJob job) {
    return all.subList(0, all.indexOf(job)).stream()
        .filter(
            other ->
                other.settledName().equals(job.settledName()) && other.user().equals(job.user()))
        .toList();
  }

  List<Scenario.Step> steps(MockJob job) {
    for (int i = scenarios.size() - 1; i >= 0; i--) {
      if (scenarios.get(i).matches(job)) {
        return scenarios.get(i).steps();
      }
    }
    Scenario usual = new Scenario(each -> true).then(JobState.RUNNING);
    return execute && job.request().isBatch()
        ? usual.steps()
        : usual.then(JobState.COMPLETED).steps();
  }

  /**
   * A task gets a number of its own when it begins; the last one keeps the array's.
   *
   * @return false when there is no place for its output
   */
  boolean starts(MockJob job) {
    if (!job.hasNumber()) {
      boolean last =
          all.stream()
              .filter(other -> other.arrayNumber() == job.arrayNumber() && other != job)
              .allMatch(MockJob::hasNumber);
      job.number(last ? job.arrayNumber() : next++);
    }
    if (job.hasEnded() || !job.request().isBatch()) {
      return true;
    }
    if (!write(job, "", "")) {
      return false;
    }
    if (execute && scenarios.stream().noneMatch(scenario -> scenario.matches(job))) {
      runs.put(job, new LocalRun(job, this));
    }
    return true;
  }

  void ends(MockJob job) {
    LocalRun run = runs.remove(job);
    if (run != null) {
      run.kill();
    }
  }

  /** Ends what still runs on this machine. */
  synchronized void close() {
    runs.values().forEach(LocalRun::kill);
    runs.clear();
  }

  /**
   * Adds to the job's output files, which come into being with it.
   *
   * @return false when their directory does not exist
   */
  boolean write(MockJob job, String out, String err) {
    return append(job.stdout(), out) && append(job.stderr(), err);
  }

  private boolean append(String path, String text) {
    if (path.equals("/dev/null")) {
      return true;
    }
    Path file = files.real("/", path);
    try {
      Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("output file of a job: " + path, e);
    }
  }

  String signalReason(int signal) {
    return release.isNew()
        ? "RaisedSignal:%d(%s)"
            .formatted(signal, SIGNALS.getOrDefault(signal, "Unknown_signal_" + signal))
        : "JobLaunchFailure";
  }
}
