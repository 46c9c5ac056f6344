/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.ScriptCheck;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.site.SiteTwin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Twins of sites: Slurm takes their definitions, and refuses what the sites would. */
@Tag("embedded")
@Timeout(600)
class SiteTwinIT extends RealClusters {

  @TempDir private Path directory;

  SiteTwinIT() {
    super(TestBackend.EMBEDDED);
  }

  private SlurmCluster start(String name, SlurmVersion version, int most) {
    SiteTwin twin =
        SiteTwin.of(Path.of("src/test/resources/site", name), version, most, Optional.empty());
    Path definition = directory.resolve("twin.yaml");
    Path slurmFiles = directory.resolve("slurm");
    twin.write(definition, slurmFiles, false);
    ClusterRequest request =
        own(
            builder(name)
                .definition(definition)
                .slurmFiles(twin.files().isEmpty() ? null : slurmFiles)
                .timeout(Duration.ofSeconds(150)));
    request.start();
    return request.cluster();
  }

  private static void assertNodes(SlurmShell shell, int all, int running) throws Exception {
    assertThat(lines(shell.ok("sinfo -a -h -N -o %N | sort -u"))).hasSize(all);
    assertThat(lines(shell.ok("sinfo -a -h -N -t idle -o %N | sort -u"))).hasSize(running);
  }

  private ScriptCheck check(SlurmCluster cluster, String text) throws IOException {
    Path script = Files.writeString(directory.resolve("job.sh"), "#!/bin/sh\n" + text);
    return cluster.check(script, Optional.empty(), List.of()).get(0);
  }

  private static String refused(SlurmShell shell, String command) throws Exception {
    return shell.ok("! " + command + " 2>&1");
  }

  @ParameterizedTest
  @CsvSource({"22.05", "24.11", "26.05"})
  @Tag("slow")
  void aCentreOfHundredsOfNodes(SlurmVersion version) throws Exception {
    SlurmCluster cluster = start("centre", version, 40);

    try (SlurmShell shell = shell(cluster)) {
      assertNodes(shell, 361, 40);
      assertThat(refused(shell, "sbatch -p short -t 31 --wrap true"))
          .contains("Requested time limit is invalid");
      assertThat(refused(shell, "sbatch -p short -N 5 -t 1 --wrap true"))
          .contains("Node count specification invalid");
      assertThat(refused(shell, "sbatch -p batch -C fat --wrap true"))
          .contains("Requested node configuration is not available");
      assertThat(refused(shell, "sbatch -p batch --mem 200G --wrap true"))
          .contains("Requested node configuration is not available");
      assertThat(shell.ok("srun -p batch -C rack2 hostname -s >/dev/null; echo $?").strip())
          .isEqualTo("0");
      // More nodes than run: the site would have the job wait, and so does the twin.
      assertThat(shell.ok("sbatch -p batch -N 200 -t 1 --wrap true")).contains("Submitted");
      assertThat(check(cluster, "#SBATCH -p batch -N 200 -t 1\n").isTaken()).isTrue();
      assertThat(refused(shell, "sbatch --test-only -p batch -N 200 -t 1 --wrap true"))
          .contains("allocation failure");
      assertThat(check(cluster, "#SBATCH -p short -t 31\n").answer())
          .contains("Requested time limit is invalid");
      cluster.reset();
      assertNodes(shell, 361, 40);
    }
    assertThat(cluster.status().nodes()).hasSize(41).allMatch(node -> node.running());
  }

  @ParameterizedTest
  @CsvSource({"22.05", "24.11", "26.05"})
  @Tag("slow")
  void aClusterOfGpus(SlurmVersion version) throws Exception {
    SlurmCluster cluster = start("gpu", version, 64);

    try (SlurmShell shell = shell(cluster)) {
      assertNodes(shell, 11, 11);
      assertThat(refused(shell, "sbatch --gpus 1 --wrap true"))
          .contains("Say how long the job may take: --time");
      assertThat(check(cluster, "#SBATCH --gpus 1\n").answer())
          .contains("Say how long the job may take: --time");
      assertThat(refused(shell, "sbatch -t 1 -p a100 --gres gpu:rtx_2080ti:1 --wrap true"))
          .contains("Requested node configuration is not available");
      assertThat(shell.ok("srun -t 1 -p a100 --gres gpu:a100:8 sh -c 'echo $CUDA_VISIBLE_DEVICES'"))
          .contains("0,1,2,3,4,5,6,7");
      assertThat(shell.ok("srun -t 1 -w gtx --gres gpu:2 sh -c 'echo $CUDA_VISIBLE_DEVICES'"))
          .contains("0,1");
      assertThat(shell.ok("srun -t 1 --gres nvme:2 hostname >/dev/null; echo $?").strip())
          .isEqualTo("0");
    }
  }

  @ParameterizedTest
  @CsvSource({"22.05", "26.05"})
  void anOldCluster(SlurmVersion version) throws Exception {
    SlurmCluster cluster = start("old", version, 8);

    try (SlurmShell shell = shell(cluster)) {
      assertNodes(shell, 20, 8);
      assertThat(shell.ok("sinfo -h -o '%P %h'").strip()).isEqualTo("all* FORCE:2");
    }
  }

  @ParameterizedTest
  @CsvSource({"22.05", "24.11"})
  @Tag("slow")
  void thousandsOfNodesInTheCloud(SlurmVersion version) throws Exception {
    SlurmCluster cluster = start("cloud", version, 64);

    try (SlurmShell shell = shell(cluster)) {
      assertNodes(shell, 2065, 64);
      assertThat(shell.ok("srun -p c5 -N 2 hostname >/dev/null; echo $?").strip()).isEqualTo("0");
    }
  }
}
