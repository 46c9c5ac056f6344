/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmCluster;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Faults of a cluster of processes, of the other Slurm. */
@Tag("embedded")
@EnabledIf(value = "io.github.slurmmaven.testing.Bundles#areMade", disabledReason = "no bundles")
@SlurmTest(preset = "multi-node", slurmVersion = "22.05", engine = "embedded")
class FaultsEmbeddedIT extends FaultsContract {

  FaultsEmbeddedIT(SlurmCluster cluster) {
    super(cluster);
  }

  @Test
  @DisplayName("what needs containers is refused by name")
  void needsContainers() {
    assertThatThrownBy(() -> faults.outOfMemory(JobId.of("1")))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("OUT_OF_MEMORY")
        .hasMessageContaining("engine = \"docker\"");
    assertThatThrownBy(faults::fullHome)
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("engine = \"docker\"");
  }
}
