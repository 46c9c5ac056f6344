/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import io.github.slurmmaven.mock.command.Getopt.Option;
import io.github.slurmmaven.mock.command.Getopt.Parsed;
import io.github.slurmmaven.mock.command.Getopt.UsageException;
import io.github.slurmmaven.mock.job.HostList;
import io.github.slurmmaven.mock.job.JobRecord;
import io.github.slurmmaven.mock.job.JobRequest;
import io.github.slurmmaven.mock.job.Refusal;
import io.github.slurmmaven.mock.job.Times;
import io.github.slurmmaven.mock.shell.Call;
import io.github.slurmmaven.mock.shell.RemoteFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** {@code sbatch}, {@code salloc} and {@code srun}. */
final class SubmitCommands {

  /** Variables whose name is not the option's, of those that sbatch(1) lists. */
  private static final Map<String, String> UNUSUAL =
      Map.of("TIMELIMIT", "time", "ARRAY_INX", "array", "WAIT4SWITCH", "switches");

  private static final List<String> USUAL =
      List.of(
          "account",
          "acctg-freq",
          "bb",
          "clusters",
          "constraint",
          "container",
          "cpus-per-gpu",
          "delay-boot",
          "distribution",
          "error",
          "exclusive",
          "export",
          "gpus",
          "gpus-per-node",
          "gpus-per-task",
          "gres",
          "hint",
          "input",
          "job-name",
          "mem-bind",
          "mem-per-cpu",
          "mem-per-gpu",
          "network",
          "no-kill",
          "no-requeue",
          "open-mode",
          "output",
          "overcommit",
          "partition",
          "profile",
          "qos",
          "requeue",
          "reservation",
          "signal",
          "spread-job",
          "threads-per-core",
          "use-min-nodes",
          "wait",
          "wckey");

  private final SlurmContext slurm;
  private final ToIntFunction<Call> runner;

  /**
   * The three commands.
   *
   * @param runner runs the command that srun or salloc is given, as the shell would
   */
  SubmitCommands(SlurmContext slurm, ToIntFunction<Call> runner) {
    this.slurm = slurm;
    this.runner = runner;
  }

  // sbatch

  int sbatch(Call call) throws IOException {
    return slurm.run(call, true, 255, parsed -> sbatch(call, parsed));
  }

  private int sbatch(Call call, Parsed parsed) throws IOException, Refusal {
    refuseSeveral(parsed);
    boolean quiet = parsed.has("quiet");
    JobRequest request = new JobRequest().by(call.user(), call.directory(), call.environment());
    List<String> operands = parsed.operands();
    if (parsed.has("wrap")) {
      if (!operands.isEmpty()) {
        throw Refusal.raw(1, "!Script arguments not permitted with --wrap option");
      }
      String wrapped =
          "#!/bin/sh\n# This script was created by sbatch --wrap.\n\n%s\n"
              .formatted(parsed.value("wrap").orElse(""));
      request.script(wrapped, "(null)", List.of());
    } else {
      readScript(call, operands, parsed.value("chdir").orElse("."), request);
    }
    for (Option option : ofScript(request.script())) {
      request.set(option.name(), option.text(), slurm.now());
    }
    for (Option option : ofEnvironment(call.environment())) {
      request.set(option.name(), option.text(), slurm.now());
    }
    for (Option option : parsed.options()) {
      request.set(option.name(), option.text(), slurm.now());
    }
    request.checkTogether("sbatch", slurm.release());
    if (request.has("test-only")) {
      return testOnly(call, request);
    }
    JobRecord job = slurm.jobs().submit(request);
    if (!quiet) {
      call.say(
          request.has("parsable")
              ? Long.toString(job.arrayNumber())
              : "Submitted batch job " + job.arrayNumber());
    }
    return request.has("wait") ? await(job) : 0;
  }

  /** A heterogeneous job is several requests, with colons between them. */
  private void refuseSeveral(Parsed parsed) throws Refusal {
    if (parsed.operands().contains(":")) {
      throw slurm.notMocked("a heterogeneous job, which a colon stands for,");
    }
  }

  /**
   * Reads the script from standard input, or from a file of the job's directory or otherwise of the
   * working directory.
   */
  private void readScript(Call call, List<String> operands, String jobDirectory, JobRequest request)
      throws IOException, Refusal {
    String text;
    String path;
    if (operands.isEmpty()) {
      text = call.input();
      path = "(null)";
    } else {
      String name = operands.get(0);
      path = RemoteFiles.absolute(RemoteFiles.absolute(call.directory(), jobDirectory), name);
      if (!Files.isRegularFile(call.file(path))) {
        path = RemoteFiles.absolute(call.directory(), name);
      }
      Path file = call.file(path);
      if (!Files.exists(file)) {
        throw Refusal.raw(1, "!Unable to open file " + name);
      }
      text = Files.isDirectory(file) ? "" : Files.readString(file, StandardCharsets.UTF_8);
    }
    if (text.isEmpty()) {
      throw Refusal.raw(1, "!Batch script is empty!");
    }
    if (text.isBlank()) {
      throw Refusal.raw(1, "!Batch script contains only whitespace!");
    }
    if (!text.startsWith("#!")) {
      throw Refusal.raw(
          1,
          "!This does not look like a batch script.  The first",
          "!line must start with #! followed by the path to an interpreter.",
          "!For instance: #!/bin/sh");
    }
    if (text.indexOf('\0') >= 0) {
      throw Refusal.raw(
          1,
          "!The SLURM controller does not allow scripts that",
          "!contain a NULL character '\\0'.");
    }
    if (text.contains("\r\n")) {
      throw Refusal.raw(
          1,
          "!Batch script contains DOS line breaks (\\r\\n)",
          "!instead of expected UNIX line breaks (\\n).");
    }
    request.script(
        text, path, operands.isEmpty() ? List.of() : operands.subList(1, operands.size()));
  }

  /** The {@code #SBATCH} lines before the first command. */
  private List<Option> ofScript(String script) throws Refusal {
    List<String> words = new ArrayList<>();
    for (String line : script.lines().toList()) {
      if (line.startsWith("#SBATCH") && line.length() > 7) {
        List<String> directive = words(line.substring(7));
        if (directive.contains("hetjob") || directive.contains("packjob")) {
          throw slurm.notMocked("#SBATCH " + String.join(" ", directive));
        }
        words.addAll(directive);
      } else if (!line.isBlank() && !line.startsWith("#")) {
        break;
      }
    }
    try {
      Parsed parsed = Getopt.of("sbatch", slurm.release()).parse(words, true);
      if (!parsed.operands().isEmpty()) {
        throw Refusal.raw(
            255, "!Invalid directive found in batch script: " + parsed.operands().get(0));
      }
      return parsed.options();
    } catch (UsageException e) {
      throw Refusal.raw(
          255, String.valueOf(e.getMessage()), "Try \"sbatch --help\" for more information");
    }
  }

  /** Splits a line into words, with quotes; a number sign after a blank begins a comment. */
  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    boolean inWord = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
        inWord = true;
      } else if (c == '\\' && i + 1 < line.length()) {
        word.append(line.charAt(++i));
        inWord = true;
      } else if (Character.isWhitespace(c)) {
        if (inWord) {
          words.add(word.toString());
        }
        word.setLength(0);
        inWord = false;
      } else if (c == '#' && !inWord) {
        break;
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }

  private static List<Option> ofEnvironment(Map<String, String> environment) {
    List<Option> options = new ArrayList<>();
    UNUSUAL.forEach(
        (variable, option) -> {
          String value = environment.get("SBATCH_" + variable);
          if (value != null) {
            options.add(new Option(option, value));
          }
        });
    for (String option : USUAL) {
      String variable = option.replace('-', '_').toUpperCase(java.util.Locale.ROOT);
      String value = environment.get("SBATCH_" + variable);
      if (value != null) {
        options.add(new Option(option, value));
      }
    }
    return options;
  }

  private int testOnly(Call call, JobRequest request) throws Refusal {
    slurm.jobs().check(request);
    call.complain(
        "sbatch: Job %d to start at %s using %d processors on nodes %s in partition %s"
            .formatted(
                slurm.jobs().skip(),
                Times.time(slurm.now()),
                request.cpus(),
                HostList.compress(
                    slurm.topology().nodeNames().subList(0, request.nodes(slurm.topology()))),
                request.partition(slurm.topology())));
    return 0;
  }

  /** Waits for the end of a job, and of all tasks of an array; its exit code. */
  private int await(JobRecord job) throws IOException {
    while (true) {
      List<JobRecord> tasks =
          slurm.jobs().read(() -> slurm.jobs().find(Long.toString(job.arrayNumber())));
      if (slurm.jobs().read(() -> tasks.stream().allMatch(JobRecord::hasEnded))) {
        return tasks.stream()
            .mapToInt(each -> each.exit().signal() == 0 ? each.exit().code() : 1)
            .max()
            .orElse(0);
      }
      slurm.clock().sleep(Duration.ofMillis(50));
    }
  }

  // srun and salloc

  int salloc(Call call) throws IOException {
    return slurm.run(
        call,
        true,
        255,
        parsed -> {
          refuseSeveral(parsed);
          JobRecord job = allocate(call, parsed, "salloc");
          String number = Long.toString(job.arrayNumber());
          call.complain("salloc: Granted job allocation " + number);
          if (slurm.release().isNew()) {
            call.complain("salloc: Nodes %s are ready for job".formatted(slurm.nodesOf(job)));
          }
          if (parsed.has("no-shell")) {
            return 0;
          }
          List<String> command = parsed.operands().isEmpty() ? List.of("bash") : parsed.operands();
          int status = runner.applyAsInt(inside(call, command, job));
          finish(job, status);
          call.complain("salloc: Relinquishing job allocation " + number);
          return status;
        });
  }

  int srun(Call call) throws IOException {
    return slurm.run(
        call,
        true,
        255,
        parsed -> {
          if (parsed.operands().isEmpty()) {
            throw Refusal.raw(1, "srun: fatal: No command given to execute.");
          }
          refuseSeveral(parsed);
          Optional<String> within =
              parsed
                  .value("jobid")
                  .or(() -> Optional.ofNullable(call.environment().get("SLURM_JOB_ID")));
          JobRecord job;
          if (within.isPresent()) {
            List<JobRecord> found = slurm.jobs().read(() -> slurm.jobs().find(within.get()));
            if (found.isEmpty()) {
              throw Refusal.raw(
                  1,
                  "!Unable to confirm allocation for job %s: Invalid job id specified"
                      .formatted(within.get()),
                  "srun: Check SLURM_JOB_ID environment variable. Expired or invalid job "
                      + within.get());
            }
            job = found.get(0);
          } else {
            job = allocate(call, parsed, "srun");
          }
          int status = step(call, parsed, job);
          if (within.isEmpty()) {
            finish(job, status);
          }
          return status;
        });
  }

  private int step(Call call, Parsed parsed, JobRecord job) {
    int tasks = parsed.has("ntasks") ? job.request().tasks() : 1;
    String node = slurm.topology().controller();
    int worst = 0;
    for (int task = 0; task < tasks; task++) {
      Call inside = inside(call, parsed.operands(), job);
      inside = inside.with("SLURM_PROCID", Integer.toString(task));
      int status = runner.applyAsInt(inside);
      boolean missing = status == 127;
      status = missing ? 2 : status;
      if (status != 0) {
        call.complain(
            "srun: error: %s: task %d: Exited with exit code %d".formatted(node, task, status));
      }
      if (missing) {
        call.complain(
            "slurmstepd-%s: error: execve(): %s: No such file or directory"
                .formatted(node, inside.name()));
      }
      worst = Math.max(worst, status);
    }
    return worst;
  }

  private JobRecord allocate(Call call, Parsed parsed, String program) throws Refusal {
    JobRequest request =
        new JobRequest()
            .by(call.user(), call.directory(), call.environment())
            .command(parsed.operands());
    for (Option option : parsed.options()) {
      request.set(option.name(), option.text(), slurm.now());
    }
    request.checkTogether(program, slurm.release());
    JobRecord job = slurm.jobs().submit(request);
    slurm.jobs().change(job::runInForeground);
    return job;
  }

  private void finish(JobRecord job, int status) {
    slurm.jobs().change(() -> job.finish(status, slurm.now()));
  }

  private Call inside(Call call, List<String> command, JobRecord job) {
    Call inside = call.of(command);
    for (Map.Entry<String, String> variable : slurm.jobs().environment(job).entrySet()) {
      inside = inside.with(variable.getKey(), variable.getValue());
    }
    return inside.with("SLURM_NTASKS", Integer.toString(job.request().tasks()));
  }
}
