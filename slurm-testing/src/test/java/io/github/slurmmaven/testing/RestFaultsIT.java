/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.cluster.SlurmCluster;
import org.junit.jupiter.api.Tag;

/** slurmrestd in the controller's container. */
@Tag("docker")
@SlurmTest(preset = "cpu", engine = "docker", rest = true)
class RestFaultsIT extends RestFaultsContract {

  RestFaultsIT(SlurmCluster cluster, RestAccess rest) {
    super(cluster, rest);
  }
}
