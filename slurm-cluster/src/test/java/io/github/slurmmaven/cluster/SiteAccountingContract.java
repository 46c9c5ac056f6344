/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.site.SiteTwin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A twin of a site whose accounts and qualities of service decide about jobs: it starts, and
 * refuses what the site refuses with the same words. One cluster runs for all tests.
 */
@Timeout(240)
abstract class SiteAccountingContract extends RealClusters {

  private static SlurmCluster shared;

  SiteAccountingContract(TestBackend backend) {
    super(backend);
  }

  static void start(TestBackend backend) {
    backend.require();
    SiteTwin twin =
        SiteTwin.of(
            Path.of("src/test/resources/site/institute"),
            SlurmVersion.V24_11,
            5,
            Optional.of("alice"));
    Path definition = site.resolve("institute.yaml");
    twin.write(definition, site.resolve("slurm"), true);
    ClusterRequest request =
        backend
            .cluster("institute")
            .outputDirectory(outputDirectory())
            .definition(definition)
            .timeout(Duration.ofSeconds(150))
            .build();
    shared = request.cluster();
    request.start();
  }

  @AfterAll
  static void destroy() {
    if (shared != null) {
      shared.destroy();
      shared = null;
    }
  }

  private String answer(String options) throws IOException {
    Path script =
        Files.writeString(site.resolve("job.sh"), "#!/bin/sh\n#SBATCH " + options + "\ntrue\n");
    return shared.check(script, Optional.empty(), List.of()).get(0).answer();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -p gpu -A astro        | Invalid account or account/partition combination specified
          -p open -A astro       | Invalid account or account/partition combination specified
          -p staff               | Invalid account or account/partition combination specified
          -A chemistry           | Invalid account or account/partition combination specified
          -p debug               | Invalid qos specification
          -A theory --qos=urgent | Invalid qos specification
          --qos=short -t 31      | QOSMaxWallDurationPerJobLimit
          --qos=short -n 17      | QOSMaxCpuPerJobLimit
          -N 3                   | QOSMaxNodePerJobLimit
          """)
  void refusesWithTheWordsOfTheSite(String options, String words) throws IOException {
    assertThat(answer(options)).contains(words);
  }

  @ParameterizedTest
  @CsvSource({
    "-p gpu -A physics --gres=gpu:a100:1",
    "-p debug --qos=debug",
    "-A theory --qos=short -t 30",
    "-A astro --qos=long -t 10",
    "-p gpu -A theory -t 10",
    "-N 2 -t 10"
  })
  void takesWhatTheSiteTakes(String options) throws IOException {
    Path script = Files.writeString(site.resolve("job.sh"), "#!/bin/sh\n#SBATCH " + options + "\n");

    assertThat(shared.check(script, Optional.empty(), List.of()).get(0).isTaken()).isTrue();
  }

  @Test
  void aJobOverALimitOfItsAccountWaitsWithTheReasonOfTheSite() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = shell.ok("sbatch --parsable -o /dev/null -p open -n 17 -t 10 --wrap true");

      assertThat(
              shell.ok(
                  "for try in $(seq 300); do reason=$(squeue -h -j %s -o %%r); case $reason in Assoc*) break;; esac; sleep 0.1; done; echo $reason"
                      .formatted(job)))
          .isEqualTo("AssocGrpCpuLimit");
      shell.ok("scancel " + job);
    }
  }
}
