/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.cluster.ClusterRequest;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.mock.command.KnownToSlurm;
import io.github.slurmmaven.mock.job.Release;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real clusters answer what is written down, which is what {@link FidelityTest} holds the mock to.
 */
@Timeout(180)
class FidelityIT {

  /** What the mock takes for a column of Slurm's is one. */
  private static void assertKnowsAllColumns(Ssh client, KnownToSlurm known) throws Exception {
    for (String command : List.of("squeue", "sinfo")) {
      for (String kind : List.of("field", "letter")) {
        String refused =
            client.run(
                "for name in %s; do %s -h %s$name 2>&1 | grep -q 'Invalid .* format' && echo $name; done"
                    .formatted(
                        String.join(" ", known.all(command, kind)),
                        command,
                        kind.equals("field") ? "-O " : "-o %"));
        assertThat(refused).as(command + " " + kind).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"22.05", "24.11"})
  @DisplayName("a real cluster answers as it did")
  void answersAsBefore(String version, @TempDir Path directory) throws Exception {
    Path definition = directory.resolve("cluster.yaml");
    Files.writeString(
        definition,
        "preset: cpu\nslurm_conf: [\"FirstJobId=%d\"]\n".formatted(Transcript.FIRST_JOB));
    ClusterRequest clusterRequest =
        ClusterRequest.builder()
            .name("fidelity")
            .outputDirectory(directory.resolve(version))
            .definition(definition)
            .slurmVersion(version)
            .ssh(ssh -> ssh.port(0))
            .ownedByThisBuild(true)
            .build();
    SlurmCluster cluster = clusterRequest.cluster();
    try (Ssh client = Ssh.to(clusterRequest.start())) {
      assertKnowsAllColumns(client, KnownToSlurm.of(Release.of(version)));
      Map<String, String> answers = Transcript.of(client::exec);

      String record = System.getProperty("fidelity.record");
      if (record != null) {
        Files.writeString(
            Path.of(record, "slurm-" + version + ".txt"), FidelityTest.write(answers));
        return;
      }
      assertThat(FidelityTest.write(answers))
          .isEqualTo(
              FidelityTest.write(
                  FidelityTest.read(Transcript.resource("slurm-" + version + ".txt"))));
    } finally {
      cluster.destroy();
    }
  }
}
