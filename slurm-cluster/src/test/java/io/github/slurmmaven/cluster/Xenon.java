/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.cluster.SlurmShell.Result;
import java.io.IOException;
import java.util.List;

/**
 * What the Slurm adaptor of Xenon 3 sends over SSH, and what it reads of the answers. Xenon itself
 * cannot be run here: Maven Central has neither it nor the SSH library that it needs, and the
 * repositories that had them are gone.
 */
final class Xenon {

  private static final String SQUEUE = "squeue --format='%i %P %j %u %T %M %l %D %R %k'";

  private static final String SACCT =
      "sacct -X -p --format=JobID,JobName,Partition,NTasks,Elapsed,State,ExitCode,AllocCPUS,"
          + "DerivedExitCode,Submit,Suspended,Start,User,End,NNodes,Timelimit,Comment,Priority";

  private static final String UNTIL =
      "for try in $(seq 600); do %s && exit; sleep 0.1; done; exit 1";

  private Xenon() {}

  /** Lists queues, submits a batch and an interactive job, lists jobs, and cancels one. */
  static void assertSession(SlurmShell shell, boolean accounting) throws IOException {
    assertThat(shell.ok("scontrol show config").lines())
        .anyMatch(line -> line.matches("SLURM_VERSION +=.*"))
        .anyMatch(
            line ->
                line.matches(
                    "AccountingStorageType += "
                        + (accounting
                            ? "accounting_storage/slurmdbd"
                            : "(accounting_storage/none|\\(null\\))")));
    List<String> queues = shell.ok("sinfo --noheader --format=%120P").lines().toList();
    assertThat(queues).filteredOn(queue -> queue.strip().endsWith("*")).hasSize(1);
    assertThat(shell.ok("sinfo --format='%P %a %l %F %N %C %D'"))
        .startsWith("PARTITION AVAIL TIMELIMIT NODES(A/I/O/T) NODELIST CPUS(A/I/O/T) NODES");

    String batch =
        number(
            shell.ok(
                "sbatch",
                """
                #!/bin/sh
                #SBATCH --job-name='xenon'
                #SBATCH --nodes=1
                #SBATCH --ntasks-per-node=1
                #SBATCH --time=15
                #SBATCH --output='/dev/null'
                #SBATCH --error='/dev/null'

                srun sh -c 'exit 3'
                """));
    assertThat(shell.ok(UNTIL.formatted("scontrol show job " + batch + " | grep JobState=FAILED")))
        .contains("Reason=NonZeroExitCode");
    assertThat(shell.ok("scontrol show job " + batch)).contains(" ExitCode=3:0");
    if (accounting) {
      List<String> records =
          shell
              .ok(
                  UNTIL.formatted(
                      "records=$(%s --jobs=%s) && grep -q '|xenon|.*|FAILED|' <<<\"|$records\" && printf '%%s\\n' \"$records\""
                          .formatted(SACCT, batch)))
              .lines()
              .toList();
      assertThat(records.get(0))
          .startsWith("JobID|JobName|Partition|NTasks|Elapsed|State|ExitCode|");
      assertThat(records.get(1)).startsWith(batch + "|xenon|").contains("|FAILED|3:0|1|");
    } else {
      Result sacct = shell.run(SACCT);
      assertThat(sacct.exitCode()).isEqualTo(1);
      assertThat(sacct.stderr()).contains("Slurm accounting storage is disabled");
    }

    assertThat(
            shell.ok(
                "salloc --quiet --job-name=tag --nodes=1 --ntasks-per-node=1 --time=15 sh -c 'echo $SLURM_JOB_NAME; cat'",
                "input"))
        .isEqualTo("tag\ninput");

    String waits = number(shell.ok("sbatch", "#!/bin/sh\n#SBATCH --output=/dev/null\nsleep 600\n"));
    List<String> table = shell.ok(SQUEUE).lines().toList();
    assertThat(table.get(0))
        .isEqualTo(
            "JOBID PARTITION NAME USER STATE TIME TIME_LIMIT NODES NODELIST(REASON) COMMENT");
    assertThat(table).anyMatch(line -> line.startsWith(waits + " "));
    assertThat(shell.ok("squeue --noheader --format=%i").lines()).contains(waits);
    assertThat(shell.run("scancel " + waits)).isEqualTo(new Result(0, "", ""));
    assertThat(
            shell.ok(UNTIL.formatted("scontrol show job " + waits + " | grep JobState=CANCELLED")))
        .isNotEmpty();
    Result unknown = shell.run(SQUEUE + " --jobs=987654");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.stderr()).contains("Invalid job id");
  }

  private static String number(String answer) {
    assertThat(answer).startsWith("Submitted batch job ");
    return answer.substring("Submitted batch job ".length()).strip();
  }
}
