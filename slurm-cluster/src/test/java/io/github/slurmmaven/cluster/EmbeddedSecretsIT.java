/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import org.junit.jupiter.api.Tag;

/** Keys and passwords of a cluster of processes of this machine. */
@Tag("embedded")
class EmbeddedSecretsIT extends SecretsContract {

  EmbeddedSecretsIT() {
    super(TestBackend.EMBEDDED);
  }
}
