/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.mock.command.Getopt.Parsed;
import io.github.slurmmaven.mock.job.HostList;
import io.github.slurmmaven.mock.job.JobRecord;
import io.github.slurmmaven.mock.job.Refusal;
import io.github.slurmmaven.mock.shell.Call;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code scancel}. */
final class Scancel {

  private final SlurmContext slurm;

  Scancel(SlurmContext slurm) {
    this.slurm = slurm;
  }

  int run(Call call) throws IOException {
    return slurm.run(call, false, 1, parsed -> run(call, parsed));
  }

  private int run(Call call, Parsed parsed) throws Refusal {
    boolean filtered =
        parsed.has(
            "user",
            "me",
            "name",
            "jobname",
            "state",
            "partition",
            "account",
            "qos",
            "nodelist",
            "reservation");
    if (parsed.operands().isEmpty() && !filtered) {
      throw Refusal.raw(1, "!No job identification provided");
    }
    for (String id : parsed.operands()) {
      if (!id.matches("\\d+(_(\\d+|\\[.*]))?(\\.\\w+)?([+]\\d+)?")) {
        throw Refusal.raw(1, "!Invalid job id " + id);
      }
    }
    Optional<String> user = parsed.value("user");
    if (user.isPresent() && !user.get().equals(call.user()) && !user.get().equals("root")) {
      throw Refusal.raw(1, "!Invalid user name: " + user.get());
    }
    return slurm
        .jobs()
        .read(
            () -> {
              int status = 0;
              for (String id : parsed.operands()) {
                status = Math.max(status, byId(call, parsed, id));
              }
              if (parsed.operands().isEmpty()) {
                matching(parsed).forEach(job -> cancel(call, parsed, job));
              }
              return status;
            });
  }

  private int byId(Call call, Parsed parsed, String id) {
    List<JobRecord> found = new ArrayList<>();
    int bracket = id.indexOf('[');
    if (bracket > 0) {
      String number = id.substring(0, bracket);
      HostList.Ranges.expand(id.substring(bracket + 1, id.length() - 1))
          .forEach(task -> found.addAll(slurm.jobs().find(number + task)));
    } else {
      found.addAll(slurm.jobs().find(id.replaceAll("\\..*|\\+.*", "")));
    }
    Optional<String> signal = parsed.value("signal");
    if (found.isEmpty()) {
      // Without --signal, a job that is unknown is as good as cancelled.
      if (signal.isPresent() && !parsed.has("quiet")) {
        call.complain(
            "scancel: error: Kill job error on job id %s: Invalid job id specified".formatted(id));
        return 1;
      }
      return 0;
    }
    found.forEach(job -> cancel(call, parsed, job));
    return 0;
  }

  private List<JobRecord> matching(Parsed parsed) {
    Optional<String> name = parsed.value("name").or(() -> parsed.value("jobname"));
    Optional<JobState> state = parsed.value("state").flatMap(JobState::of);
    Optional<String> partition = parsed.value("partition");
    Optional<String> account = parsed.value("account");
    return slurm.jobs().all().stream()
        .filter(job -> !job.hasEnded())
        .filter(job -> name.isEmpty() || name.get().equals(job.name()))
        .filter(job -> state.isEmpty() || state.get() == job.state())
        .filter(job -> partition.isEmpty() || partition.get().equals(job.partition()))
        .filter(job -> account.isEmpty() || account.get().equals(job.account()))
        .toList();
  }

  private void cancel(Call call, Parsed parsed, JobRecord job) {
    if (parsed.has("verbose")) {
      call.complain("scancel: Terminating job " + job.id());
    }
    if (job.hasEnded()) {
      if (parsed.has("verbose")) {
        call.complain(
            "scancel: error: Kill job error on job id %s: Job/step already completing or completed"
                .formatted(job.id()));
      }
      return;
    }
    Optional<String> signal = parsed.value("signal");
    boolean ends =
        signal.isEmpty()
            || signal.get().replaceFirst("^SIG", "").matches("(?i)9|15|KILL|TERM|INT|2");
    if (ends) {
      job.cancel(slurm.now());
    }
  }
}
