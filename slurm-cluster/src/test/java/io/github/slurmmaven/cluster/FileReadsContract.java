/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How often an operation reads the files of a cluster. */
abstract class FileReadsContract {

  /** The cluster; the same at each call. */
  abstract ClusterRequest request();

  /** What a start reads. */
  abstract Set<String> files();

  /** Runs a start, and asserts that it reads each file once. */
  final void assertReadsOnce(Runnable start) throws IOException {
    assertThat(FileReads.during(request().directory(), start))
        .containsAllEntriesOf(files().stream().collect(toMap(file -> file, file -> 1)));
  }

  @Test
  void aReadIsCounted() throws IOException {
    request().create();

    assertThat(
            FileReads.during(
                request().directory(),
                () -> {
                  request().cluster().status();
                  request().cluster().status();
                }))
        .containsEntry("cluster.yaml", 2);
  }

  @Test
  void aFirstStartReadsEachFileOnce() throws IOException {
    assertReadsOnce(request()::start);
  }

  @Test
  void aStartOfACreatedClusterReadsEachFileOnce() throws IOException {
    request().create();

    assertReadsOnce(request()::start);
  }

  @Test
  void aHandleStartsWithEachFileReadOnce() throws IOException {
    request().start();
    request().cluster().stop();

    assertReadsOnce(request().cluster()::start);
  }
}
