/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** The clock of a cluster of containers. */
@Tag("docker")
@ParameterizedClass(name = "{0}")
@Releases.One
class DockerClockIT extends ClockContract {

  DockerClockIT(SlurmVersion version) {
    super(TestBackend.DOCKER, version);
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) throws IOException {
    start(TestBackend.DOCKER, version);
  }
}
