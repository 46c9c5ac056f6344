/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How often an operation reads the files of a cluster of processes, as {@link FileReadsTest}. */
@Tag("embedded")
@Timeout(240)
class EmbeddedFileReadsIT {

  private final ClusterRequest request;
  private final Path directory;

  EmbeddedFileReadsIT(@TempDir Path temporary) {
    request = TestBackend.EMBEDDED.cluster("reads").outputDirectory(temporary).build();
    directory = request.directory();
  }

  @BeforeAll
  static void requireBundles() {
    TestBackend.EMBEDDED.require();
  }

  @AfterEach
  void destroy() {
    request.cluster().destroy();
  }

  @Test
  void aFirstStartReadsEachFileOnce() throws IOException {
    assertThat(FileReads.during(directory, request::start))
        .containsEntry("cluster.yaml", 1)
        .containsEntry(".env", 1);
  }

  @Test
  void aStartOfACreatedClusterReadsEachFileOnce() throws IOException {
    request.create();

    assertThat(FileReads.during(directory, request::start))
        .containsEntry("cluster.yaml", 1)
        .containsEntry(".env", 1);
  }

  @Test
  void aHandleStartsWithEachFileReadOnce() throws IOException {
    request.start();
    request.cluster().stop();

    assertThat(FileReads.during(directory, request.cluster()::start))
        .containsEntry("cluster.yaml", 1)
        .containsEntry(".env", 1);
  }
}
