/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.cluster.SlurmCluster;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;

/** Faults of accounting without containers, of another Slurm. */
@Tag("embedded")
@EnabledIf(value = "io.github.slurmmaven.testing.Bundles#areMade", disabledReason = "no bundles")
@SlurmTest(preset = "cpu", slurmVersion = "26.05", engine = "embedded", accounting = true)
class AccountingFaultsEmbeddedIT extends AccountingFaultsContract {

  AccountingFaultsEmbeddedIT(SlurmCluster cluster) {
    super(cluster);
  }
}
