/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import io.github.slurmmaven.mock.command.Squeue.Row;
import io.github.slurmmaven.mock.job.HostList;
import io.github.slurmmaven.mock.job.JobRecord;
import io.github.slurmmaven.mock.job.JobRequest;
import io.github.slurmmaven.mock.job.OutputFiles;
import io.github.slurmmaven.mock.job.Times;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A job as {@code scontrol show job} writes it. */
final class JobDetails {

  private final SlurmContext slurm;
  private final Squeue squeue;

  JobDetails(SlurmContext slurm) {
    this.slurm = slurm;
    squeue = new Squeue(slurm);
  }

  List<String> lines(Row row) {
    JobRecord job = row.job();
    JobRequest request = job.request();
    boolean isNew = slurm.release().isNew();
    boolean allocated = slurm.allocated(job).isPresent();
    Instant now = slurm.now();
    String tres = tres(job);
    List<String> lines = new ArrayList<>();
    lines.add("JobId=%d %sJobName=%s".formatted(job.number(), array(row), job.name()));
    lines.add("   UserId=%s(1000) GroupId=%1$s(1000) MCS_label=N/A".formatted(job.user()));
    lines.add(
        "   Priority=%d Nice=%d Account=%s QOS=%s"
            .formatted(squeue.priority(job), job.nice(), job.account(), job.qos()));
    lines.add(
        "   JobState=%s Reason=%s Dependency=%s"
            .formatted(
                job.state(),
                job.reason(),
                job.dependencyText().isEmpty() ? "(null)" : job.dependencyText()));
    lines.add(
        "   Requeue=%d Restarts=%d BatchFlag=%d Reboot=0 ExitCode=%s"
            .formatted(
                request.has("no-requeue") ? 0 : 1,
                job.restarts(),
                request.isBatch() ? 1 : 0,
                job.exit()));
    lines.add(
        "   RunTime=%s TimeLimit=%s TimeMin=N/A"
            .formatted(Times.full(job.runTime(now)), Times.full(job.limit())));
    Optional<Instant> eligible = job.eligibleTime();
    lines.add(
        "   SubmitTime=%s EligibleTime=%s".formatted(Times.time(job.submitted()), time(eligible)));
    lines.add("   AccrueTime=" + (request.isBatch() ? time(eligible) : "Unknown"));
    Optional<Instant> end =
        job.endTime().or(() -> job.startTime().map(start -> start.plus(job.limit())));
    lines.add(
        "   StartTime=%s EndTime=%s Deadline=%s"
            .formatted(
                time(job.startTime()),
                time(end),
                request.deadline().map(Times::time).orElse("N/A")));
    lines.add(
        "   SuspendTime=None SecsPreSuspend=0 LastSchedEval=%s Scheduler=Main"
            .formatted(Times.time(job.startTime().orElse(job.submitted()))));
    lines.add(
        "   Partition=%s AllocNode:Sid=%s:1"
            .formatted(job.partition(), slurm.topology().controller()));
    lines.add(
        "   ReqNodeList=%s ExcNodeList=%s"
            .formatted(request.option("nodelist", "(null)"), request.option("exclude", "(null)")));
    lines.add("   NodeList=" + slurm.allocated(job).orElse(""));
    if (allocated) {
      lines.add("   BatchHost=" + slurm.topology().controller());
    }
    int nodes = request.nodes(slurm.topology());
    boolean waits = !allocated && !job.hasEnded() && job.eligibleTime().isEmpty();
    lines.add(
        "   NumNodes=%s NumCPUs=%d NumTasks=%s CPUs/Task=%d ReqB:S:C:T=0:0:*:*"
            .formatted(
                waits && (request.nodesGiven() || (isNew && !request.cpusPerTaskGiven()))
                    ? nodes + "-" + nodes
                    : Integer.toString(nodes),
                request.cpus(),
                isNew && job.wasCancelledWaiting() ? "N/A" : Integer.toString(request.tasks()),
                request.cpusPerTask()));
    if (isNew) {
      lines.add("   ReqTRES=" + tres);
      lines.add("   AllocTRES=" + (allocated ? tres : "(null)"));
    } else {
      lines.add("   TRES=" + tres);
    }
    lines.add("   Socks/Node=* NtasksPerN:B:S:C=0:0:*:* CoreSpec=*");
    lines.add(
        "   MinCPUsNode=%d %s MinTmpDiskNode=0"
            .formatted(
                request.cpusPerTask(),
                request
                    .memoryPerNode()
                    .map(each -> "MinMemoryNode=" + JobRequest.memoryText(each))
                    .orElse("MinMemoryCPU=" + JobRequest.memoryText(request.memoryPerCpu()))));
    lines.add(
        "   Features=%s DelayBoot=00:00:00".formatted(request.option("constraint", "(null)")));
    lines.add(
        "   OverSubscribe=%s Contiguous=0 Licenses=(null) Network=(null)"
            .formatted(
                request.has("exclusive") ? "NO" : request.has("oversubscribe") ? "YES" : "OK"));
    lines.add("   Command=" + request.command());
    lines.add("   WorkDir=" + job.directory());
    if (!job.comment().isEmpty()) {
      lines.add("   Comment=%s ".formatted(job.comment()));
    }
    if (request.isBatch()) {
      OutputFiles files = slurm.jobs().outputFiles();
      boolean group = row.isGroup() && row.jobs().size() > 1;
      lines.add("   StdErr=" + files.shown(job, "error", group));
      lines.add("   StdIn=" + request.option("input", "/dev/null"));
      lines.add("   StdOut=" + files.shown(job, "output", group));
    }
    if (!isNew) {
      lines.add("   Power=");
    }
    if (request.cpusPerTaskGiven() && isNew) {
      lines.add("   TresPerTask=cpu=" + request.cpusPerTask());
    }
    request.option("gpus").ifPresent(gpus -> lines.add("   TresPerJob=gres/gpu:" + gpus));
    request.option("gres").ifPresent(gres -> lines.add("   TresPerNode=gres/" + gres));
    if (request.has("mail-type")) {
      lines.add(
          "   MailUser=%s MailType=%s"
              .formatted(
                  request.option("mail-user", job.user()), request.option("mail-type", "NONE")));
    }
    lines.add("   ");
    return lines;
  }

  private static String array(Row row) {
    JobRecord job = row.job();
    if (job.task().isEmpty()) {
      return "";
    }
    String tasks =
        row.isGroup()
            ? HostList.compressNumbers(
                row.jobs().stream().map(each -> each.task().orElse(0)).toList())
            : Integer.toString(job.task().getAsInt());
    return "ArrayJobId=%d ArrayTaskId=%s ".formatted(job.arrayNumber(), tasks);
  }

  private static String time(Optional<Instant> time) {
    return time.map(Times::time).orElse("Unknown");
  }

  private String tres(JobRecord job) {
    JobRequest request = job.request();
    int gpus = request.gpuCount();
    return "cpu=%d,mem=%s,node=%d,billing=%1$d%s"
        .formatted(
            request.cpus(),
            JobRequest.memoryText(request.memory(slurm.topology())),
            request.nodes(slurm.topology()),
            gpus == 0 ? "" : ",gres/gpu=" + gpus);
  }
}
