/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** Slurm's PBS commands, as clients send them over SSH, and what docs/pbs.md says of each. */
@Tag("docker")
@Timeout(600)
@ParameterizedClass(name = "{0}")
@Releases.One
class DockerPbsIT extends RealClusters {

  private static final Path DOCUMENTATION = Path.of("../docs/pbs.md");

  private static SlurmVersion release;
  private static SlurmCluster shared;

  DockerPbsIT(SlurmVersion version) {
    super(TestBackend.DOCKER);
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) throws IOException {
    TestBackend.DOCKER.require();
    release = version;
    ClusterRequest request =
        TestBackend.DOCKER
            .cluster("pbs-" + version.year())
            .outputDirectory(outputDirectory())
            .definition(definition("pbs", "preset: multi-node\n"))
            .pbsCommands(true)
            .slurmVersion(version.release())
            .build();
    shared = request.cluster();
    request.start();
    try (SlurmShell shell = shell(shared)) {
      shell.ok("cat > job.sh", "#!/bin/sh\n#PBS -N directive\nenv | sort\nsleep \"${1:-0}\"\n");
    }
  }

  @AfterParameterizedClassInvocation
  static void destroy() {
    if (shared != null) {
      shared.destroy();
      TestBackend.DOCKER.assertNothingIsLeftOf(shared);
      shared = null;
    }
  }

  /**
   * A command that ends with 0 works: one that works otherwise than in PBS has a test of its own.
   */
  @Test
  void theTableSaysWhichCommandsWork() throws IOException {
    List<String> lines = Files.readAllLines(DOCUMENTATION);
    List<String> releases =
        cells(
            lines.stream()
                .filter(line -> line.startsWith("| command |"))
                .findFirst()
                .orElseThrow());
    int column = releases.indexOf(release.release());
    List<String> said = new ArrayList<>();
    List<String> seen = new ArrayList<>();
    try (SlurmShell shell = shell(shared)) {
      for (String line : lines) {
        if (line.startsWith("| `")) {
          List<String> cells = cells(line);
          String command = cells.get(0).replace("`", "");
          String prepared =
              command.contains("$RUNNING")
                  ? "RUNNING=$(qsub job.sh 60); until [ \"$(squeue -h -o %t -j $RUNNING)\" = R ]; do sleep 0.05; done; "
                  : command.contains("$HELD") ? "HELD=$(qsub -h job.sh); " : "";
          SlurmShell.Result result = shell.run("cd; " + prepared + command);
          said.add(command + ": " + cells.get(column));
          seen.add(command + ": " + (result.exitCode() == 0 ? "yes" : "no"));
        }
      }
      shell.ok("scancel --user=$USER");
    }
    assertThat(column).isPositive();
    assertThat(said).hasSizeGreaterThan(30);
    assertThat(seen).isEqualTo(said);
  }

  private static List<String> cells(String row) {
    return Arrays.stream(row.substring(1).split("\\|")).map(String::strip).toList();
  }

  @Test
  void aClientSubmitsPollsAndDeletes() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = shell.ok("qsub -N polled job.sh 300");
      assertThat(job).matches("[0-9]+");
      assertThat(shell.ok("until qstat %s | grep ' R '; do sleep 0.1; done".formatted(job)))
          .startsWith(job + " ")
          .contains("polled");

      shell.ok("qdel " + job);

      assertThat(shell.ok("until qstat %s | grep ' C '; do sleep 0.1; done".formatted(job)))
          .startsWith(job + " ");
    }
  }

  @Test
  void aJobHasThePbsVariablesOfItsSubmission() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job =
          shell.ok("mkdir -p sub; cd sub; qsub -W block=true -o environment -j oe ../job.sh");
      assertThat(
              shell
                  .ok("cat sub/environment")
                  .lines()
                  .filter(line -> line.startsWith("PBS_"))
                  .collect(Collectors.toList()))
          .contains(
              "PBS_JOBID=" + job,
              "PBS_JOBNAME=directive",
              "PBS_O_WORKDIR=/home/slurm/sub",
              "PBS_O_HOME=/home/slurm",
              "PBS_O_LOGNAME=slurm")
          .noneMatch(line -> line.startsWith("PBS_NODEFILE="));
      shell.ok("qsub -W block=true -t 2-2 -o task -j oe job.sh");
      assertThat(shell.ok("cat task").lines()).contains("PBS_ARRAY_INDEX=2");
    }
  }

  @Test
  void ofSeveralResourceOptionsOnlyTheLastCounts() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      assertThat(limitAndNodes(shell, "-l walltime=00:10:00 -l nodes=2:ppn=2"))
          .doesNotStartWith("10:00")
          .endsWith(" 2");
      assertThat(limitAndNodes(shell, "-l walltime=00:10:00,nodes=2:ppn=2")).isEqualTo("10:00 2");
    }
  }

  private static String limitAndNodes(SlurmShell shell, String options) throws IOException {
    String job = shell.ok("qsub -h %s job.sh".formatted(options));
    String seen = shell.ok("squeue --noheader --format='%%l %%D' --jobs=%s".formatted(job));
    shell.ok("qdel " + job);
    return seen;
  }

  /** The command lines of the requirements' gateway: dask-gateway's PBS back end. */
  @Test
  void theGatewaysCommandLinesWork() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job =
          shell.ok(
              "A=works qsub -N dask-gateway -q cpu -j eo -R eo -Wsandbox=PRIVATE"
                  + " '-Wstagein=.@gateway:/staging/*' -v A -l select=1:ncpus=1:mem=100MB"
                  + " -- /bin/sh -c 'echo \"$A: isn'\"'\"'t it\"\nsleep 300'");
      assertThat(
              shell
                  .ok("until qstat -x %s | grep ' R '; do sleep 0.1; done".formatted(job))
                  .split(" +"))
          .startsWith(job, "dask-gateway", "slurm")
          .contains("R");
      assertThat(shell.ok("until grep isn dask-gateway.o%s; do sleep 0.1; done".formatted(job)))
          .isEqualTo("works: isn't it");

      shell.ok("qdel " + job);

      assertThat(shell.ok("qstat -x %s | tail -n 1".formatted(job))).startsWith(job + " ");
    }
  }

  @Test
  void aScriptOnStandardInputNeedsNoInterpreterLine() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = shell.ok("qsub -W block=true -o out -j oe", "echo \"$PBS_JOBNAME\"\n");

      assertThat(job).matches("[0-9]+");
      assertThat(shell.ok("cat out")).isEqualTo("STDIN");
    }
  }
}
