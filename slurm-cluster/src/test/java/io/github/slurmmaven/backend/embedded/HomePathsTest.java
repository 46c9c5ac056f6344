/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HomePathsTest {

  private static final Path HOME = Path.of("/clusters/c/home");

  @ParameterizedTest
  @CsvSource({
    "/home/slurm/data, /clusters/c/home/data",
    "/home/slurm/a/../b, /clusters/c/home/b",
    "/home/slurm, /clusters/c/home",
    "/clusters/c/home/x, /clusters/c/home/x",
    "/tmp/slurm-submit-1/job.sh, /tmp/slurm-submit-1/job.sh"
  })
  void clustersOwn(String path, String here) {
    assertThat(HomePaths.writable(path, HOME)).hasValue(Path.of(here));
    assertThat(HomePaths.readable(path, HOME)).isEqualTo(Path.of(here));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/hosts",
        "/tmp",
        "/tmp/../etc/hosts",
        "/home/slurm/../other",
        "/home/slurm2/x",
        "/clusters/c/home/../secrets/munge.key",
        "/"
      })
  void pathsOutsideOfHomeAndTmpAreNotWritable(String path) {
    assertThat(HomePaths.writable(path, HOME)).isEmpty();
  }

  @Test
  void otherPathsAreReadAsTheyAre() {
    assertThat(HomePaths.readable("/etc/hosts", HOME)).isEqualTo(Path.of("/etc/hosts"));
  }

  @Test
  void mountsAreBelowTheHome() {
    assertThat(HomePaths.belowHome("/home/slurm/a/b")).hasValue(Path.of("a/b"));
    assertThat(HomePaths.belowHome("/home/slurm")).isEmpty();
    assertThat(HomePaths.belowHome("/home/slurm/..")).isEmpty();
    assertThat(HomePaths.belowHome("/data")).isEmpty();
  }
}
