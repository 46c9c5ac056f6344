/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.Job.Exit;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobRecord;
import io.github.slurmmaven.client.JobRecord.Step;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.SlurmClusterException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the output of {@code sacct --parsable2} with {@link #FIELDS}, with times in seconds. */
final class RecordReader {

  /** Fields in order. The name comes last, because it may contain any text. */
  static final String FIELDS =
      "JobID,User,Account,QOS,Partition,State,ExitCode,ElapsedRaw,TotalCPU,MaxRSS,Submit,Start,End,"
          + "NodeList,JobName";

  /** Output of sacct for the nodes of a job that has not started. */
  private static final String NO_NODES = "None assigned";

  private static final int COUNT = FIELDS.split(",", -1).length;

  /** The pending tasks of an array share one record. */
  private static final Pattern ID = Pattern.compile("(\\d+(?:[_+]\\d+)?)(?:_\\[.*])?(?:\\.(.+))?");

  private static final Pattern SECONDS = Pattern.compile("\\d{1,18}");

  private static final Pattern EXIT = Pattern.compile("(\\d+):(\\d+)");

  /** Days, hours, minutes, seconds. */
  private static final Pattern TIME =
      Pattern.compile("(?:(?:(\\d+)-)?(\\d+):)?(\\d+):(\\d+(?:\\.\\d+)?)");

  private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)([KMGTP]?)");
  private static final String NO_REASON = "None";
  private static final String UNITS = "KMGTP";

  private RecordReader() {}

  static List<JobRecord> read(String answer) {
    List<JobRecord> records = new ArrayList<>();
    for (String line : answer.lines().toList()) {
      String[] fields = line.split("\\|", COUNT);
      Matcher id = ID.matcher(fields[0]);
      if (fields.length < COUNT || !id.matches()) {
        throw new SlurmClusterException(
            "sacct was asked for jobs and answered '%s', which is not a record".formatted(line));
      }
      if (id.group(2) == null) {
        records.add(
            new JobRecord(
                JobId.of(id.group(1)),
                fields[14],
                fields[1],
                fields[2],
                fields[3],
                fields[4],
                state(fields[5]),
                exit(fields[6], line),
                elapsed(fields[7], line),
                time(fields[8], line),
                Optional.of(fields[13]).filter(nodes -> !NO_NODES.equals(nodes)),
                ScontrolRecord.instant(fields[10]),
                ScontrolRecord.instant(fields[11]),
                ScontrolRecord.instant(fields[12]),
                List.of()));
      } else if (!records.isEmpty()) {
        JobRecord job = records.remove(records.size() - 1);
        List<Step> steps = new ArrayList<>(job.steps());
        steps.add(
            new Step(
                id.group(2),
                fields[14],
                state(fields[5]),
                exit(fields[6], line),
                elapsed(fields[7], line),
                time(fields[8], line),
                size(fields[9], line)));
        records.add(
            new JobRecord(
                job.id(),
                job.name(),
                job.user(),
                job.account(),
                job.qos(),
                job.partition(),
                job.state(),
                job.exit(),
                job.elapsed(),
                job.cpuTime(),
                job.nodes(),
                job.submitted(),
                job.started(),
                job.ended(),
                steps));
      }
    }
    return records;
  }

  /** Converts a record to a job that slurmctld has removed. */
  static Job job(JobRecord record) {
    return new Job(
        record.id(),
        record.name(),
        record.user(),
        record.state(),
        NO_REASON,
        record.exit(),
        record.partition(),
        record.nodes(),
        Optional.empty(),
        Optional.empty(),
        record.submitted(),
        record.started(),
        record.ended(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static JobState state(String text) {
    return JobState.of(text)
        .orElseThrow(
            () ->
                new SlurmClusterException(
                    "sacct answered the job state '%s', which is not known".formatted(text)));
  }

  // In sacct's output, unknown values are blank.

  private static Exit exit(String text, String line) {
    return matched(EXIT, "exit code", text, line)
        .map(exit -> new Exit(Integer.parseInt(exit.group(1)), Integer.parseInt(exit.group(2))))
        .orElse(new Exit(0, 0));
  }

  private static Duration elapsed(String text, String line) {
    return matched(SECONDS, "elapsed time", text, line)
        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds.group())))
        .orElse(Duration.ZERO);
  }

  private static Duration time(String text, String line) {
    return matched(TIME, "processor time", text, line)
        .map(
            time ->
                Duration.ofDays(number(time.group(1)))
                    .plusHours(number(time.group(2)))
                    .plusMinutes(number(time.group(3)))
                    .plusMillis(Math.round(Double.parseDouble(time.group(4)) * 1000)))
        .orElse(Duration.ZERO);
  }

  private static long number(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  private static OptionalLong size(String text, String line) {
    return matched(SIZE, "memory", text, line)
        .map(size -> OptionalLong.of(bytes(Double.parseDouble(size.group(1)), size.group(2))))
        .orElse(OptionalLong.empty());
  }

  private static long bytes(double number, String unit) {
    double bytes = number;
    for (int power = unit.isEmpty() ? -1 : UNITS.indexOf(unit); power >= 0; power--) {
      bytes *= 1024;
    }
    return Math.round(bytes);
  }

  private static Optional<Matcher> matched(Pattern pattern, String what, String text, String line) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new SlurmClusterException(
          ("sacct was asked for jobs, and the %s '%s' of its answer '%s' cannot be read: is this a"
                  + " release of Slurm that this plugin does not know?")
              .formatted(what, text, line));
    }
    return Optional.of(matcher);
  }
}
