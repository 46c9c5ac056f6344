/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often an operation reads the files of a cluster of containers. */
class FileReadsTest {

  private final FakeBackend place = new FakeBackend();
  private final ClusterRequest request;
  private final Path directory;

  FileReadsTest(@TempDir Path temporary) {
    request = place.cluster(temporary).build();
    directory = request.directory();
  }

  @AfterEach
  void close() {
    place.close();
  }

  @Test
  void aReadIsCounted() throws IOException {
    request.create();

    assertThat(
            FileReads.during(
                directory,
                () -> {
                  request.cluster().status();
                  request.cluster().status();
                }))
        .containsEntry("cluster.yaml", 2);
  }

  @Test
  void aFirstStartReadsEachFileOnce() throws IOException {
    assertThat(FileReads.during(directory, request::start))
        .containsEntry("cluster.yaml", 1)
        .containsEntry("docker-compose.yml", 1)
        .containsEntry(".env", 1);
  }

  @Test
  void aStartOfACreatedClusterReadsEachFileOnce() throws IOException {
    request.create();
    Files.writeString(
        directory.resolve("docker-compose.override.yml"),
        "services: {slurm: {environment: {A: b}}}\n");

    assertThat(FileReads.during(directory, request::start))
        .containsEntry("cluster.yaml", 1)
        .containsEntry("docker-compose.yml", 1)
        .containsEntry("docker-compose.override.yml", 1)
        .containsEntry(".env", 1);
  }

  @Test
  void aHandleStartsWithEachFileReadOnce() throws IOException {
    request.start();
    request.cluster().stop();

    assertThat(FileReads.during(directory, request.cluster()::start))
        .containsEntry("cluster.yaml", 1)
        .containsEntry("docker-compose.yml", 1)
        .containsEntry(".env", 1);
  }
}
