/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.common.FileTrees;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a cluster does from its creation to its end, on each backend. */
@Timeout(600)
abstract class ClusterContract extends RealClusters {

  private static final Pattern DAEMON = Pattern.compile("(slurmctld|slurmd) -D |munged|SshServer");

  ClusterContract(TestBackend backend) {
    super(backend);
  }

  /** A cluster of one node with a setup of its own. */
  final ClusterRequest.Builder withSetup(String name, String setup) throws IOException {
    return builder(name)
        .definition(
            definition(
                name,
                """
                nodes: [{name: one, role: all-in-one, cpus: 1, memory: 512, partitions: [p]}]
                partitions: [{name: p, default: true}]
                setup: [%s]
                """
                    .formatted(setup)));
  }

  @ParameterizedTest(name = "{0}")
  @Releases.One
  void hasTheNodesAskedForByNumber(SlurmVersion version) throws IOException {
    ClusterRequest clusterRequest =
        own(
            builder("numbers")
                .preset("multi-node")
                .slurmVersion(version.release())
                .nodes(nodes -> nodes.cpuNodes(4))
                .nodes(nodes -> nodes.gpuNodes(1))
                .nodes(nodes -> nodes.cpusPerNode(2))
                .nodes(nodes -> nodes.memoryPerNode(256))
                .nodes(nodes -> nodes.gpusPerNode(5)));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(lines(shell.ok("sinfo --noheader --Node --format='%N %P %c %m %G'")))
          .containsExactlyInAnyOrder(
              "compute-0 cpu* 2 256 (null)",
              "compute-1 cpu* 2 256 (null)",
              "compute-2 cpu* 2 256 (null)",
              "compute-3 cpu* 2 256 (null)",
              "gpu-0 gpu 2 256 gpu:fake:5");
      assertThat(lines(shell.ok("srun --nodes=4 sh -c 'echo $SLURMD_NODENAME'")))
          .containsExactlyInAnyOrder("compute-0", "compute-1", "compute-2", "compute-3");
      assertThat(shell.ok("srun --nodelist=compute-2 sh -c 'echo $SLURMD_NODENAME'"))
          .isEqualTo("compute-2");
    }
  }

  @ParameterizedTest(name = "{0}")
  @Releases.One
  @Tag("slow")
  void jobsSurviveAStopAndEditsAreHonoured(SlurmVersion version) throws IOException {
    ClusterRequest clusterRequest = own(builder("stop").slurmVersion(version.release()));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    String held;
    String waiting;
    try (SlurmShell shell = shell(cluster)) {
      held = shell.ok("sbatch --parsable --hold --output=held.txt --wrap 'echo held'");
      waiting = shell.ok("sbatch --parsable --begin=now+1hour --wrap true");
      shell.ok("echo kept > file");
    }

    cluster.stop();
    assertThat(cluster.connection()).isEmpty();
    assertThat(Leftovers.processesOf(cluster.directory())).isEmpty();
    append(cluster, CONFIG, "MaxJobCount=4321\n");
    clusterRequest.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.awaitState(waiting, "[A-Z]+")).isEqualTo("PENDING");
      assertThat(shell.awaitState(held, "[A-Z]+")).isEqualTo("PENDING");
      shell.ok("scontrol release " + held);
      shell.awaitState(held, "COMPLETED");
      assertThat(shell.download("held.txt")).isEqualTo("held\n");
      assertThat(shell.download("file")).isEqualTo("kept\n");
      assertThat(shell.ok("scontrol show config")).containsPattern("MaxJobCount +=? *4321");
    }

    append(cluster, CONFIG, "MinJobAge=4322\n");
    clusterRequest.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("scontrol show config")).containsPattern("MinJobAge +=? *4322");
    }
  }

  @ParameterizedTest(name = "{0}")
  @Releases.One
  void aBrokenConfigurationFailsAtOnceAndIsNamed(SlurmVersion version) throws IOException {
    ClusterRequest clusterRequest = own(builder("broken").slurmVersion(version.release()));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.create();
    append(cluster, CONFIG, "NoSuchParameter=yes\n");
    Path config = cluster.directory().resolve(CONFIG);

    SlurmClusterException failure = startFails(clusterRequest);

    assertThat(failure)
        .hasMessageContaining("Cluster broken: node slurm exited with code 1")
        .hasMessageContaining(
            "Likely cause: %s, line %d: Slurm has no parameter 'NoSuchParameter'; correct it"
                .formatted(config, Files.readAllLines(config).size()))
        .hasMessageContaining("All logs: " + cluster.directory().resolve("logs"))
        .hasMessageNotContaining("(timeout)");
    assertThat(cluster.directory().resolve("logs/slurm.log")).content().contains("NoSuchParameter");
    assertThat(config).content().endsWith("NoSuchParameter=yes\n");
    backend.assertNothingRunsOf(cluster);
  }

  static Stream<Arguments> hostileNames() {
    return Stream.concat(
        Releases.one().stream()
            .map(version -> Arguments.of("two words, a 'b' \"c\" $HOME ünï#:\"$x", version)),
        Stream.of(
            Arguments.of(
                "beyond-what-an-address-of-a-unix-socket-can-hold-".repeat(2) + "in-any-system",
                SlurmVersion.DEFAULT)));
  }

  @ParameterizedTest
  @MethodSource("hostileNames")
  @Tag("slow")
  void aDirectoryWithAHostileNameWorks(String name, SlurmVersion version) throws IOException {
    ClusterRequest clusterRequest =
        own(
            builder("name")
                .outputDirectory(site.resolve(name))
                .preset("gpu")
                .slurmVersion(version.release()));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();

    try (SlurmShell shell = shell(cluster)) {
      assertThat(shell.ok("srun --gpus=1 sh -c 'echo $SLURMD_NODENAME $CUDA_VISIBLE_DEVICES; pwd'"))
          .isEqualTo("slurm 0\n" + home(cluster));
      String job = shell.ok("sbatch --parsable --output=out.txt --wrap 'srun echo step'");
      shell.awaitState(job, "COMPLETED|FAILED");
      assertThat(shell.download("out.txt")).isEqualTo("step\n");
      // A person who logs in to a node with GPUs sees all of them, and a job its own.
      assertThat(shell.ok("nvidia-smi -L").lines()).hasSize(2);
      assertThat(shell.ok("srun --gpus=1 nvidia-smi -L").lines()).hasSize(1);
    }
    // Processes of this machine need a name that Slurm's files can hold.
    assertThat(Leftovers.shortcutsTo(cluster.directory()))
        .hasSize(backend == TestBackend.EMBEDDED ? 1 : 0);
    cluster.stop();
    assertThat(Leftovers.shortcutsTo(cluster.directory())).isEmpty();
    clusterRequest.start();
    cluster.destroy();
  }

  /** Where jobs of the login start. */
  abstract String home(SlurmCluster cluster);

  @Test
  void startOfARunningClusterChangesNothing() {
    ClusterRequest clusterRequest = own(builder("running"));
    SlurmCluster cluster = clusterRequest.cluster();
    Connection before = clusterRequest.start();
    List<String> parts = lastingParts(cluster);
    assertThat(parts).isNotEmpty();

    assertThat(clusterRequest.start()).isEqualTo(before);

    assertThat(lastingParts(cluster)).isEqualTo(parts);
  }

  /** Containers, or the daemons among the processes: others come and go. */
  private List<String> lastingParts(SlurmCluster cluster) {
    return backend.parts(cluster).stream()
        .filter(part -> backend == TestBackend.DOCKER || DAEMON.matcher(part).find())
        .toList();
  }

  @Test
  void destroyWorksWithTheDirectoryGone() throws IOException {
    ClusterRequest clusterRequest = own(builder("gone"));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    FileTrees.delete(cluster.directory());
    assertThat(backend.parts(cluster)).isNotEmpty();

    cluster.destroy();

    backend.assertNothingIsLeftOf(cluster);
  }

  @Test
  void canBeCreatedAgainFromTheDefinitionItWrote() throws IOException {
    ClusterRequest firstRequest =
        own(builder("first").definition(definition("all", JobsContract.NODES)));
    SlurmCluster first = firstRequest.cluster();
    firstRequest.create();
    Path written = first.directory().resolve("cluster.yaml");

    ClusterRequest againRequest = own(builder("again").definition(written));
    SlurmCluster again = againRequest.cluster();
    againRequest.create();

    assertThat(again.directory().resolve("cluster.yaml"))
        .content()
        .isEqualTo(Files.readString(written).replace("name: first", "name: again"));
  }

  @Test
  @Tag("slow")
  void setupRunsOnceInTheLifeOfANode() throws IOException {
    ClusterRequest clusterRequest = own(withSetup("once", "echo done"));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();
    clusterRequest.start();
    cluster.stop();
    clusterRequest.start();

    assertThat(progress.steps()).filteredOn(step -> step.contains("  setup on one")).hasSize(1);
  }

  @Test
  void setupThatFailsEndsTheStartWithItsOutput() throws IOException {
    ClusterRequest clusterRequest =
        own(
            withSetup(
                "fails", "echo fine, \"echo to stdout; echo to stderr >&2; exit 7\", touch never"));
    SlurmCluster cluster = clusterRequest.cluster();

    assertThat(startFails(clusterRequest))
        .hasMessageContaining("setup on node one ended with exit code 7: echo to stdout;")
        .hasMessageContaining("\n  to stdout\n  to stderr");
    assertThat(progress.steps())
        .contains("  setup on one: echo fine")
        .noneMatch(step -> step.contains("never"));
    backend.assertNothingRunsOf(cluster);
    assertThat(cluster.connection()).isEmpty();
  }

  @Test
  @Tag("slow")
  void setupThatNeverEndsEndsAtTheTimeout() throws IOException {
    SlurmClusterException failure;
    int seconds = 3;
    do {
      // A slow machine needs more time until the setup begins.
      seconds *= 2;
      assertThat(seconds).as("timeout that the setup begins within").isLessThan(200);
      ClusterRequest clusterRequest =
          own(withSetup("endless", "sleep 600").timeout(Duration.ofSeconds(seconds)));
      SlurmCluster cluster = clusterRequest.cluster();
      failure = startFails(clusterRequest);
      backend.assertNothingRunsOf(cluster);
    } while (progress.steps().stream().noneMatch(step -> step.contains("  setup on one")));

    assertThat(failure).hasMessageContaining("sleep 600");
  }
}
