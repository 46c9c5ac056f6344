/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import io.github.slurmmaven.mock.shell.Call;
import io.github.slurmmaven.mock.shell.Program;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/** The commands of a cluster by their names: Slurm's, and those that show its name and time. */
public final class SlurmCommands {

  private SlurmCommands() {}

  /**
   * Makes the commands.
   *
   * @param runner runs the command that srun or salloc is given, as the shell would
   * @param notMocked is called for each command that Slurm has and the mock does not
   */
  public static Map<String, Program> of(
      SlurmContext slurm, ToIntFunction<Call> runner, Consumer<Call> notMocked) {
    SubmitCommands submit = new SubmitCommands(slurm, runner);
    Sacct sacct = new Sacct(slurm);
    Map<String, Program> programs = new HashMap<>();
    for (String name : slurm.known().all("slurm", "command")) {
      programs.put(
          name,
          call -> {
            notMocked.accept(call);
            return slurm.refuse(call, slurm.notMocked(SlurmContext.command(call)));
          });
    }
    programs.put("sbatch", submit::sbatch);
    programs.put("salloc", submit::salloc);
    programs.put("srun", submit::srun);
    programs.put("squeue", new Squeue(slurm)::run);
    programs.put("scontrol", new Scontrol(slurm)::run);
    programs.put("sinfo", new Sinfo(slurm)::run);
    programs.put("scancel", new Scancel(slurm)::run);
    programs.put("sacct", sacct::sacct);
    programs.put("sacctmgr", sacct::manager);
    programs.put("sreport", sacct::manager);
    programs.put("hostname", call -> print(call, slurm.topology().controller()));
    programs.put("date", call -> print(call, DateCommand.format(slurm.now(), call.arguments())));
    programs.put("sleep", call -> sleep(slurm, call));
    return programs;
  }

  private static int print(Call call, String line) {
    call.say(line);
    return 0;
  }

  private static int sleep(SlurmContext slurm, Call call) throws IOException {
    String seconds = call.arguments().isEmpty() ? "" : call.arguments().get(0);
    if (!seconds.matches("\\d*\\.?\\d+s?")) {
      call.complain("sleep: invalid time interval ‘%s’".formatted(seconds));
      return 1;
    }
    slurm
        .clock()
        .sleep(Duration.ofMillis((long) (Double.parseDouble(seconds.replace("s", "")) * 1000)));
    return 0;
  }
}
