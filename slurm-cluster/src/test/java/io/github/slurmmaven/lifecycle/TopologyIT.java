/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import io.github.slurmmaven.connection.Connection;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.docker.RawClient;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.lifecycle.SlurmShell.Result;
import io.github.slurmmaven.report.SlurmClusterException;
import io.github.slurmmaven.report.UserMistakeException;
import io.github.slurmmaven.spec.RegistrySpec;
import io.github.slurmmaven.spec.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestClassOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a cluster of several nodes, GPUs, users and services does on a real engine. */
@Timeout(180)
@TestClassOrder(ClassOrderer.OrderAnnotation.class)
class TopologyIT {

  private static final Path OUTPUT =
      Path.of("target", "it", UUID.randomUUID().toString().substring(0, 8)).toAbsolutePath();
  private static final Path SITE = OUTPUT.resolve("site");
  private static final String DIRECTORY = "io.github.slurmmaven.directory";

  /** Everything that a definition can say, on four nodes. */
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
      services: {registry: {port: 0}}
      users: [alice, {name: bob, uid: 1500}]
      mounts:
        - {source: "shared 'data'", target: /data}
        - {source: fixed.txt, target: /fixed.txt, read_only: true}
      files:
        - {source: sdk, target: /opt/sdk}
        - {source: fixed.txt, target: /etc/gpu.txt, on: gpu-0}
      setup:
        - echo everywhere >> /var/setup
        - {run: /opt/sdk/bin/hello >> /var/setup, on: compute}
        - on: cpu-1
          run: |
            for word in one two; do
              echo "$word" >> /var/setup
            done
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

  private static final Map<SlurmVersion, SlurmCluster> CLUSTERS = new EnumMap<>(SlurmVersion.class);
  private static final Map<SlurmVersion, String> OVERDUE = new EnumMap<>(SlurmVersion.class);

  private static ContainerEngine engine;

  private final List<SlurmCluster> own = new ArrayList<>();
  private final RecordingProgress progress = new RecordingProgress();

  @BeforeAll
  static void startClusters() throws IOException {
    engine = DockerEngine.connect(Environment.system());
    Files.createDirectories(SITE.resolve("sdk/bin"));
    // As a container sees it, the host's files are those of another user.
    Files.setPosixFilePermissions(
        Files.createDirectories(SITE.resolve("shared 'data'")),
        PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.writeString(SITE.resolve("fixed.txt"), "fixed\n");
    Files.setPosixFilePermissions(
        Files.writeString(SITE.resolve("sdk/bin/hello"), "#!/bin/sh\necho hello\n"),
        PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(SITE.resolve("cluster.yaml"), DEFINITION);

    List<CompletableFuture<Void>> starts = new ArrayList<>();
    for (SlurmVersion version : SlurmVersion.values()) {
      SlurmCluster cluster =
          builder(name(version))
              .definition(SITE.resolve("cluster.yaml"))
              .slurmVersion(version.release())
              .build();
      CLUSTERS.put(version, cluster);
      starts.add(CompletableFuture.runAsync(cluster::start));
    }
    starts.forEach(CompletableFuture::join);
    // Slurm counts time limits in minutes, so this one runs while the other tests do.
    for (SlurmVersion version : SlurmVersion.values()) {
      try (SlurmShell shell = login(version)) {
        OVERDUE.put(
            version,
            shell.ok("sbatch --parsable --nodelist=cpu-0 --time=1 --wrap='exec sleep 600'"));
      }
    }
  }

  @AfterAll
  static void removeClusters() throws IOException {
    try (ContainerEngine closing = engine) {
      CLUSTERS.values().forEach(SlurmCluster::destroy);
      CLUSTERS.values().forEach(TopologyIT::assertNothingIsLeftOf);
      try (Stream<Path> paths = Files.walk(OUTPUT)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  @AfterEach
  void removeOwn() {
    own.forEach(SlurmCluster::destroy);
    own.forEach(TopologyIT::assertNothingIsLeftOf);
  }

  private static void assertNothingIsLeftOf(SlurmCluster cluster) {
    Map<String, String> labels = Map.of(DIRECTORY, cluster.directory().toString());
    assertThat(engine.listContainers(labels)).isEmpty();
    assertThat(engine.listVolumes(labels)).isEmpty();
    assertThat(engine.listNetworks())
        .noneMatch(network -> network.labels().entrySet().containsAll(labels.entrySet()));
  }

  private static SlurmCluster.Builder builder(String name) {
    return SlurmCluster.builder()
        .outputDirectory(OUTPUT)
        .name(name)
        .port(0)
        .owner(Owner.thisBuild());
  }

  /** A cluster of one test, gone after it. */
  private SlurmCluster own(SlurmCluster.Builder builder) {
    SlurmCluster cluster = builder.progress(progress).build();
    own.add(cluster);
    return cluster;
  }

  private static String name(SlurmVersion version) {
    return "slurm-" + version.release().replace('.', '-');
  }

  private static SlurmCluster cluster(SlurmVersion version) {
    return Objects.requireNonNull(CLUSTERS.get(version));
  }

  private static SlurmShell login(SlurmVersion version) throws IOException {
    return shell(cluster(version));
  }

  private static SlurmShell shell(SlurmCluster cluster) throws IOException {
    return SlurmShell.withKey(cluster.connection().orElseThrow());
  }

  /** Logs in as one of the users, with the user's own key. */
  private static SlurmShell login(SlurmVersion version, String user) throws IOException {
    Connection connection = cluster(version).connection().orElseThrow();
    return SlurmShell.withKey(
        new Connection(
            connection.clusterName(),
            connection.directory(),
            connection.slurmVersion(),
            connection.partition(),
            connection.sshHost(),
            connection.sshPort(),
            user,
            connection.sshPassword(),
            Objects.requireNonNull(connection.userKeys().get(user)),
            connection.sshKnownHosts(),
            connection.userKeys(),
            connection.registry(),
            connection.registryInternal(),
            connection.images()));
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

  private static String onNode(SlurmShell shell, String node, String command) throws IOException {
    return shell.ok("srun --quiet --partition=all --nodelist=" + node + " " + command);
  }

  @Nested
  @DisplayName("A cluster from a definition")
  @ParameterizedClass(name = "of Slurm {0}")
  @EnumSource(SlurmVersion.class)
  @Order(1)
  class Defined {

    private final SlurmVersion version;

    Defined(SlurmVersion version) {
      this.version = version;
    }

    @Test
    void isWhatTheDefinitionSays() throws IOException {
      try (SlurmShell shell = login(version)) {
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
        assertThat(shell.ok("srun --constraint=nvlink --partition=all hostname"))
            .isEqualTo("gpu-0");
      }
    }

    @Test
    void canBeCreatedAgainFromTheDefinitionItWrote() throws IOException {
      Path written = cluster(version).directory().resolve("cluster.yaml");

      SlurmCluster again = own(builder("again").definition(written));
      again.create();

      assertThat(again.directory().resolve("cluster.yaml"))
          .content()
          .isEqualTo(Files.readString(written).replace("name: " + name(version), "name: again"));
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
      try (SlurmShell shell = login(version)) {
        List<String> seen =
            lines(
                batch(
                    shell,
                    "--partition=gpu " + options,
                    """
                    env | grep -E '^(SLURM_(GPUS|GPUS_ON_NODE|JOB_GPUS)|CUDA_VISIBLE_DEVICES)='
                    ls $(echo /dev/fakegpu{0..5})
                    nvidia-smi --query-gpu=index --format=csv,noheader
                    """));

        assertThat(seen)
            .contains(
                "SLURM_GPUS_ON_NODE=" + number,
                "SLURM_JOB_GPUS=" + devices,
                "CUDA_VISIBLE_DEVICES=" + devices,
                "/dev/fakegpu5")
            .endsWith(devices.split(","));
        // Slurm sets it for this option alone.
        String total = options.startsWith("--gpus=") ? options.substring(7) : "";
        assertThat(seen.stream().filter(line -> line.startsWith("SLURM_GPUS=")))
            .containsExactlyElementsOf(
                total.isEmpty() ? List.of() : List.of("SLURM_GPUS=" + total));
      }
    }

    @Test
    void givesEachTaskItsGpu() throws IOException {
      try (SlurmShell shell = login(version)) {
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
      try (SlurmShell shell = login(version)) {
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
      try (SlurmShell shell = login(version)) {
        Result refused = shell.run("sbatch " + options + " --wrap true");

        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.stderr()).contains("Requested node configuration is not available");
      }
    }

    @Test
    void nvidiaSmiListsTheGpusOfTheJobAlone() throws IOException {
      try (SlurmShell shell = login(version)) {
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
    void hasOneFileSystem() throws IOException {
      try (SlurmShell shell = login(version)) {
        String job =
            shell.ok(
                "sbatch --parsable --nodelist=cpu-1 --output=where.txt"
                    + " --wrap 'hostname; srun pwd'");
        shell.awaitState(job, "COMPLETED");

        assertThat(shell.ok("hostname")).isEqualTo("head");
        assertThat(shell.ok("cat where.txt")).isEqualTo("cpu-1\n/home/slurm");
        assertThat(shell.download("where.txt")).isEqualTo("cpu-1\n/home/slurm\n");
      }
    }

    @Test
    void seesTheMountsOfTheHost() throws IOException {
      Path data = SITE.resolve("shared 'data'");
      try (SlurmShell shell = login(version)) {
        String file = "from-" + version;
        onNode(shell, "cpu-0", "sh -c 'hostname > /data/" + file + "'");
        assertThat(data.resolve(file)).content().isEqualTo("cpu-0\n");
        Files.writeString(data.resolve(file), "from the host\n");
        assertThat(onNode(shell, "gpu-0", "cat /data/" + file)).isEqualTo("from the host");
        assertThat(shell.ok("cat /data/" + file)).isEqualTo("from the host");

        assertThat(onNode(shell, "cpu-1", "cat /fixed.txt")).isEqualTo("fixed");
        assertThat(shell.run("srun --partition=all sh -c 'echo > /fixed.txt'").stderr())
            .contains("Read-only file system");
      }
      assertThat(SITE.resolve("fixed.txt")).content().isEqualTo("fixed\n");
    }

    @ParameterizedTest
    @CsvSource({"alice, 1001", "bob, 1500"})
    void usersAreTheSameOnAllNodesAndRunJobs(String user, int uid) throws IOException {
      try (SlurmShell shell = login(version, user)) {
        assertThat(shell.ok("id"))
            .startsWith("uid=%d(%s) gid=%d(%s)".formatted(uid, user, uid, user));
        for (String node : List.of("cpu-0", "cpu-1", "gpu-0")) {
          assertThat(onNode(shell, node, "id")).isEqualTo(shell.ok("id"));
        }
        String job = shell.ok("sbatch --parsable --output=%j.txt --wrap 'id -un; pwd; touch mine'");
        shell.awaitState(job, "COMPLETED");
        assertThat(shell.ok("cat " + job + ".txt")).isEqualTo(user + "\n/home/" + user);
        assertThat(shell.ok("stat --format=%U:%G mine")).isEqualTo(user + ":" + user);
        assertThat(shell.ok("scontrol show job " + job))
            .contains("UserId=" + user + "(" + uid + ")");
        assertThat(shell.run("touch /home/slurm/not-mine").stderr()).contains("Permission denied");
      }
    }

    @Test
    void usersHaveKeysOfTheirOwn() {
      Connection connection = cluster(version).connection().orElseThrow();

      assertThat(connection.userKeys()).containsOnlyKeys("alice", "bob");
      assertThat(connection.userKeys().values())
          .doesNotContain(connection.sshPrivateKey())
          .doesNotHaveDuplicates();
      assertThatThrownBy(
              () ->
                  SlurmShell.withKey(
                      new Connection(
                          connection.clusterName(),
                          connection.directory(),
                          connection.slurmVersion(),
                          connection.partition(),
                          connection.sshHost(),
                          connection.sshPort(),
                          "bob",
                          connection.sshPassword(),
                          Objects.requireNonNull(connection.userKeys().get("alice")),
                          connection.sshKnownHosts(),
                          connection.userKeys(),
                          connection.registry(),
                          connection.registryInternal(),
                          connection.images())))
          .hasMessageContaining("Exhausted available authentication methods");
    }

    @Test
    void isSetUpWhereTheDefinitionSays() throws IOException {
      try (SlurmShell shell = login(version)) {
        assertThat(shell.ok("cat /var/setup")).isEqualTo("everywhere");
        assertThat(onNode(shell, "cpu-0", "cat /var/setup")).isEqualTo("everywhere\nhello");
        assertThat(onNode(shell, "cpu-1", "cat /var/setup"))
            .isEqualTo("everywhere\nhello\none\ntwo");
        assertThat(onNode(shell, "gpu-0", "cat /var/setup")).isEqualTo("everywhere\nhello");
        assertThat(onNode(shell, "gpu-0", "cat /etc/gpu.txt")).isEqualTo("fixed");
        assertThat(shell.run("ls /etc/gpu.txt").exitCode()).isNotZero();
        assertThat(shell.ok("stat --format='%U %a' /opt/sdk/bin/hello")).isEqualTo("root 755");
      }
    }

    @Test
    void jobThatOutgrowsItsMemoryIsKilledWithAReason() throws IOException {
      try (SlurmShell shell = login(version)) {
        shell.upload("hog.py", MEMORY_HOG);
        String job =
            shell.ok("sbatch --parsable --mem=64 --output=hog.txt --wrap 'exec python3 hog.py'");

        assertThat(shell.awaitState(job, "COMPLETED|FAILED|CANCELLED|OUT_OF_MEMORY"))
            .isEqualTo("FAILED");
        assertThat(shell.ok("scontrol show job " + job))
            .contains("ExitCode=0:9")
            .containsPattern("Reason=(RaisedSignal:9\\(Killed\\)|JobLaunchFailure) ");
        assertThat(shell.download("hog.txt"))
            .containsPattern(
                "StepId=" + job + ".batch exceeded memory limit \\(\\d+ > 67108864\\)");

        Result step = shell.run("srun --mem=64 python3 hog.py");
        assertThat(step.exitCode()).isEqualTo(128 + 9);
        assertThat(step.stderr()).contains("Exceeded job memory limit");
        assertThat(shell.run("srun --mem=512 python3 hog.py").exitCode()).isZero();
      }
    }

    @Test
    void smallJobsRunSideBySideOnANode() throws IOException {
      try (SlurmShell shell = login(version)) {
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
    void registryServesTheNodesWhatTheHostPushes() throws Exception {
      Connection connection = cluster(version).connection().orElseThrow();
      assertThat(connection.registryInternal()).hasValue("registry:5000");
      String repository = connection.registry().orElseThrow() + "/test/image";
      try (DockerClient docker = RawClient.connect();
          SlurmShell shell = login(version)) {
        docker.tagImageCmd(RegistrySpec.DEFAULT_IMAGE, repository, "1").exec();
        try {
          docker
              .pushImageCmd(repository + ":1")
              .exec(new ResultCallback.Adapter<>())
              .awaitCompletion();
        } finally {
          docker.removeImageCmd(repository + ":1").exec();
        }

        shell.upload(
            "manifest.py",
            """
            import json, urllib.request
            request = urllib.request.Request(
                "http://registry:5000/v2/test/image/manifests/1",
                headers={"Accept": "application/vnd.docker.distribution.manifest.v2+json"})
            with urllib.request.urlopen(request) as answer:
                print(json.load(answer)["mediaType"])
            """);
        assertThat(onNode(shell, "cpu-0", "python3 manifest.py"))
            .isEqualTo("application/vnd.docker.distribution.manifest.v2+json");
      }
    }
  }

  @Nested
  @DisplayName("A topology by numbers")
  @Order(2)
  class ByNumbers {

    @ParameterizedTest(name = "{0}")
    @EnumSource(SlurmVersion.class)
    void hasTheNodesAskedFor(SlurmVersion version) throws IOException {
      SlurmCluster cluster =
          own(
              builder("numbers")
                  .preset("multi-node")
                  .slurmVersion(version.release())
                  .cpuNodes(3)
                  .gpuNodes(1)
                  .cpusPerNode(2)
                  .memoryPerNode(256)
                  .gpusPerNode(5));
      cluster.start();

      try (SlurmShell shell = shell(cluster)) {
        assertThat(lines(shell.ok("sinfo --noheader --Node --format='%N %P %c %m %G'")))
            .containsExactlyInAnyOrder(
                "compute-0 cpu* 2 256 (null)",
                "compute-1 cpu* 2 256 (null)",
                "compute-2 cpu* 2 256 (null)",
                "gpu-0 gpu 2 256 gpu:fake:5");
        assertThat(lines(shell.ok("srun --nodes=3 hostname")))
            .containsExactlyInAnyOrder("compute-0", "compute-1", "compute-2");
      }
    }

    @Test
    void tooManyNodesAreRefusedBeforeAnythingIsMade() {
      SlurmCluster cluster = own(builder("huge").cpuNodes(1000));

      assertThatThrownBy(cluster::start)
          .isInstanceOf(UserMistakeException.class)
          .hasMessage("1001 nodes are too many: a cluster's network has room for 200");
      assertThat(cluster.directory()).doesNotExist();
      assertNothingIsLeftOf(cluster);
    }
  }

  @Nested
  @DisplayName("Setup")
  @Order(3)
  class Setup {

    private SlurmCluster withSetup(String name, String setup) throws IOException {
      Path definition = SITE.resolve(name + ".yaml");
      Files.writeString(
          definition,
          """
          nodes: [{name: one, role: all-in-one, cpus: 1, memory: 512, partitions: [p]}]
          partitions: [{name: p, default: true}]
          setup: [%s]
          """
              .formatted(setup));
      return own(builder(name).definition(definition));
    }

    @Test
    void runsOnceInTheLifeOfANode() throws IOException {
      SlurmCluster cluster = withSetup("once", "echo done >> /home/slurm/count");
      cluster.start();
      cluster.start();
      cluster.stop();
      cluster.start();
      try (SlurmShell shell = shell(cluster)) {
        assertThat(shell.ok("cat count")).isEqualTo("done");
      }

      Path compose = cluster.directory().resolve("docker-compose.yml");
      Files.writeString(
          compose,
          Files.readString(compose).replace("stop_grace_period: 5s", "stop_grace_period: 4s"));
      cluster.start();

      try (SlurmShell shell = shell(cluster)) {
        assertThat(shell.ok("cat count")).isEqualTo("done\ndone");
      }
    }

    @Test
    void failureEndsTheStartWithItsOutput() throws IOException {
      SlurmCluster cluster =
          withSetup(
              "fails", "echo fine, \"echo to stdout; echo to stderr >&2; exit 7\", touch /never");

      SlurmClusterException failure =
          catchThrowableOfType(SlurmClusterException.class, cluster::start);

      assertThat(failure)
          .hasMessageContaining("setup on node one ended with exit code 7: echo to stdout;")
          .hasMessageContaining("\n  to stdout\n  to stderr");
      assertThat(progress.steps())
          .contains("  setup on one: echo fine")
          .noneMatch(step -> step.contains("never"));
      assertNothingIsLeftOf(cluster);
      assertThat(cluster.connection()).isEmpty();
    }

    @Test
    void ofNeverEndingCommandsEndsAtTheTimeout() throws IOException {
      Path definition = SITE.resolve("endless.yaml");
      Files.writeString(
          definition,
          """
          nodes: [{name: one, role: all-in-one, cpus: 1, memory: 512, partitions: [p]}]
          partitions: [{name: p, default: true}]
          setup: [sleep 600]
          """);
      SlurmCluster cluster =
          own(builder("endless").definition(definition).timeout(Duration.ofSeconds(6)));

      assertThatThrownBy(cluster::start)
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContaining("sleep 600");
      assertNothingIsLeftOf(cluster);
    }
  }

  @Nested
  @DisplayName("A time limit")
  @Order(4)
  class TimeLimit {

    @ParameterizedTest(name = "{0}")
    @EnumSource(SlurmVersion.class)
    void endsAJobThatIsPastIt(SlurmVersion version) throws Exception {
      String job = Objects.requireNonNull(OVERDUE.get(version));
      Duration patience = Duration.ofMinutes(2);
      long deadline = System.nanoTime() + patience.toNanos();
      try (SlurmShell shell = login(version)) {
        String shown = shell.ok("scontrol show job " + job);
        while (shown.contains("JobState=RUNNING") && System.nanoTime() < deadline) {
          Thread.sleep(500);
          shown = shell.ok("scontrol show job " + job);
        }
        assertThat(shown).contains("JobState=TIMEOUT Reason=TimeLimit");
        assertThat(shell.ok("cat slurm-" + job + ".out")).contains("DUE TO TIME LIMIT");
      }
    }
  }
}
