/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import org.junit.jupiter.api.Tag;

/** Keys and passwords of a cluster of containers. */
@Tag("docker")
class DockerSecretsIT extends SecretsContract {

  DockerSecretsIT() {
    super(TestBackend.DOCKER);
  }
}
