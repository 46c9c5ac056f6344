/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** Scripts are submitted to a cluster of processes of this machine. */
@ParameterizedClass(name = "{0}")
@Releases.All
class EmbeddedSubmitIT extends SubmitContract {

  private static final RecordingProgress PROGRESS = new RecordingProgress();
  private static SlurmCluster cluster;

  EmbeddedSubmitIT(SlurmVersion version) {
    super(cluster, PROGRESS);
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) {
    EmbeddedIT.requireBundles();
    cluster =
        EmbeddedIT.builder("submit-" + version.year())
            .preset("multi-node")
            .slurmVersion(version.release())
            .progress(PROGRESS)
            .build();
    cluster.start();
  }

  @AfterParameterizedClassInvocation
  static void destroy() {
    cluster.destroy();
    Leftovers.assertNoneOf(cluster);
  }
}
