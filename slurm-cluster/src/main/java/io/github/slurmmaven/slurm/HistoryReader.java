/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobRecord;
import io.github.slurmmaven.client.SlurmClusterException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the output of timeline.sh: lines with a word and a text in Base64, because the name of a
 * job may contain any character.
 */
final class HistoryReader {

  /** Fields of sacct before the fields of {@link RecordReader}. */
  private static final String OWN_FIELDS = "AllocTRES,ReqTRES,Reason,";

  /** All requested fields of sacct. */
  static final String FIELDS = OWN_FIELDS + RecordReader.FIELDS;

  private static final int OWN = OWN_FIELDS.split(",").length;

  private static final Pattern VERSION = Pattern.compile("slurm\\S* (\\S+)");

  private static final Pattern CLOCK = Pattern.compile("(\\d+) ([+-]\\d\\d:\\d\\d)");

  private static final Pattern LOG = Pattern.compile("(?m)^SlurmctldLogFile\\s*= (/.*)/[^/\\n]+$");

  private HistoryReader() {}

  static JobHistory read(String answer) {
    Map<String, String> sections = new HashMap<>();
    for (String line : answer.lines().toList()) {
      String[] words = line.split(" ", 2);
      sections.put(
          words[0],
          new String(
              Base64.getDecoder().decode(words.length > 1 ? words[1] : ""),
              StandardCharsets.UTF_8));
    }
    Matcher clock = match(CLOCK, sections, "clock");
    List<TrackedJob> jobs = new ArrayList<>(JobReader.readTracked(section(sections, "job")));
    Optional<String> records = Optional.ofNullable(sections.get("records"));
    records.ifPresent(text -> addForgotten(jobs, records(text)));
    ZoneOffset zone = ZoneOffset.of(clock.group(2));
    Optional<String> ended = Optional.ofNullable(sections.get("ended"));
    ended.ifPresent(text -> addForgotten(jobs, new CompletionReader(zone).read(text)));
    jobs.sort(Comparator.comparing(tracked -> tracked.job().id()));
    return new JobHistory(
        match(VERSION, sections, "version").group(1),
        NodeReader.read(section(sections, "node")),
        jobs,
        Instant.ofEpochMilli(Long.parseLong(clock.group(1))),
        zone,
        match(LOG, sections, "config").group(1),
        records.isPresent(),
        Optional.ofNullable(sections.get("silence")).map(String::strip),
        ended.isPresent());
  }

  private static Matcher match(Pattern pattern, Map<String, String> sections, String name) {
    String text = section(sections, name);
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new SlurmClusterException(
          "The history of the cluster cannot be read: its controller answered '%s' about its %s"
              .formatted(text.strip(), name));
    }
    return matcher;
  }

  private static String section(Map<String, String> sections, String name) {
    return sections.getOrDefault(name, "");
  }

  /** Adds jobs that slurmctld does not have. Its own have more data than other records. */
  private static void addForgotten(List<TrackedJob> jobs, Collection<TrackedJob> records) {
    Set<JobId> known = new HashSet<>();
    jobs.forEach(tracked -> known.add(tracked.job().id()));
    records.stream().filter(tracked -> known.add(tracked.job().id())).forEach(jobs::add);
  }

  private static List<TrackedJob> records(String answer) {
    List<TrackedJob> jobs = new ArrayList<>();
    for (String line : answer.lines().filter(each -> !each.isEmpty()).toList()) {
      String[] fields = line.split("\\|", OWN + 1);
      List<JobRecord> records = fields.length > OWN ? RecordReader.read(fields[OWN]) : List.of();
      if (records.isEmpty()) {
        throw new SlurmClusterException(
            "sacct was asked for jobs and answered '%s', which is not a record".formatted(line));
      }
      TrackableResources resources =
          TrackableResources.of(
              ScontrolRecord.something(fields[0]), ScontrolRecord.something(fields[1]));
      JobRecord record = records.get(0);
      Job job = RecordReader.job(record);
      jobs.add(
          new TrackedJob(
              withReason(job, ScontrolRecord.something(fields[2]).orElse(job.reason())),
              record.account(),
              resources.cpus(),
              resources.memory(),
              resources.gpus()));
    }
    return jobs;
  }

  private static Job withReason(Job job, String reason) {
    return new Job(
        job.id(),
        job.name(),
        job.user(),
        job.state(),
        reason,
        job.exit(),
        job.partition(),
        job.nodes(),
        job.waitingTasks(),
        job.dependency(),
        job.submitted(),
        job.started(),
        job.ended(),
        job.stdout(),
        job.stderr(),
        job.directory(),
        job.command(),
        job.comment());
  }
}
