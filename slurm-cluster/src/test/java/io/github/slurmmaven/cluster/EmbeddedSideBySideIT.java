/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** Several clusters of processes of this machine at the same time. */
@Tag("embedded")
class EmbeddedSideBySideIT extends SideBySideContract {

  EmbeddedSideBySideIT(@TempDir Path temporary) {
    super(TestBackend.EMBEDDED, temporary);
  }
}
