/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.Job.Exit;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.SlurmClusterException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the file of Slurm's plugin jobcomp/filetxt: a record for each run of a job that has ended.
 * Its times are local ones, and it has no GPUs.
 */
final class CompletionReader {

  /** Longest end of the file that is read, some 35,000 jobs. It may begin within a record. */
  static final int BYTES = 16 << 20;

  private static final Pattern BEGIN = Pattern.compile("JobId=\\d+ UserId=");

  /** Name and directory may hold anything, so they are found by what stands around them. */
  private static final Pattern RECORD =
      Pattern.compile(
          "JobId=(?<id>\\d+) UserId=(?<user>[^\\s(]+)\\(\\d+\\) GroupId=\\S+ Name=(?<name>.*?)"
              + " JobState=(?<state>[A-Z_]+) Partition=(?<partition>\\S*) TimeLimit=\\S+"
              + " StartTime=(?<start>\\S+) EndTime=(?<end>\\S+) NodeList=(?<nodes>\\S+) NodeCnt=\\d+"
              + " ProcCnt=\\d+ WorkDir=.* ReservationName=(?<system>.*)",
          Pattern.DOTALL);

  private static final Pattern EXIT = Pattern.compile("(\\d+):(\\d+)");

  private static final String NO_REASON = "None";

  private final ZoneOffset zone;

  /**
   * @param zone offset of the cluster's local time
   */
  CompletionReader(ZoneOffset zone) {
    this.zone = zone;
  }

  /** The jobs of the file, or of its end, each as its last run ended. */
  Collection<TrackedJob> read(String file) {
    // slurmctld may be writing the last line.
    String whole = file.substring(0, file.lastIndexOf('\n') + 1);
    Map<JobId, TrackedJob> jobs = new LinkedHashMap<>();
    ScontrolRecord.split(whole, BEGIN).stream()
        .map(this::job)
        .forEach(tracked -> jobs.put(tracked.job().id(), tracked));
    return jobs.values();
  }

  private TrackedJob job(ScontrolRecord record) {
    Matcher fields = record.match(RECORD);
    ScontrolRecord system = new ScontrolRecord(fields.group("system"));
    TrackableResources resources = TrackableResources.of(system.word("Tres"), Optional.empty());
    return new TrackedJob(
        new Job(
            id(fields, system),
            fields.group("name"),
            fields.group("user"),
            JobState.of(fields.group("state")).orElseThrow(() -> notUnderstood(record)),
            NO_REASON,
            exit(system, record),
            fields.group("partition"),
            ScontrolRecord.something(fields.group("nodes")),
            Optional.empty(),
            Optional.empty(),
            time(system.word("SubmitTime").orElse("")),
            time(fields.group("start")),
            time(fields.group("end")),
            Optional.empty(),
            Optional.empty(),
            // As a record of accounting, which has none: a report knows forgotten jobs by that.
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        system.word("Account").orElse(""),
        resources.cpus(),
        resources.memory(),
        resources.gpus());
  }

  private static JobId id(Matcher fields, ScontrolRecord system) {
    if (system.word("HetJobId").isPresent()) {
      return JobId.component(
          system.number("HetJobId"), Math.toIntExact(system.number("HetJobOffset")));
    }
    if (system.word("ArrayTaskId").isPresent()) {
      return JobId.task(system.number("ArrayJobId"), Math.toIntExact(system.number("ArrayTaskId")));
    }
    return JobId.of(Long.parseLong(fields.group("id")));
  }

  private static Exit exit(ScontrolRecord system, ScontrolRecord record) {
    Matcher exit = EXIT.matcher(system.word("ExitCode").orElse(""));
    if (!exit.matches()) {
      throw notUnderstood(record);
    }
    return new Exit(Integer.parseInt(exit.group(1)), Integer.parseInt(exit.group(2)));
  }

  private Optional<Instant> time(String text) {
    try {
      return ScontrolRecord.something(text)
          .map(local -> LocalDateTime.parse(local).toInstant(zone));
    } catch (DateTimeException e) {
      throw new SlurmClusterException(
          "Slurm's file of ended jobs has '%s' for a time".formatted(text), e);
    }
  }

  private static SlurmClusterException notUnderstood(ScontrolRecord record) {
    return new SlurmClusterException(
        "Slurm's file of ended jobs is not understood: %s".formatted(record));
  }
}
