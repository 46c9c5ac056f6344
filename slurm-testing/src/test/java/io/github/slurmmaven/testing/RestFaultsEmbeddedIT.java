/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.cluster.SlurmCluster;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;

/** slurmrestd without containers, of another Slurm. */
@Tag("embedded")
@EnabledIf(value = "io.github.slurmmaven.testing.Bundles#areMade", disabledReason = "no bundles")
@SlurmTest(preset = "cpu", slurmVersion = "22.05", engine = "embedded", rest = true)
class RestFaultsEmbeddedIT extends RestFaultsContract {

  RestFaultsEmbeddedIT(SlurmCluster cluster, RestAccess rest) {
    super(cluster, rest);
  }
}
