/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.lifecycle.Owner;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** Scripts are submitted to a cluster of containers. */
@ParameterizedClass(name = "{0}")
@Releases.All
class SubmitIT extends SubmitContract {

  private static final RecordingProgress PROGRESS = new RecordingProgress();
  private static SlurmCluster cluster;

  SubmitIT(SlurmVersion version) {
    super(cluster, PROGRESS);
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) {
    cluster =
        SlurmCluster.builder()
            .engine("docker")
            .name("submit-" + version.year())
            .outputDirectory(
                Path.of("target", "it", UUID.randomUUID().toString().substring(0, 8))
                    .toAbsolutePath())
            .preset("multi-node")
            .slurmVersion(version.release())
            .port(0)
            .owner(Owner.thisBuild())
            .progress(PROGRESS)
            .build();
    cluster.start();
  }

  @AfterParameterizedClassInvocation
  static void destroy() {
    cluster.destroy();
  }
}
