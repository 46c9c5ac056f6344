/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.embedded.supervisor.ThisUser;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.TestParameters;
import org.junit.jupiter.api.Test;

class CapacityTest {

  private static final ClusterDefinition SPEC =
      new TestParameters().with("preset", "multi-node").with("cpuNodes", 199).toDefinition();

  @Test
  void enough() {
    assertThatCode(() -> new Capacity(10_000, 10_000).check(SPEC)).doesNotThrowAnyException();
  }

  @Test
  void tooFewProcesses() {
    assertThatThrownBy(() -> new Capacity(1000, 10_000).check(SPEC))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("200 nodes")
        .hasMessageContaining("1000 more may be started")
        .hasMessageContaining("ulimit -u");
  }

  @Test
  void tooLittleMemory() {
    assertThatThrownBy(() -> new Capacity(10_000, 1000).check(SPEC))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("200 nodes")
        .hasMessageContaining("1000 MB");
  }

  @Test
  void thisMachineHasSome() {
    Capacity capacity = Capacity.system(ThisUser.current());

    assertThat(capacity.processes()).isPositive();
    assertThat(capacity.megabytes()).isBetween(1L, 100_000_000L);
  }
}
