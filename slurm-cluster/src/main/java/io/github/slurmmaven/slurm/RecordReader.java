/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.Job.Exit;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobRecord;
import io.github.slurmmaven.client.JobRecord.Step;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.SlurmClusterException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what {@code sacct --parsable2} answers with {@link #FIELDS}. */
final class RecordReader {

  /** Fields in the order that is read. The name, in which anything may be, is the last. */
  static final String FIELDS =
      "JobID,User,Account,QOS,Partition,State,ExitCode,ElapsedRaw,TotalCPU,MaxRSS,JobName";

  private static final int COUNT = FIELDS.split(",", -1).length;

  /** The tasks of an array that wait have one record for all. */
  private static final Pattern ID = Pattern.compile("(\\d+(?:[_+]\\d+)?)(?:_\\[.*])?(?:\\.(.+))?");

  private static final Pattern EXIT = Pattern.compile("(\\d+):(\\d+)");

  /** Days, hours, minutes, seconds. */
  private static final Pattern TIME =
      Pattern.compile("(?:(?:(\\d+)-)?(\\d+):)?(\\d+):(\\d+(?:\\.\\d+)?)");

  private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)([KMGTP]?)");
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
                fields[10],
                fields[1],
                fields[2],
                fields[3],
                fields[4],
                state(fields[5]),
                exit(fields[6]),
                Duration.ofSeconds(seconds(fields[7])),
                time(fields[8]),
                List.of()));
      } else if (!records.isEmpty()) {
        JobRecord job = records.remove(records.size() - 1);
        List<Step> steps = new ArrayList<>(job.steps());
        steps.add(
            new Step(
                id.group(2),
                fields[10],
                state(fields[5]),
                exit(fields[6]),
                Duration.ofSeconds(seconds(fields[7])),
                time(fields[8]),
                size(fields[9])));
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
                steps));
      }
    }
    return records;
  }

  private static JobState state(String text) {
    return JobState.of(text)
        .orElseThrow(
            () ->
                new SlurmClusterException(
                    "sacct answered the job state '%s', which is not known".formatted(text)));
  }

  private static Exit exit(String text) {
    Matcher exit = EXIT.matcher(text);
    return exit.matches()
        ? new Exit(Integer.parseInt(exit.group(1)), Integer.parseInt(exit.group(2)))
        : new Exit(0, 0);
  }

  private static long seconds(String text) {
    return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
  }

  private static Duration time(String text) {
    Matcher time = TIME.matcher(text);
    if (!time.matches()) {
      return Duration.ZERO;
    }
    return Duration.ofDays(number(time.group(1)))
        .plusHours(number(time.group(2)))
        .plusMinutes(number(time.group(3)))
        .plusMillis(Math.round(Double.parseDouble(time.group(4)) * 1000));
  }

  private static long number(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  private static OptionalLong size(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      return OptionalLong.empty();
    }
    double bytes = Double.parseDouble(size.group(1));
    for (int unit = UNITS.indexOf(size.group(2)); !size.group(2).isEmpty() && unit >= 0; unit--) {
      bytes *= 1024;
    }
    return OptionalLong.of(Math.round(bytes));
  }
}
