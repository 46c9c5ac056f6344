/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.mock.job.HostList;
import io.github.slurmmaven.mock.job.JobRecord;
import io.github.slurmmaven.mock.job.JobRequest;
import io.github.slurmmaven.mock.job.Refusal;
import io.github.slurmmaven.mock.job.Times;
import io.github.slurmmaven.mock.job.Topology;
import io.github.slurmmaven.mock.job.Topology.Node;
import io.github.slurmmaven.mock.shell.Call;
import io.github.slurmmaven.resource.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code scontrol}. */
final class Scontrol {

  private final SlurmContext slurm;
  private final Instant boot;

  Scontrol(SlurmContext slurm) {
    this.slurm = slurm;
    boot = slurm.now();
  }

  int run(Call call) throws IOException {
    boolean oneLine = false;
    List<String> words = new ArrayList<>();
    for (String argument : call.arguments()) {
      switch (argument) {
        case "--version", "-V" -> {
          call.say("slurm-wlm " + slurm.release().version());
          return 0;
        }
        case "-o", "--oneliner" -> oneLine = true;
        case "-h", "--help" -> {
          call.say("scontrol [<OPTION>] [<COMMAND>]");
          return 0;
        }
        case "-a", "--all", "-d", "-dd", "--details", "-Q", "--quiet", "-v", "--verbose" -> {}
        default -> {
          String option = argument.replaceFirst("=.*", "");
          if (slurm.known().knows("scontrol", "option", option)) {
            return slurm.refuse(call, slurm.notMocked(option));
          }
          if (argument.startsWith("--")) {
            call.complain("scontrol: unrecognized option '%s'".formatted(argument));
            call.complain("Try \"scontrol --help\" for more information");
            return 1;
          }
          words.add(argument);
        }
      }
    }
    if (words.isEmpty()) {
      call.out().print("scontrol: \n");
      return 0;
    }
    try {
      return run(call, words.get(0), words.subList(1, words.size()), oneLine);
    } catch (Refusal refusal) {
      return slurm.refuse(call, refusal);
    }
  }

  private int run(Call call, String keyword, List<String> words, boolean oneLine)
      throws Refusal, IOException {
    return switch (keyword) {
      case "show" -> show(call, words, oneLine);
      case "hold", "uhold", "release", "requeue", "requeuehold", "suspend", "resume" -> {
        if (words.isEmpty()) {
          throw Refusal.raw(1, "too few arguments for keyword:" + keyword);
        }
        yield each(call, keyword, words);
      }
      case "update" -> update(call, words);
      case "write" -> write(call, words);
      case "ping" -> {
        call.say("Slurmctld(primary) at %s is UP".formatted(slurm.topology().controller()));
        yield 0;
      }
      case "reconfigure" -> 0;
      case "version" -> {
        call.say("slurm-wlm " + slurm.release().version());
        yield 0;
      }
      default -> throw unknown("keyword", keyword, Refusal.raw(1, "invalid keyword: " + keyword));
    };
  }

  private int show(Call call, List<String> words, boolean oneLine) throws Refusal {
    if (words.isEmpty()) {
      throw Refusal.raw(1, "too few arguments for keyword:show");
    }
    int equals = words.get(0).indexOf('=');
    String entity = equals < 0 ? words.get(0) : words.get(0).substring(0, equals);
    Optional<String> id =
        equals >= 0
            ? Optional.of(words.get(0).substring(equals + 1))
            : words.size() > 1 ? Optional.of(words.get(1)) : Optional.empty();
    return switch (entity.toLowerCase(Locale.ROOT)) {
      case "job", "jobs", "jobid" -> showJobs(call, id, oneLine);
      case "node", "nodes", "nodename" -> showNodes(call, id, oneLine);
      case "partition", "partitions", "partitionname" -> showPartitions(call, id, oneLine);
      case "config", "configuration" -> showConfig(call);
      case "hostnames", "hostname" -> {
        HostList.expand(id.orElse("")).forEach(call::say);
        yield 0;
      }
      case "hostlist", "hostlistsorted" -> {
        call.say(HostList.compress(List.of(id.orElse("").split(",", -1))));
        yield 0;
      }
      default ->
          throw unknown(
              "show",
              entity,
              Refusal.raw(1, "invalid entity:%s for keyword:show ".formatted(words.get(0))));
    };
  }

  /** Returns the refusal of an unknown word: the mock's limit, or Slurm's message. */
  private Refusal unknown(String kind, String word, Refusal mistake) {
    if (!slurm.known().knows("scontrol", kind, word)) {
      return mistake;
    }
    return slurm.notMocked(
        switch (kind) {
          case "keyword" -> word;
          case "attribute" -> "update of " + word;
          default -> kind + " " + word;
        });
  }

  private int showJobs(Call call, Optional<String> id, boolean oneLine) throws Refusal {
    if (id.isPresent() && !id.get().matches("\\d+(_\\d+)?")) {
      throw Refusal.raw(1, "scontrol_print_job error: Invalid job id specified");
    }
    List<Squeue.Row> rows = slurm.jobs().read(() -> rows(id));
    if (rows.isEmpty() && id.isPresent()) {
      int underscore = id.get().indexOf('_');
      boolean array =
          underscore > 0
              && !slurm
                  .jobs()
                  .read(() -> slurm.jobs().find(id.get().substring(0, underscore)))
                  .isEmpty();
      if (array) {
        call.say("Job " + id.get() + " not found");
        return 1;
      }
      throw Refusal.raw(1, "slurm_load_jobs error: Invalid job id specified");
    }
    if (rows.isEmpty()) {
      call.say("No jobs in the system");
    }
    JobDetails text = new JobDetails(slurm);
    for (Squeue.Row row : rows) {
      call.out().print(joined(slurm.jobs().read(() -> text.lines(row)), oneLine, true));
    }
    return 0;
  }

  private List<Squeue.Row> rows(Optional<String> id) {
    List<JobRecord> jobs =
        id.map(each -> slurm.jobs().find(each)).orElseGet(() -> slurm.jobs().all());
    List<Squeue.Row> rows = new ArrayList<>();
    boolean group = id.isEmpty() || !id.get().contains("_");
    for (JobRecord job : jobs) {
      Squeue.Row row = new Squeue.Row(new ArrayList<>(List.of(job)));
      Optional<Squeue.Row> same =
          rows.stream()
              .filter(other -> group && row.isGroup() && other.isGroup())
              .filter(other -> other.job().arrayNumber() == job.arrayNumber())
              .filter(other -> other.job().state() == job.state())
              .findFirst();
      if (same.isPresent()) {
        same.get().jobs().add(job);
      } else {
        rows.add(row);
      }
    }
    return rows;
  }

  /** Records end with an empty line; on one line, the indentation becomes a blank. */
  private static String joined(List<String> lines, boolean oneLine, boolean blankLine) {
    if (oneLine) {
      return String.join(" ", lines.stream().map(line -> line.replaceFirst("^ +", "")).toList())
          + "\n";
    }
    return String.join("\n", lines) + (blankLine ? "\n\n" : "\n");
  }

  private int showNodes(Call call, Optional<String> id, boolean oneLine) {
    List<String> names = id.map(HostList::expand).orElseGet(() -> slurm.topology().nodeNames());
    for (String name : names) {
      Optional<Node> node = slurm.topology().node(name);
      if (node.isEmpty()) {
        call.say("Node " + name + " not found");
        return 1;
      }
      call.out().print(joined(slurm.jobs().read(() -> nodeLines(node.get())), oneLine, true));
    }
    return 0;
  }

  private List<String> nodeLines(Node node) {
    boolean isNew = slurm.release().isNew();
    Topology topology = slurm.topology();
    int used = Sinfo.allocated(slurm, node);
    long memory = 0;
    for (JobRecord job : slurm.jobs().all()) {
      if (job.state() == JobState.RUNNING
          && HostList.expand(slurm.nodesOf(job)).contains(node.name())) {
        memory += job.request().memory(topology) / job.request().nodes(topology);
      }
    }
    String state =
        switch (Sinfo.state(slurm, node)) {
          case "idle" -> "IDLE";
          case "mixed" -> "MIXED";
          case "allocated" -> "ALLOCATED";
          case "drained" -> "IDLE+DRAIN";
          case "draining" -> "MIXED+DRAIN";
          default -> "DOWN";
        };
    String mem = JobRequest.memoryText(topology.memory());
    String gpus = topology.gpus() == 0 ? "" : ",gres/gpu=" + topology.gpus();
    List<String> lines = new ArrayList<>();
    lines.add("NodeName=%s Arch=x86_64 CoresPerSocket=1 ".formatted(node.name()));
    lines.add(
        "   CPUAlloc=%d CPUEfctv=%d CPUTot=%2$d CPULoad=0.00".formatted(used, topology.cpus()));
    lines.add("   AvailableFeatures=(null)");
    lines.add("   ActiveFeatures=(null)");
    lines.add("   Gres=" + (topology.gpus() == 0 ? "(null)" : "gpu:" + topology.gpus()));
    lines.add(
        "   NodeAddr=%s NodeHostName=%1$s Version=%s"
            .formatted(node.name(), slurm.release().version()));
    lines.add("   OS=Linux ");
    lines.add(
        "   RealMemory=%d AllocMem=%d FreeMem=%1$d Sockets=%d Boards=1"
            .formatted(topology.memory(), memory, topology.cpus()));
    lines.add(
        "   State=%s ThreadsPerCore=1 TmpDisk=0 Weight=1 Owner=N/A MCS_label=N/A".formatted(state));
    lines.add("   Partitions=%s ".formatted(String.join(",", topology.partitions())));
    lines.add("   BootTime=%s SlurmdStartTime=%1$s".formatted(Times.time(boot)));
    lines.add("   LastBusyTime=" + Times.time(boot) + (isNew ? " ResumeAfterTime=None" : ""));
    lines.add("   CfgTRES=cpu=%d,mem=%s,billing=%1$d%s".formatted(topology.cpus(), mem, gpus));
    lines.add(
        "   AllocTRES="
            + (used == 0 ? "" : "cpu=%d,mem=%s".formatted(used, JobRequest.memoryText(memory))));
    if (isNew) {
      lines.add("   CurrentWatts=0 AveWatts=0");
      lines.add("   ");
    } else {
      lines.add("   CapWatts=n/a");
      lines.add("   CurrentWatts=0 AveWatts=0");
      lines.add("   ExtSensorsJoules=n/s ExtSensorsWatts=0 ExtSensorsTemp=n/s");
    }
    if (node.down().isPresent()) {
      lines.add(
          lines.size() - (isNew ? 1 : 0),
          "   Reason=%s [root@%s]".formatted(node.reason(), Times.time(slurm.now())));
    }
    return lines;
  }

  private int showPartitions(Call call, Optional<String> id, boolean oneLine) {
    if (id.isPresent() && !slurm.topology().partitions().contains(id.get())) {
      call.say("Partition " + id.get() + " not found");
      return 1;
    }
    for (String name : slurm.topology().partitions()) {
      if (id.isEmpty() || id.get().equals(name)) {
        call.out().print(joined(partitionLines(name), oneLine, true));
      }
    }
    return 0;
  }

  private List<String> partitionLines(String name) {
    boolean isNew = slurm.release().isNew();
    Topology topology = slurm.topology();
    int nodes = topology.nodeNames().size();
    boolean isDefault = name.equals(topology.partitions().get(0));
    return List.of(
        "PartitionName=" + name,
        "   AllowGroups=ALL AllowAccounts=ALL AllowQos=ALL",
        "   AllocNodes=ALL Default=%s QoS=N/A".formatted(isDefault ? "YES" : "NO"),
        "   DefaultTime=NONE DisableRootJobs=NO ExclusiveUser=NO%s GraceTime=0 Hidden=NO"
            .formatted(isNew ? " ExclusiveTopo=NO" : ""),
        "   MaxNodes=UNLIMITED MaxTime=%s MinNodes=0 LLN=NO MaxCPUsPerNode=UNLIMITED%s"
            .formatted(Times.full(topology.maxTime()), isNew ? " MaxCPUsPerSocket=UNLIMITED" : ""),
        "   Nodes=" + HostList.compress(topology.nodeNames()),
        "   PriorityJobFactor=1 PriorityTier=1 RootOnly=NO ReqResv=NO OverSubscribe=NO",
        "   OverTimeLimit=NONE PreemptMode=OFF",
        "   State=UP TotalCPUs=%d TotalNodes=%d SelectTypeParameters=NONE"
            .formatted(nodes * topology.cpus(), nodes),
        "   JobDefaults=(null)",
        "   DefMemPerCPU=1024 MaxMemPerNode=UNLIMITED",
        "   TRES=cpu=%d,mem=%s,node=%d,billing=%1$d"
            .formatted(
                nodes * topology.cpus(),
                JobRequest.memoryText((long) nodes * topology.memory()),
                nodes));
  }

  private int showConfig(Call call) {
    call.out()
        .print(
            Resources.text(Scontrol.class, "config-" + slurm.release().line() + ".txt")
                .replace("{now}", Times.time(slurm.now()))
                .replace("{boot}", Times.time(boot))
                .replace("{cluster}", Topology.CLUSTER)
                .replaceFirst("(FirstJobId +=) 1", "$1 " + slurm.jobs().first())
                .replace("{next}", Long.toString(slurm.jobs().next()))
                .replace("{host}", slurm.topology().controller())
                .replace("{nodes}", Integer.toString(slurm.topology().nodeNames().size())));
    return 0;
  }

  private int each(Call call, String keyword, List<String> words) {
    List<String> ids =
        words.stream()
            .flatMap(word -> Arrays.stream(word.replaceFirst("(?i)^jobid=", "").split(",", -1)))
            .toList();
    return slurm
        .jobs()
        .read(
            () -> {
              int status = 0;
              for (String id : ids) {
                List<JobRecord> found = slurm.jobs().find(id);
                status |= found.isEmpty() ? unknown(call, keyword, id) : 0;
                for (JobRecord job : found) {
                  status |= one(call, keyword, job);
                }
              }
              return status;
            });
  }

  private static int unknown(Call call, String keyword, String id) {
    call.complain("Invalid job id specified for job " + id);
    if (!keyword.startsWith("requeue")) {
      call.complain("slurm_suspend error: Invalid job id specified");
    }
    return 1;
  }

  private int one(Call call, String keyword, JobRecord job) {
    switch (keyword) {
      case "hold", "uhold" -> {
        if (job.hasEnded()) {
          call.complain("Job/step already completing or completed for job " + job.number());
          call.complain("slurm_suspend error: Job/step already completing or completed");
          return 1;
        }
        job.hold();
      }
      case "release" -> {
        if (job.hasEnded()) {
          call.complain("Job/step already completing or completed for job " + job.number());
          call.complain("slurm_suspend error: Job/step already completing or completed");
          return 1;
        }
        job.release(slurm.now());
      }
      case "requeue", "requeuehold" -> {
        if (job.state().isWaiting()) {
          call.complain("Job is pending execution for job " + job.number());
          return 1;
        }
        job.requeue(slurm.now());
        if (keyword.equals("requeuehold")) {
          job.hold();
        }
      }
      default -> {
        call.complain("Access/permission denied for job " + job.number());
        return 1;
      }
    }
    return 0;
  }

  private int update(Call call, List<String> words) throws Refusal {
    if (words.isEmpty()) {
      throw Refusal.raw(1, "too few arguments for update keyword");
    }
    List<String> pairs = new ArrayList<>(words);
    // "update job 12 …" is "update JobId=12 …".
    if (pairs.get(0).matches("(?i)job(id)?") && pairs.size() > 1) {
      pairs.remove(0);
      pairs.set(0, "JobId=" + pairs.get(0));
    }
    String first = pairs.get(0).toLowerCase(Locale.ROOT);
    if (first.matches("job(id)?=.*")) {
      return updateJob(pairs);
    }
    if (first.startsWith("nodename=")) {
      return updateNode(call, pairs);
    }
    throw unknown(
        "update",
        pairs.get(0).replaceFirst("=.*", ""),
        Refusal.raw(
            1,
            "No valid entity in update command",
            "Input line must include \"NodeName\", \"PartitionName\", \"Reservation\", \"JobId\","
                + " or \"SlurmctldDebug\""));
  }

  private int updateJob(List<String> pairs) throws Refusal {
    String id = value(pairs.get(0));
    if (pairs.size() == 1) {
      throw Refusal.raw(1, "No changes specified");
    }
    List<JobRecord> found = slurm.jobs().read(() -> slurm.jobs().find(id));
    for (String pair : pairs.subList(1, pairs.size())) {
      if (pair.toLowerCase(Locale.ROOT).startsWith("partition=")
          && !found.isEmpty()
          && !slurm.topology().partitions().contains(value(pair))) {
        throw Refusal.raw(1, "Invalid partition name specified for job " + id);
      }
      if (found.isEmpty()) {
        throw Refusal.raw(1, "Invalid job id specified for job " + id);
      }
      for (JobRecord job : found) {
        String attribute = pair.replaceFirst("=.*", "").toLowerCase(Locale.ROOT);
        boolean[] known = {false};
        slurm.jobs().change(() -> known[0] = job.update(attribute, value(pair)));
        if (!known[0]) {
          throw unknown(
              "attribute",
              attribute,
              Refusal.raw(
                  1, "Update of this parameter is not supported: " + pair, "Request aborted"));
        }
      }
    }
    return 0;
  }

  private static String value(String pair) {
    return pair.substring(pair.indexOf('=') + 1);
  }

  private int updateNode(Call call, List<String> pairs) throws Refusal {
    String state = "";
    String reason = "none";
    for (String pair : pairs.subList(1, pairs.size())) {
      state = pair.toLowerCase(Locale.ROOT).startsWith("state=") ? value(pair) : state;
      reason = pair.toLowerCase(Locale.ROOT).startsWith("reason=") ? value(pair) : reason;
    }
    String wanted = state.toLowerCase(Locale.ROOT);
    if (!call.user().equals("root")) {
      throw Refusal.raw(1, "slurm_update error: Invalid user id");
    }
    for (String name : HostList.expand(value(pairs.get(0)))) {
      Node node =
          slurm
              .topology()
              .node(name)
              .orElseThrow(() -> Refusal.raw(1, "slurm_update error: Invalid node name specified"));
      switch (wanted) {
        case "drain", "down" -> node.takeOut(wanted, reason);
        case "resume", "idle" -> node.resume();
        default -> throw Refusal.raw(1, "Invalid input: State=" + state, "Request aborted");
      }
    }
    return 0;
  }

  /** {@code scontrol write batch_script id [file]}. */
  private int write(Call call, List<String> words) throws Refusal, IOException {
    if (words.size() < 2 || !words.get(0).equals("batch_script")) {
      throw Refusal.raw(1, "invalid keyword: write");
    }
    String id = words.get(1);
    List<JobRecord> found = slurm.jobs().read(() -> slurm.jobs().find(id));
    if (found.isEmpty()) {
      throw Refusal.raw(0, "job script retrieval failed: Invalid job id specified");
    }
    String script = found.get(0).request().script();
    String file = words.size() > 2 ? words.get(2) : "slurm-" + id + ".sh";
    if (file.equals("-")) {
      call.out().print(script);
    } else {
      Files.writeString(call.file(file), script, StandardCharsets.UTF_8);
      call.say("batch script for job %s written to %s".formatted(id, file));
    }
    return 0;
  }
}
