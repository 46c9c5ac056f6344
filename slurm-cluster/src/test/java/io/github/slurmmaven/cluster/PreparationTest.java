/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

/** A failed preparation would cost time without any other sign. */
class PreparationTest {

  @Test
  void readsAndWritesADefinition() {
    assertThatCode(Preparation::definition).doesNotThrowAnyException();
  }

  @Test
  void preparesTheFilesOfACluster() {
    assertThatCode(Preparation::files).doesNotThrowAnyException();
  }
}
