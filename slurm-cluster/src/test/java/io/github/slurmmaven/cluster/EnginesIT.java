/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.cluster.SlurmShell.Result;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.engine.endpoint.NoEngineException;
import io.github.slurmmaven.lifecycle.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a topology of one's own is, wherever the cluster lives. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("places")
@Timeout(180)
class EnginesIT {

  private static final String DEFINITION =
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

  @TempDir private static Path site;
  private static SlurmCluster shared;

  /** A job whose time is up while the other tests run: Slurm counts its limits in minutes. */
  private static String overdue;

  private final String engine;
  private final SlurmVersion version;
  private final List<SlurmCluster> own = new ArrayList<>();
  private final RecordingProgress progress = new RecordingProgress();

  EnginesIT(String engine, SlurmVersion version) {
    this.engine = engine;
    this.version = version;
  }

  static List<Arguments> places() {
    return Stream.of("docker", "embedded")
        .flatMap(engine -> Releases.two().stream().map(version -> Arguments.of(engine, version)))
        .toList();
  }

  @BeforeParameterizedClassInvocation
  static void start(String engine, SlurmVersion version) throws IOException {
    if (engine.equals("docker")) {
      requireContainers();
    } else {
      EmbeddedIT.requireBundles();
    }
    Path definition = Files.writeString(site.resolve("cluster.yaml"), DEFINITION);
    shared = builder(engine, version, "slurm-" + version.year()).definition(definition).build();
    shared.start();
    try (SlurmShell shell = shell(shared)) {
      overdue = shell.ok("sbatch --parsable --nodelist=cpu-0 --time=1 --wrap='exec sleep 600'");
    }
  }

  private static void requireContainers() {
    try {
      DockerEngine.connect(Environment.system()).close();
    } catch (NoEngineException e) {
      assumeTrue(false, e.getMessage());
    }
  }

  @AfterParameterizedClassInvocation
  static void destroy() {
    SlurmCluster cluster = shared;
    if (cluster != null) {
      cluster.destroy();
      assertNothingIsLeftOf(cluster);
    }
  }

  @AfterEach
  void destroyOwn() {
    own.forEach(SlurmCluster::destroy);
    own.forEach(EnginesIT::assertNothingIsLeftOf);
  }

  private static void assertNothingIsLeftOf(SlurmCluster cluster) {
    Leftovers.assertNoneOf(cluster);
    assertThat(Clusters.ofThisMachine(new RecordingProgress()).list())
        .noneMatch(left -> left.id().directory().equals(cluster.directory()));
  }

  private static SlurmCluster.Builder builder(String engine, SlurmVersion version, String name) {
    return SlurmCluster.builder()
        .engine(engine)
        .bundles(EmbeddedIT.bundles())
        .slurmVersion(version.release())
        .outputDirectory(site.resolve(engine))
        .name(name)
        .port(0)
        .owner(Owner.thisBuild());
  }

  private SlurmCluster.Builder builder(String name) {
    return builder(engine, version, name);
  }

  /** A cluster of one test, gone after it. */
  private SlurmCluster own(SlurmCluster.Builder builder) {
    SlurmCluster cluster = builder.progress(progress).build();
    own.add(cluster);
    return cluster;
  }

  private static SlurmCluster cluster() {
    return shared;
  }

  private static String name() {
    return shared.name();
  }

  private static SlurmShell login() throws IOException {
    return shell(shared);
  }

  private static SlurmShell shell(SlurmCluster cluster) throws IOException {
    return SlurmShell.withKey(cluster.connection().orElseThrow());
  }

  /** Runs a script as a batch job and returns what it prints. */
  private static String batch(SlurmShell shell, String options, String script) throws IOException {
    String name = "batch-" + UUID.randomUUID();
    String job =
        shell.ok("sbatch --parsable --output=" + name + " " + options, "#!/bin/bash\n" + script);
    assertThat(shell.awaitState(job, "COMPLETED|FAILED|CANCELLED")).isEqualTo("COMPLETED");
    return shell.download(name).strip();
  }

  private static List<String> lines(String text) {
    return text.lines().map(String::strip).toList();
  }

  /** A cluster of one node with a setup of its own. */
  private SlurmCluster withSetup(String name, String setup) throws IOException {
    Path definition =
        Files.writeString(
            site.resolve(name + ".yaml"),
            """
            nodes: [{name: one, role: all-in-one, cpus: 1, memory: 512, partitions: [p]}]
            partitions: [{name: p, default: true}]
            setup: [%s]
            """
                .formatted(setup));
    return own(builder(name).definition(definition).timeout(Duration.ofSeconds(20)));
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

  @Test
  void canBeCreatedAgainFromTheDefinitionItWrote() throws IOException {
    Path written = cluster().directory().resolve("cluster.yaml");

    SlurmCluster again = own(builder("again").definition(written));
    again.create();

    assertThat(again.directory().resolve("cluster.yaml"))
        .content()
        .isEqualTo(Files.readString(written).replace("name: " + name(), "name: again"));
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
  void setupRunsOnceInTheLifeOfANode() throws IOException {
    SlurmCluster cluster = withSetup("once", "echo done");
    cluster.start();
    cluster.start();
    cluster.stop();
    cluster.start();

    assertThat(progress.steps()).filteredOn(step -> step.contains("  setup on one")).hasSize(1);
  }

  @Test
  void setupThatFailsEndsTheStartWithItsOutput() throws IOException {
    SlurmCluster cluster =
        withSetup(
            "fails", "echo fine, \"echo to stdout; echo to stderr >&2; exit 7\", touch never");

    SlurmClusterException failure =
        catchThrowableOfType(SlurmClusterException.class, cluster::start);

    assertThat(failure)
        .hasMessageContaining("setup on node one ended with exit code 7: echo to stdout;")
        .hasMessageContaining("\n  to stdout\n  to stderr");
    assertThat(progress.steps())
        .contains("  setup on one: echo fine")
        .noneMatch(step -> step.contains("never"));
    assertThat(Leftovers.processesOf(cluster.directory())).isEmpty();
    assertThat(cluster.connection()).isEmpty();
  }

  @Test
  void setupThatNeverEndsEndsAtTheTimeout() throws IOException {
    SlurmCluster cluster = withSetup("endless", "sleep 600");

    assertThatThrownBy(cluster::start)
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("sleep 600");
    assertThat(Leftovers.processesOf(cluster.directory())).isEmpty();
  }

  @Test
  void heldJobsSurviveARestart() throws IOException {
    SlurmCluster cluster = own(builder("restart"));
    cluster.start();
    String held;
    try (SlurmShell shell = shell(cluster)) {
      held = shell.ok("sbatch --parsable --hold --output=held.txt --wrap 'echo held'");
    }

    cluster.stop();
    cluster.start();

    try (SlurmShell shell = shell(cluster)) {
      shell.ok("scontrol show job " + held + " | grep JobState=PENDING");
    }
  }

  @Test
  void timeLimitEndsAJobThatIsPastIt() throws Exception {
    // A minute and more for each engine is enough of waiting.
    assumeTrue(version == SlurmVersion.DEFAULT);
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
