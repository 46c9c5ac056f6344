/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.ssh;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class SshClientsTest {

  /** A start does not notice when it fails, and is only slower then. */
  @Test
  void theRehearsalOfALoginGoesThrough() {
    assertThatCode(SshClients::rehearse).doesNotThrowAnyException();
  }
}
