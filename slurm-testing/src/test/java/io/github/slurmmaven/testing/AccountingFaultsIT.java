/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.cluster.SlurmCluster;
import org.junit.jupiter.api.Tag;

/** Faults of accounting in the controller's container. */
@Tag("docker")
@SlurmTest(preset = "cpu", engine = "docker", accounting = true)
class AccountingFaultsIT extends AccountingFaultsContract {

  AccountingFaultsIT(SlurmCluster cluster) {
    super(cluster);
  }
}
