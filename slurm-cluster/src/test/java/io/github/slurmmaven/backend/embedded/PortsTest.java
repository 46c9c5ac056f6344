/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.UserMistakeException;
import org.junit.jupiter.api.Test;

class PortsTest {

  @Test
  void sameSeedSameRow() {
    int first = Ports.freeRow(5, 4711, port -> true, 32_768);

    assertThat(Ports.freeRow(5, 4711, port -> true, 32_768)).isEqualTo(first);
    assertThat(Ports.freeRow(5, -4711, port -> true, 32_768)).isNotEqualTo(first);
    assertThat(first).isBetween(10_000, 32_768 - 5);
  }

  @Test
  void allPortsOfTheRowAreFree() {
    int first = Ports.freeRow(5, 4711, port -> true, 32_768);

    assertThat(Ports.freeRow(5, 4711, port -> port != first + 4, 32_768)).isEqualTo(first + 5);
  }

  @Test
  void saysWhenThereIsNone() {
    assertThatThrownBy(() -> Ports.freeRow(257, 1, port -> port % 100 != 0, 32_768))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("257 free ports");
    assertThatThrownBy(() -> Ports.freeRow(30_000, 1, port -> true, 32_768))
        .isInstanceOf(UserMistakeException.class);
  }
}
