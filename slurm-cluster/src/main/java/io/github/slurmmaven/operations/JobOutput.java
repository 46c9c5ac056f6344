/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import io.github.slurmmaven.backend.NodeAccess;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.ParallelActions;
import io.github.slurmmaven.common.Sha256;
import io.github.slurmmaven.definition.HostList;
import io.github.slurmmaven.resource.Resources;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Shows a batch job's output while it is written: each run of the job, or of each task of an array.
 * It reads the files on the node of the script, because the controller may not see them.
 */
final class JobOutput implements AutoCloseable {

  /** How long the last output may take after the job's end. */
  private static final Duration LAST_OUTPUT = Duration.ofSeconds(60);

  /** Number of an array's tasks whose output is shown at the same time; the others follow. */
  private static final int AT_ONCE = 32;

  /** Exit status of the script, plus 1 without standard output, plus 2 without standard error. */
  private static final int MISSING = 10;

  private static final int NO_STDOUT = 1;
  private static final int NO_STDERR = 2;

  private static final String FOLLOW = Resources.text(JobOutput.class, "follow-output.sh");

  private final NodeAccess nodeAccess;
  private final ClusterId id;
  private final String user;
  private final long submitted;
  private final CommandOutput output;
  private final Duration timeout;
  private final Progress progress;
  private final Map<JobId, Part> parts = new HashMap<>();
  private final List<Future<?>> runs = new ArrayList<>();
  private final ExecutorService threads = ParallelActions.threads(AT_ONCE);

  /**
   * @param submitted when the job was submitted, in microseconds of the cluster's clock
   * @param output receives the output, in pieces; for an array, in whole lines
   * @param timeout longest time for which a run is watched
   */
  JobOutput(
      NodeAccess nodeAccess,
      ClusterId id,
      String user,
      long submitted,
      CommandOutput output,
      Duration timeout,
      Progress progress) {
    this.nodeAccess = nodeAccess;
    this.id = id;
    this.user = user;
    this.submitted = submitted;
    this.output = output;
    this.timeout = timeout;
    this.progress = progress;
  }

  /** Accepts a change of the job or its tasks, and shows each run from its beginning. */
  synchronized void update(Job job) {
    if (job.id().component().orElse(0) != 0) {
      // Only the first component of a heterogeneous job has a script.
      return;
    }
    Part part = parts.computeIfAbsent(job.id(), Part::new);
    if (job.state().isWaiting() || job.nodes().isEmpty()) {
      part.isShown = false;
    } else if (!part.isShown) {
      part.isShown = true;
      runs.add(threads.submit(() -> show(part, job)));
    }
  }

  private void show(Part part, Job job) {
    String node = HostList.expand(job.nodes().orElseThrow()).get(0);
    // The output of the next run begins where this one has ended.
    synchronized (part.turn) {
      try {
        int status =
            nodeAccess.run(
                id,
                node,
                user,
                List.of(
                    "bash",
                    "-c",
                    FOLLOW,
                    "follow",
                    job.id().toString(),
                    Long.toString(submitted),
                    Long.toString(part.out.bytes),
                    part.out.sum(),
                    Long.toString(part.err.bytes),
                    part.err.sum()),
                part,
                timeout);
        part.finish();
        warnOfMissing(job, node, status);
      } catch (SlurmClusterException | UserMistakeException e) {
        if (!Thread.currentThread().isInterrupted()) {
          progress.warn(
              "The output of job %s on node %s could not be shown: %s"
                  .formatted(job.id(), node, e.getMessage()));
        }
      }
    }
  }

  private void warnOfMissing(Job job, String node, int status) {
    if (status == 0) {
      return;
    }
    int missing = status - MISSING;
    if (missing < NO_STDOUT || missing > (NO_STDOUT | NO_STDERR)) {
      progress.warn(
          "The output of job %s on node %s may be incomplete: the program that reads it ended with exit code %d"
              .formatted(job.id(), node, status));
      return;
    }
    if ((missing & NO_STDOUT) != 0) {
      warnOfMissing("standard output", job.id(), job.stdout().orElse("?"), node);
    }
    if ((missing & NO_STDERR) != 0) {
      warnOfMissing("standard error", job.id(), job.stderr().orElse("?"), node);
    }
  }

  private void warnOfMissing(String stream, JobId job, String file, String node) {
    progress.warn(
        "The %s of job %s cannot be shown: node %s has no file '%s' that was written since the job was submitted. scontrol show job %s shows the path"
            .formatted(stream, job, node, file, job));
  }

  /** Returns when all output of the ended job is shown. */
  void awaitEnd() throws InterruptedException {
    List<Future<?>> all;
    synchronized (this) {
      all = List.copyOf(runs);
    }
    long deadline = System.nanoTime() + LAST_OUTPUT.toNanos();
    for (Future<?> run : all) {
      try {
        run.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException failure
            ? failure
            : new IllegalStateException(e.getCause());
      } catch (TimeoutException e) {
        progress.warn(
            "The output of the job may be incomplete: its end was not read within %d s. The job's files have all of it"
                .formatted(LAST_OUTPUT.toSeconds()));
        return;
      }
    }
  }

  @Override
  public void close() {
    ParallelActions.end(threads);
  }

  /** A job, or a task of an array. */
  private final class Part implements CommandOutput {

    private final Stream out;
    private final Stream err;

    /** Held while a run is shown; not this object, on which a backend may synchronize. */
    private final Object turn = new Object();

    /** Whether the present run is shown. */
    private boolean isShown;

    Part(JobId job) {
      boolean wholeLines = job.arrayTask().isPresent();
      out = new Stream(wholeLines);
      err = new Stream(wholeLines);
    }

    @Override
    public void stdout(byte[] bytes) {
      byte[] piece = out.next(bytes);
      synchronized (output) {
        output.stdout(piece);
      }
    }

    @Override
    public void stderr(byte[] bytes) {
      byte[] piece = err.next(bytes);
      synchronized (output) {
        output.stderr(piece);
      }
    }

    private void finish() {
      synchronized (output) {
        output.stdout(out.rest());
        output.stderr(err.rest());
      }
    }
  }

  /** One of the two streams of a job. */
  private static final class Stream {

    private final boolean wholeLines;
    private final MessageDigest sum = Sha256.begin();
    private long bytes;
    private byte[] rest = {};

    Stream(boolean wholeLines) {
      this.wholeLines = wholeLines;
    }

    /**
     * Returns the part that can be shown now: whole lines only, if lines of other tasks may come
     * between.
     */
    private byte[] next(byte[] more) {
      bytes += more.length;
      sum.update(more);
      if (!wholeLines) {
        return more;
      }
      byte[] all = Arrays.copyOf(rest, rest.length + more.length);
      System.arraycopy(more, 0, all, rest.length, more.length);
      int end = all.length;
      while (end > 0 && all[end - 1] != '\n') {
        end--;
      }
      rest = Arrays.copyOfRange(all, end, all.length);
      return Arrays.copyOf(all, end);
    }

    private byte[] rest() {
      byte[] last = rest;
      rest = new byte[0];
      return last;
    }

    private String sum() {
      try {
        return HexFormat.of().formatHex(((MessageDigest) sum.clone()).digest());
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException("every Java platform's SHA-256 can be cloned", e);
      }
    }
  }
}
