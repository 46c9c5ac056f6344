/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.cluster.SlurmShell.Result;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import net.schmizz.sshj.userauth.UserAuthException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What jobs see of a cluster with several nodes and GPUs, on each backend. One cluster runs for all
 * tests of a release, and no test changes it.
 */
@Timeout(600)
abstract class JobsContract extends RealClusters {

  /** What each backend can have. */
  static final String NODES =
      """
      nodes:
        - {name: head, role: controller, cpus: 1, memory: 512}
        - {name: "cpu-[0-1]", role: compute, cpus: 4, memory: 2048, options: {Weight: 10}}
        - {name: gpu-0, role: compute, cpus: 8, memory: 1024, gpus: {a100: 2, h100: 4}}
      partitions:
        - {name: cpu, default: true, max_time: "1:00:00", nodes: ["cpu-[0-1]"]}
        - {name: gpu, features: [gpu, nvlink], nodes: [gpu-0], options: {PriorityTier: 5}}
        - {name: all, nodes: ["cpu-[0-1]", gpu-0], options: {MaxNodes: 2}}
      slurm_conf: [MaxJobCount=4321]
      """;

  /** Takes a bit more than 300 MB, a bit at a time. */
  private static final String MEMORY_HOG =
      """
      import time
      taken = []
      for _ in range(30):
          taken.append(b"x" * 10_485_760)
          time.sleep(0.1)
      """;

  private static TestBackend running;
  private static SlurmCluster shared;
  private static ClusterRequest sharedRequest;

  /** A job whose time is up while the other tests run: Slurm counts its limits in minutes. */
  private static String overdue;

  final SlurmVersion version;

  JobsContract(TestBackend backend, SlurmVersion version) {
    super(backend);
    this.version = version;
  }

  /** Starts the cluster of a release's tests. */
  static void start(TestBackend backend, SlurmVersion version, String more) throws IOException {
    backend.require();
    running = backend;
    sharedRequest =
        backend
            .cluster("jobs-" + version.year())
            .outputDirectory(outputDirectory())
            .definition(definition("cluster", NODES + more))
            .slurmVersion(version.release())
            .build();
    shared = sharedRequest.cluster();
    sharedRequest.start();
    try (SlurmShell shell = shell(shared)) {
      overdue = shell.ok("sbatch --parsable --nodelist=cpu-0 --time=1 --wrap='exec sleep 600'");
    }
  }

  @AfterParameterizedClassInvocation
  static void destroy() {
    if (shared != null) {
      shared.destroy();
      running.assertNothingIsLeftOf(shared);
      shared = null;
    }
  }

  static SlurmCluster cluster() {
    return shared;
  }

  static SlurmShell login() throws IOException {
    return shell(shared);
  }

  /** The user whose jobs run there. */
  abstract String user();

  /** Where that user's jobs start. */
  abstract String home();

  /** Runs a script as a batch job and returns what it prints. */
  static String batch(SlurmShell shell, String options, String script) throws IOException {
    String name = "batch-" + UUID.randomUUID();
    String job =
        shell.ok("sbatch --parsable --output=" + name + " " + options, "#!/bin/bash\n" + script);
    assertThat(shell.awaitState(job, "COMPLETED|FAILED|CANCELLED")).isEqualTo("COMPLETED");
    return shell.download(name).strip();
  }

  @Test
  void answersXenonWithoutAccounting() throws IOException {
    try (SlurmShell shell = login()) {
      Xenon.assertSession(shell, false);
    }
  }

  @Test
  void submitsAScriptAndReadsItsOutputBySftp() throws IOException {
    try (SlurmShell shell = login()) {
      shell.upload(
          "job.sh",
          """
          #!/bin/bash
          #SBATCH --output=out-%j.txt --nodelist=cpu-1 --ntasks=2 --time=1
          echo "$SLURM_JOB_PARTITION $SLURMD_NODENAME $SLURM_NTASKS $(id -un) $PWD $HOME"
          srun --ntasks=2 printf 'task\\n'
          python3 -c 'print("python", 6 * 7)'
          """);
      String job = shell.ok("sbatch --parsable job.sh");

      assertThat(shell.awaitState(job, "COMPLETED|FAILED")).isEqualTo("COMPLETED");
      assertThat(shell.download("out-" + job + ".txt"))
          .isEqualTo(
              "cpu cpu-1 2 %s %s %s%ntask%ntask%npython 42%n".formatted(user(), home(), home()));
    }
  }

  @Test
  void submitsFromStandardInput() throws IOException {
    try (SlurmShell shell = login()) {
      String job = shell.ok("sbatch --parsable --output=stdin.txt", "#!/bin/sh\necho from stdin\n");

      shell.awaitState(job, "COMPLETED");
      assertThat(shell.download("stdin.txt")).isEqualTo("from stdin\n");
    }
  }

  @Test
  void submitsAnArray() throws IOException {
    try (SlurmShell shell = login()) {
      String job =
          shell.ok(
              "sbatch --parsable --array=1-3 --output=array-%a.txt"
                  + " --wrap 'echo $SLURM_ARRAY_TASK_ID of $SLURM_ARRAY_TASK_COUNT'");
      for (int task = 1; task <= 3; task++) {
        shell.awaitState(job + "_" + task, "COMPLETED");
        assertThat(shell.download("array-" + task + ".txt")).isEqualTo(task + " of 3\n");
      }
    }
  }

  @Test
  void makesAJobWaitForAnother() throws IOException {
    try (SlurmShell shell = login()) {
      String first = shell.ok("sbatch --parsable --wrap 'sleep 1; echo first >> order.txt'");
      String second =
          shell.ok(
              "sbatch --parsable --dependency=afterok:"
                  + first
                  + " --wrap 'echo second >> order.txt'");

      assertThat(shell.awaitState(second, "COMPLETED|FAILED")).isEqualTo("COMPLETED");
      assertThat(shell.download("order.txt")).isEqualTo("first\nsecond\n");
    }
  }

  @Test
  void runsStepsAndSeesExitCodes() throws IOException {
    try (SlurmShell shell = login()) {
      assertThat(lines(shell.ok("srun --ntasks=2 --label printf 'task\\n'")))
          .containsExactlyInAnyOrder("0: task", "1: task");
      assertThat(shell.run("srun sh -c 'exit 3'").exitCode()).isEqualTo(3);
      String job = shell.ok("sbatch --parsable --wrap 'exit 3'");
      assertThat(shell.awaitState(job, "COMPLETED|FAILED")).isEqualTo("FAILED");
      assertThat(shell.ok("scontrol show job " + job)).contains("ExitCode=3:0");
    }
  }

  @Test
  void cancelsARunningJob() throws IOException {
    try (SlurmShell shell = login()) {
      // Slurm takes as long as KillWait to end a job whose processes are not there yet.
      String job = shell.ok("sbatch --parsable --wrap 'touch runs; sleep 4711'");
      shell.ok("until [ -e runs ]; do sleep 0.05; done; rm runs");
      shell.ok("scancel " + job);

      assertThat(shell.awaitState(job, "CANCELLED|COMPLETED|FAILED")).isEqualTo("CANCELLED");
      assertThat(Leftovers.processesOf(cluster().directory()))
          .noneMatch(process -> process.contains("sleep 4711"));
    }
  }

  @Test
  void isRefusedWhatTheNodesDoNotHave() throws IOException {
    try (SlurmShell shell = login()) {
      Result tooMuch = shell.run("sbatch --mem=999G --wrap true");

      assertThat(tooMuch.exitCode()).isNotZero();
      assertThat(tooMuch.stderr()).containsIgnoringCase("not available");
      assertThat(shell.run("sbatch --partition=none --wrap true").stderr())
          .containsIgnoringCase("invalid partition");
    }
  }

  @Test
  void logsInWithThePassword() throws IOException {
    Connection connection = cluster().connection().orElseThrow();
    assertThat(connection.sshUser()).isEqualTo(user());
    try (SlurmShell shell =
        SlurmShell.withPassword(connection, connection.sshPassword().orElseThrow())) {
      assertThat(shell.ok("id -un")).isEqualTo(user());
      assertThat(shell.ok("sinfo --version")).startsWith("slurm");
    }
    assertThatThrownBy(() -> SlurmShell.withPassword(connection, "wrong"))
        .isInstanceOf(UserAuthException.class);
  }

  @Test
  void logsInWithOpenSsh() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/ssh")), "ssh is not installed");
    Process ssh =
        new ProcessBuilder(
                "/usr/bin/ssh",
                "-F",
                cluster().directory().resolve("ssh/config").toString(),
                "slurm",
                "scontrol --version")
            .redirectErrorStream(true)
            .start();
    String output = new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(ssh.waitFor()).as(output).isZero();
    assertThat(output).contains(" " + version.release() + ".");
  }

  @Test
  void findsThePromisedReleaseInALoginShellToo() throws IOException {
    try (SlurmShell shell = login()) {
      assertThat(shell.ok("scontrol --version")).contains(" " + version.release() + ".");
      assertThat(shell.ok("bash --login -c 'sinfo --version'")).startsWith("slurm");
    }
  }

  @Test
  void isWhatTheDefinitionSays() throws IOException {
    try (SlurmShell shell = login()) {
      assertThat(lines(shell.ok("sinfo --noheader --Node --format='%N %P %c %m %G %f %w %l'")))
          .containsExactlyInAnyOrder(
              "cpu-0 cpu* 4 2048 (null) (null) 10 1:00:00",
              "cpu-1 cpu* 4 2048 (null) (null) 10 1:00:00",
              "cpu-0 all 4 2048 (null) (null) 10 infinite",
              "cpu-1 all 4 2048 (null) (null) 10 infinite",
              "gpu-0 gpu 8 1024 gpu:a100:2,gpu:h100:4 gpu,nvlink 1 infinite",
              "gpu-0 all 8 1024 gpu:a100:2,gpu:h100:4 gpu,nvlink 1 infinite");
      assertThat(shell.ok("scontrol show node gpu-0 --oneliner"))
          .contains(
              " CPUTot=8 ",
              " RealMemory=1024 ",
              " Gres=gpu:a100:2,gpu:h100:4 ",
              " ActiveFeatures=gpu,nvlink ",
              " Partitions=gpu,all ");
      assertThat(shell.ok("scontrol show partition gpu")).contains("PriorityTier=5");
      assertThat(shell.ok("scontrol show partition all")).contains("MaxNodes=2 ");
      assertThat(shell.ok("scontrol show config")).containsPattern("MaxJobCount +=? *4321");
      assertThat(shell.ok("srun --constraint=nvlink --partition=all sh -c 'echo $SLURMD_NODENAME'"))
          .isEqualTo("gpu-0");
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --gpus=2                           | 2 | 0,1
          --gpus=h100:3                      | 3 | 2,3,4
          --gres=gpu:a100:1                  | 1 | 0
          --gres=gpu:a100:1,gpu:h100:1       | 2 | 0,2
          --gpus-per-node=h100:4             | 4 | 2,3,4,5
          --ntasks=2 --gpus-per-task=a100:1  | 2 | 0,1
          --ntasks=2 --gpus-per-task=1       | 2 | 0,1
          """)
  @Tag("slow")
  void givesGpusToJobsAsSlurmDoes(String options, String number, String devices)
      throws IOException {
    try (SlurmShell shell = login()) {
      List<String> seen =
          lines(
              batch(
                  shell,
                  "--partition=gpu " + options,
                  """
                  env | grep -E '^(SLURM_(GPUS|GPUS_ON_NODE|JOB_GPUS)|CUDA_VISIBLE_DEVICES)='
                  nvidia-smi --query-gpu=index --format=csv,noheader
                  """));

      assertThat(seen)
          .contains(
              "SLURM_GPUS_ON_NODE=" + number,
              "SLURM_JOB_GPUS=" + devices,
              "CUDA_VISIBLE_DEVICES=" + devices)
          .endsWith(devices.split(","));
      // Slurm sets it for this option alone.
      String total = options.startsWith("--gpus=") ? options.substring(7) : "";
      assertThat(seen.stream().filter(line -> line.startsWith("SLURM_GPUS=")))
          .containsExactlyElementsOf(total.isEmpty() ? List.of() : List.of("SLURM_GPUS=" + total));
    }
  }

  @Test
  void givesEachTaskItsGpu() throws IOException {
    try (SlurmShell shell = login()) {
      assertThat(
              lines(
                  shell.ok(
                      "srun --quiet --partition=gpu --ntasks=3 --gpus-per-task=1"
                          + " printenv CUDA_VISIBLE_DEVICES")))
          .containsExactlyInAnyOrder("0", "1", "2");
    }
  }

  @Test
  void givesTwoJobsDifferentGpus() throws IOException {
    try (SlurmShell shell = login()) {
      String first =
          shell.ok(
              "sbatch --parsable --partition=gpu --gpus=h100:2 --output=first.txt"
                  + " --wrap 'nvidia-smi -L; exec sleep 60'");
      String seenBySecond;
      try {
        shell.awaitState(first, "RUNNING");
        seenBySecond = batch(shell, "--partition=gpu --gpus=h100:2", "nvidia-smi -L");
      } finally {
        shell.ok("scancel " + first);
      }
      String seenByFirst = shell.download("first.txt");

      assertThat(lines(seenByFirst)).filteredOn(line -> line.contains("NVIDIA H100")).hasSize(2);
      assertThat(lines(seenBySecond))
          .hasSize(2)
          .allMatch(gpu -> gpu.contains("NVIDIA H100"))
          .doesNotContainAnyElementsOf(lines(seenByFirst));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--partition=gpu --gpus=7",
    "--partition=gpu --gpus=a100:3",
    "--partition=gpu --gres=gpu:v100:1",
    "--partition=cpu --gpus=1"
  })
  void refusesGpusThatItDoesNotHave(String options) throws IOException {
    try (SlurmShell shell = login()) {
      Result refused = shell.run("sbatch " + options + " --wrap true");

      assertThat(refused.exitCode()).isNotZero();
      assertThat(refused.stderr()).contains("Requested node configuration is not available");
    }
  }

  @Test
  void nvidiaSmiListsTheGpusOfTheJobAlone() throws IOException {
    try (SlurmShell shell = login()) {
      String script =
          """
          nvidia-smi --query-gpu=index,name,memory.total --format=csv
          nvidia-smi
          """;
      List<String> seen =
          lines(batch(shell, "--partition=gpu --gres=gpu:a100:1,gpu:h100:1", script));

      assertThat(seen)
          .startsWith(
              "index, name, memory.total [MiB]",
              "0, NVIDIA A100-SXM4-40GB, 40960 MiB",
              "2, NVIDIA H100 80GB HBM3, 81559 MiB");
      assertThat(seen.subList(3, seen.size()))
          .anyMatch(line -> line.startsWith("| NVIDIA-SMI "))
          .anyMatch(line -> line.startsWith("|   0  NVIDIA A100"))
          .anyMatch(line -> line.startsWith("|   2  NVIDIA H100"))
          .noneMatch(line -> line.startsWith("|   1 "));
      assertThat(shell.run("srun --partition=gpu nvidia-smi").stdout())
          .isEqualTo("No devices were found\n");
    }
  }

  @Test
  @Tag("slow")
  void jobThatOutgrowsItsMemoryIsKilledWithAReason() throws IOException {
    try (SlurmShell shell = login()) {
      shell.upload("hog.py", MEMORY_HOG);
      String job =
          shell.ok("sbatch --parsable --mem=64 --output=hog.txt --wrap 'exec python3 hog.py'");

      assertThat(shell.awaitState(job, "COMPLETED|FAILED|CANCELLED|OUT_OF_MEMORY"))
          .isEqualTo("FAILED");
      assertThat(shell.ok("scontrol show job " + job))
          .contains("ExitCode=0:9")
          .containsPattern("Reason=(RaisedSignal:9\\(Killed\\)|JobLaunchFailure) ");
      assertThat(shell.download("hog.txt"))
          .containsPattern("StepId=" + job + ".batch exceeded memory limit \\(\\d+ > 67108864\\)");

      Result step = shell.run("srun --mem=64 python3 hog.py");
      assertThat(step.exitCode()).isEqualTo(128 + 9);
      assertThat(step.stderr()).contains("Exceeded job memory limit");
      assertThat(shell.run("srun --mem=512 python3 hog.py").exitCode()).isZero();
    }
  }

  @Test
  void smallJobsRunSideBySideOnANode() throws IOException {
    try (SlurmShell shell = login()) {
      String array =
          shell.ok(
              "sbatch --parsable --array=1-8 --partition=gpu --output=/dev/null"
                  + " --wrap 'exec sleep 60'");
      try {
        for (int task = 1; task <= 8; task++) {
          shell.awaitState(array + "_" + task, "RUNNING");
        }
        assertThat(shell.ok("sinfo --noheader --partition=gpu --format='%T %C'"))
            .isEqualTo("allocated 8/0/0/8");
      } finally {
        shell.ok("scancel " + array);
      }
    }
  }

  @Test
  @Tag("slow")
  void timeLimitEndsAJobThatIsPastIt() throws Exception {
    // A minute and more for each engine is enough of waiting.
    assumeTrue(version.equals(SlurmVersion.DEFAULT));
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    try (SlurmShell shell = login()) {
      String shown = shell.ok("scontrol show job " + overdue);
      while (!shown.contains("JobState=TIMEOUT") && System.nanoTime() < deadline) {
        Thread.sleep(500);
        shown = shell.ok("scontrol show job " + overdue);
      }
      assertThat(shown).contains("JobState=TIMEOUT Reason=TimeLimit");
      assertThat(shell.ok("cat slurm-" + overdue + ".out")).contains("DUE TO TIME LIMIT");
    }
  }
}
