/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** Several clusters of containers at the same time. */
@Tag("docker")
class DockerSideBySideIT extends SideBySideContract {

  DockerSideBySideIT(@TempDir Path temporary) {
    super(TestBackend.DOCKER, temporary);
  }
}
