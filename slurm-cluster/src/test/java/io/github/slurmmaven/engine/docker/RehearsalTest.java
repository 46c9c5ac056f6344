/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class RehearsalTest {

  @Test
  void needsNoEngine() {
    assertThatCode(Rehearsal::run).doesNotThrowAnyException();
  }
}
