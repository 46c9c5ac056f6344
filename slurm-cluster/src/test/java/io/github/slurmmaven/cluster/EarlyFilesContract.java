/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/** Prologs, epilogs and plugins: there before any daemon starts, and named when they are not. */
@Timeout(180)
abstract class EarlyFilesContract extends RealClusters {

  /** What a healthy start calls an error all the same. */
  private static final List<String> EXPECTED_ERRORS =
      List.of(
          // Usage is gathered to enforce --mem, and there is no database to store it in.
          "Job accounting information gathered, but not stored",
          "WARNING: Even though we are collecting accounting information you have asked for it not"
              + " to be stored.*",
          // Slurm looks for the last ids when it gives out the first.
          "Could not open (?:job|reservation) state file .*: No such file or directory",
          "NOTE: Trying backup state save file. (?:Jobs|Reservations) may be lost!?",
          // srun is gone by the time that slurmctld reports its job's end.
          "slurm_send_node_msg: .*SRUN_JOB_COMPLETE\\) failed: .*",
          "slurm_msg_sendto: .* msg_type=7004: .*",
          "slurm_receive_msg \\[[0-9.:]+]: Zero Bytes were transmitted or received",
          // A busy machine.
          "High latency for 1000 calls to gettimeofday.*");

  private static final Pattern ERROR = Pattern.compile("(?m)^.*?\\berror: (.*)$");

  @TempDir Path directory;

  EarlyFilesContract(TestBackend backend) {
    super(backend);
  }

  final ClusterRequest request(SlurmVersion version, String definition) throws IOException {
    Path file = Files.writeString(directory.resolve("own.yaml"), "preset: cpu\n" + definition);
    return own(
        builder("early")
            .definition(file)
            .slurmVersion(version.release())
            .timeout(Duration.ofSeconds(100)));
  }

  private void script(String name, String text) throws IOException {
    Files.setPosixFilePermissions(
        Files.writeString(directory.resolve(name), "#!/bin/sh\n" + text),
        PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @ParameterizedTest
  @Releases.Two
  void filesAreThereBeforeDaemonsStart(SlurmVersion version) throws Exception {
    Path seen = Files.createDirectory(directory.resolve("seen"));
    Files.setPosixFilePermissions(seen, PosixFilePermissions.fromString("rwxrwxrwx"));
    String target = backend == TestBackend.DOCKER ? "/seen" : seen.toString();
    script("prolog.sh", "echo \"$SLURM_JOB_ID\" >> %s/prolog\n".formatted(target));
    script("epilog.sh", "echo \"$SLURM_JOB_ID\" >> %s/epilog\n".formatted(target));
    ClusterRequest clusterRequest =
        request(
            version,
            """
            mounts: [{source: seen, target: %s}]
            files:
              - {source: prolog.sh, target: /home/slurm/site/prolog.sh}
              - {source: epilog.sh, target: /etc/slurm/epilog.sh}
            slurm_conf: [Prolog=/home/slurm/site/prolog.sh, Epilog=/etc/slurm/epilog.sh]
            """
                .formatted(target));
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();

    try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
      assertThat(shell.ok("srun echo ran").strip()).isEqualTo("ran");
    }
    // The first job is the one that shows that the cluster works.
    assertThat(seen.resolve("prolog")).content().startsWith("1\n2\n");
    assertThat(seen.resolve("epilog")).content().startsWith("1\n");
  }

  /**
   * Fails when a start with a line of slurm.conf that names a missing or failing script succeeds.
   */
  final void assertNamed(SlurmVersion version, String line, String what, String cause)
      throws IOException {
    ClusterRequest clusterRequest = request(version, "slurm_conf: ['%s']\n".formatted(line));
    SlurmCluster cluster = clusterRequest.cluster();

    assertThat(startFails(clusterRequest))
        .hasMessageContaining(what)
        .hasMessageContaining("Likely cause: ")
        .hasMessageContaining(cause)
        .hasMessageContaining(" says: error: ")
        .hasMessageNotContaining("(timeout)")
        .hasMessageNotContaining("state=resume");
  }

  @ParameterizedTest
  @Releases.All
  void aHealthyStartLogsNoOtherErrors(SlurmVersion version) throws IOException {
    ClusterRequest clusterRequest = request(version, "");
    SlurmCluster cluster = clusterRequest.cluster();
    clusterRequest.start();

    List<String> lines = new ArrayList<>();
    cluster.logs(
        Optional.empty(),
        new LogRequest(OptionalInt.empty(), Optional.empty(), false),
        (node, line) -> lines.add(line));
    List<String> errors =
        ERROR.matcher(String.join("\n", lines)).results().map(found -> found.group(1)).toList();
    assertThat(errors)
        .contains("Job accounting information gathered, but not stored")
        .allSatisfy(
            error ->
                assertThat(EXPECTED_ERRORS)
                    .as(error)
                    .anyMatch(expected -> error.matches(expected)));
  }
}
