/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/** Software that jobs need, and MPI above all, on real containers. */
@Timeout(900)
class JobSoftwareIT {

  private static final String MPI_PROGRAM =
      """
      #include <mpi.h>
      #include <stdio.h>

      int main(int argc, char **argv) {
        int rank, size, length, sum = 0;
        char host[MPI_MAX_PROCESSOR_NAME];
        MPI_Init(&argc, &argv);
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        MPI_Comm_size(MPI_COMM_WORLD, &size);
        MPI_Get_processor_name(host, &length);
        MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
        printf("rank %d of %d on %s, sum %d\\n", rank, size, host, sum);
        MPI_Finalize();
        return 0;
      }
      """;

  private static final List<String> FOUR_RANKS_ON_TWO_NODES =
      List.of(
          "rank 0 of 4 on compute-0, sum 6",
          "rank 1 of 4 on compute-0, sum 6",
          "rank 2 of 4 on compute-1, sum 6",
          "rank 3 of 4 on compute-1, sum 6");

  private static final String TWO_NODES = "-N2 -n4 --ntasks-per-node=2";

  private final RecordingProgress progress = new RecordingProgress();
  private final Path output;
  private ClusterRequest request;

  JobSoftwareIT(@TempDir Path output) {
    this.output = output;
  }

  @AfterEach
  void destroy() {
    request.cluster().destroy();
  }

  private ClusterRequest request(SlurmVersion version, String definition) throws IOException {
    Path file = Files.writeString(output.resolve("definition.yaml"), definition);
    request =
        ClusterRequest.builder()
            .name("software")
            .outputDirectory(output)
            .definition(file)
            .slurmVersion(version.release())
            .ssh(ssh -> ssh.port(0))
            .engine("docker")
            .timeout(Duration.ofMinutes(10))
            .owner(Owner.thisBuild())
            .progress(progress)
            .build();
    return request;
  }

  private static List<String> sorted(String lines) {
    return lines.lines().sorted().toList();
  }

  @ParameterizedTest
  @Releases.One
  void packagesAreInAnImageThatIsBuiltOnceAndMpiRunsOverTwoNodes(SlurmVersion version)
      throws IOException {
    request(
        version, "preset: multi-node\npackages: [gcc, libc6-dev, libopenmpi-dev, openmpi-bin]\n");
    try (SlurmShell shell = SlurmShell.withKey(request.start())) {
      // docs/slurm.md: Debian's package of 26.05 has no PMIx.
      boolean pmix = !version.equals(SlurmVersion.V26_05);
      String types = shell.ok("srun --mpi=list 2>&1");
      assertThat(types).contains("pmi2");
      assertThat(types.contains("pmix")).as(types).isEqualTo(pmix);

      shell.run("cat > ranks.c", MPI_PROGRAM);
      shell.ok("mpicc -o ranks ranks.c");
      if (pmix) {
        assertThat(sorted(shell.ok("srun --mpi=pmix " + TWO_NODES + " ./ranks")))
            .isEqualTo(FOUR_RANKS_ON_TWO_NODES);
      }
      // Nor may Debian 14's Open MPI use the network without this.
      String network = pmix ? "" : "OMPI_MCA_btl_tcp_if_include=eth0 ";
      shell.ok(
          "sbatch --wait -o out.txt %s --wrap '%smpirun ./ranks'".formatted(TWO_NODES, network));
      assertThat(sorted(shell.ok("cat out.txt"))).isEqualTo(FOUR_RANKS_ON_TWO_NODES);

      // Slurm ends a step's daemon, and runs the epilog, after srun has ended.
      shell.ok(
          "srun -N2 sh -c 'until [ -z \"$(find /tmp /var/spool/slurmd -name \"*pmix*\")\" ]; do sleep 0.2; done'");
    }
    request.cluster().destroy();
    int before = progress.steps().size();

    request.start();

    assertThat(progress.steps().stream().skip(before))
        .isNotEmpty()
        .noneMatch(step -> step.startsWith("Building image"));
  }

  @ParameterizedTest
  @Releases.One
  void aPackageThatDoesNotExistIsNamed(SlurmVersion version) throws IOException {
    request(version, "preset: cpu\npackages: [make, slurm-maven-nope, slurm-maven-never]\n");

    assertThatThrownBy(request::start)
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageStartingWith(
            "packages: 'slurm-maven-never, slurm-maven-nope' cannot be installed")
        .hasMessageContaining("slurm-cluster:" + version.release() + "-");
  }

  @ParameterizedTest
  @Releases.One
  @DisplayName("setup installs common packages, and ps is there without it")
  void setupInstallsCommonPackages(SlurmVersion version) throws IOException {
    request(
        version,
        """
        preset: cpu
        setup:
          - ps -e -o comm= | grep -x slurmctld
          - >-
            apt-get update && apt-get install -y --no-install-recommends
            cron default-jre-headless gcc libc6-dev locales mariadb-server openmpi-bin
        """);

    try (SlurmShell shell = SlurmShell.withKey(request.start())) {
      shell.ok(
          "srun sh -ec 'gcc --version; java -version; mpirun --version; mariadb --version; locale -a'");
      assertThat(shell.ok("dpkg-query -W -f '${db:Status-Status} ' cron locales mariadb-server"))
          .isEqualTo("installed installed installed");
      assertThat(shell.ok("dpkg --audit")).isEmpty();
    }
  }
}
