/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** Scripts are submitted to a cluster of processes of this machine. */
@Tag("embedded")
@ParameterizedClass(name = "{0}")
@Releases.All
class EmbeddedSubmitIT extends SubmitContract {

  EmbeddedSubmitIT(SlurmVersion version) {
    super(TestBackend.EMBEDDED, version);
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) {
    start(TestBackend.EMBEDDED, version);
  }

  @AfterParameterizedClassInvocation
  static void destroy(SlurmVersion version) {
    destroy(TestBackend.EMBEDDED, version);
  }
}
