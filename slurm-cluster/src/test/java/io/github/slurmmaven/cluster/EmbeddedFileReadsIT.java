/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes. */
@Tag("embedded")
@Timeout(600)
class EmbeddedFileReadsIT extends FileReadsContract {

  private final ClusterRequest request;

  EmbeddedFileReadsIT(@TempDir Path temporary) {
    request = TestBackend.EMBEDDED.cluster("reads").outputDirectory(temporary).build();
  }

  @Override
  ClusterRequest request() {
    return request;
  }

  @Override
  Set<String> files() {
    return Set.of("cluster.yaml", ".env");
  }

  @BeforeAll
  static void requireBundles() {
    TestBackend.EMBEDDED.require();
  }

  @AfterEach
  void destroy() {
    request.cluster().destroy();
  }
}
