/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import io.github.slurmmaven.client.Connection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The mock's SSH. */
class SshMockTest extends SshContract {

  private static MockSlurm mock;

  @BeforeAll
  static void start() {
    mock = MockSlurm.start();
  }

  @AfterAll
  static void close() {
    mock.close();
  }

  @Override
  Connection connection() {
    return mock.connection();
  }

  @Override
  int portInside() {
    return connection().sshPort();
  }

  @Test
  @DisplayName("-L leads nowhere else")
  void leadsNowhereElse() {
    assertLeadsNowhereElse();
  }
}
