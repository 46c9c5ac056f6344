/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.definition.SlurmVersion;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Scripts are submitted to a cluster of processes of this machine. */
@ParameterizedClass(name = "{0}")
@EnumSource(SlurmVersion.class)
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
        EmbeddedIT.builder("submit-" + version.ordinal())
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
