/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers, on an engine in memory. */
class FileReadsTest extends FileReadsContract {

  private final FakeBackend backend = new FakeBackend();
  private final ClusterRequest request;

  FileReadsTest(@TempDir Path temporary) {
    request = backend.cluster(temporary).build();
  }

  @Override
  ClusterRequest request() {
    return request;
  }

  @Override
  Set<String> files() {
    return Set.of("cluster.yaml", "docker-compose.yml", ".env");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void aStartReadsAnOverrideOnce() throws IOException {
    request.create();
    Files.writeString(
        request.directory().resolve("docker-compose.override.yml"),
        "services: {slurm: {environment: {A: b}}}\n");

    assertThat(FileReads.during(request.directory(), request::start))
        .containsEntry("docker-compose.override.yml", 1);
  }
}
