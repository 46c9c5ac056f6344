/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.SlurmClusterException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads jobs from {@code scontrol --oneliner show job}. Fields that users fill (JobName, Command,
 * WorkDir, Comment, StdOut and the like) may contain any text, so they are found by the fields
 * around them.
 */
final class JobReader {

  private static final Pattern BEGIN =
      Pattern.compile("JobId=\\d+ (?:ArrayJobId=|HetJobId=|JobName=)");

  /** Fields that may follow the files. */
  private static final String AFTER_FILES =
      "Power|SegmentSize|Switches|BurstBuffer\\w*|OOMKillStep|MemPerTres|MailUser|CpusPerTres"
          + "|Tres\\w+|NtasksPerTRES|Container\\w*|SELinuxContext|ResvPorts";

  /** One of these fields ends the working directory. */
  private static final String AFTER_DIRECTORY =
      "AdminComment|SystemComment|Comment|Extra|StdErr|" + AFTER_FILES;

  /**
   * Since 25.11 there are an SLUID and the command line of the submission, which repeats users'
   * texts. So the working directory is the first one after which the record continues as it must.
   */
  private static final Pattern RECORD =
      Pattern.compile(
          "JobId=(?<id>\\d+)(?: ArrayJobId=(?<array>\\d+) ArrayTaskId=(?<task>\\S+)(?:"
              + " ArrayTaskThrottle=\\d+)?)?(?: HetJobId=(?<het>\\d+)"
              + " HetJobOffset=(?<component>\\d+))? JobName=(?<name>.*?)(?: SLUID=\\S*)?(?:"
              + " HetJobIdSet=\\S*)? UserId=(?<user>[^\\s(]+)\\(\\d+\\) GroupId=\\S+ MCS_label=\\S+"
              + " Priority=\\d+ (?<system>.*? JobState=(?<state>\\S+) Reason=(?<reason>.*?)(?:"
              + " FailedNode=\\S*)? Dependency=(?<dependency>\\S*) .*?)(?:"
              + " Command=(?<command>.*?)(?: SubmitLine=.*?)?)? WorkDir=(?<own>(?:(?!"
              + " WorkDir=).)*?(?:\\s(?:"
              + AFTER_DIRECTORY
              + ")=.*)?)",
          Pattern.DOTALL);

  /**
   * The fields after the working directory: users' texts, then the files, then the system's fields.
   */
  private static final Pattern OWN =
      Pattern.compile(
          "(?<directory>.*?)"
              + "(?:\\s+(?:AdminComment|SystemComment|BurstBuffer|Container|ContainerID)=.*?)*"
              + "(?:\\s+Comment=(?<comment>.*?))?"
              + "(?:\\s+(?:AdminComment|SystemComment|Extra)=.*?)*"
              + "(?:\\s+StdErr=(?<stderr>.*) StdIn=.* StdOut=(?<stdout>.*?))?"
              + "(?:\\s+(?:"
              + AFTER_FILES
              + ")=.*)?\\s*",
          Pattern.DOTALL);

  /** Slurm's value of an array task's number if the record stands for several tasks, or none. */
  private static final String NO_TASK = "4294967294";

  private JobReader() {}

  static List<Job> read(String answer) {
    return ScontrolRecord.split(answer, BEGIN).stream().map(JobReader::job).toList();
  }

  /** Reads jobs with their resources, which needs {@code --details}. */
  static List<TrackedJob> readTracked(String answer) {
    return ScontrolRecord.split(answer, BEGIN).stream().map(JobReader::tracked).toList();
  }

  private static TrackedJob tracked(ScontrolRecord record) {
    Matcher fields = record.match(RECORD);
    ScontrolRecord system = new ScontrolRecord(fields.group("system"));
    // 22.05 has one list, and without accounting Slurm does not track GPUs.
    TrackableResources resources =
        TrackableResources.of(
                system.word("AllocTRES"), system.word("ReqTRES").or(() -> system.word("TRES")))
            .withGpus(NodeReader.gpuCount(system.word("JOB_GRES").orElse("")));
    return new TrackedJob(
        job(fields),
        system.word("Account").orElse(""),
        resources.cpus(),
        resources.memory(),
        resources.gpus());
  }

  private static Job job(ScontrolRecord record) {
    return job(record.match(RECORD));
  }

  private static Job job(Matcher fields) {
    Matcher own = new ScontrolRecord(fields.group("own")).match(OWN);
    ScontrolRecord system = new ScontrolRecord(fields.group("system"));
    Optional<String> task = Optional.ofNullable(fields.group("task"));
    boolean oneTask =
        task.filter(text -> text.matches("\\d+") && !text.equals(NO_TASK)).isPresent();
    return new Job(
        id(fields, oneTask),
        fields.group("name"),
        fields.group("user"),
        JobState.of(fields.group("state"))
            .orElseThrow(
                () ->
                    new SlurmClusterException(
                        "Job %s is in state '%s', which is not known"
                            .formatted(fields.group("id"), fields.group("state")))),
        fields.group("reason"),
        exit(system.word("ExitCode").orElse("0:0")),
        system.word("Partition").orElse(""),
        system.word("NodeList"),
        task.filter(text -> !oneTask && !text.equals(NO_TASK)),
        ScontrolRecord.something(fields.group("dependency")),
        system.time("SubmitTime"),
        system.time("StartTime"),
        system.time("EndTime"),
        file(own.group("stdout")),
        // Since 25.11, StdErr is empty if both streams go to the same file.
        file(own.group("stderr")).or(() -> file(own.group("stdout"))),
        ScontrolRecord.something(own.group("directory")),
        ScontrolRecord.something(fields.group("command")),
        ScontrolRecord.something(own.group("comment")));
  }

  private static JobId id(Matcher fields, boolean oneTask) {
    if (fields.group("het") != null) {
      return JobId.component(
          Long.parseLong(fields.group("het")), Integer.parseInt(fields.group("component")));
    }
    if (fields.group("array") == null) {
      return JobId.of(Long.parseLong(fields.group("id")));
    }
    long array = Long.parseLong(fields.group("array"));
    return oneTask ? JobId.task(array, Integer.parseInt(fields.group("task"))) : JobId.of(array);
  }

  private static Job.Exit exit(String text) {
    int colon = text.indexOf(':');
    return new Job.Exit(
        Integer.parseInt(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
  }

  private static Optional<String> file(@Nullable String path) {
    return ScontrolRecord.something(path).filter(text -> !text.contains(NO_TASK));
  }
}
