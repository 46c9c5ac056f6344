/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** Scripts are submitted to a cluster of containers. */
@Tag("docker")
@ParameterizedClass(name = "{0}")
@Releases.One
class DockerSubmitIT extends SubmitContract {

  DockerSubmitIT(SlurmVersion version) {
    super(TestBackend.DOCKER, version);
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) {
    start(TestBackend.DOCKER, version);
  }

  @AfterParameterizedClassInvocation
  static void destroy(SlurmVersion version) {
    destroy(TestBackend.DOCKER, version);
  }
}
