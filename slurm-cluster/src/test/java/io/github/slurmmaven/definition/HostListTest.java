/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostListTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          login           | login
          compute-0       | compute-0
          compute-[0-3]   | compute-0 compute-1 compute-2 compute-3
          compute-[0-1,8] | compute-0 compute-1 compute-8
          n[7]            | n7
          n[08-11]        | n08 n09 n10 n11
          n[9-11]         | n9 n10 n11
          n[1-2]x         | n1x n2x
          r[0-1]n[0-1]    | r0n0 r0n1 r1n0 r1n1
          [3-4]           | 3 4
          """)
  void expands(String expression, String names) {
    assertThat(HostList.expand(expression)).containsExactly(names.split(" "));
  }

  @Test
  void holdsManyNames() {
    assertThat(HostList.expand("n[0-9999]")).hasSize(10_000).endsWith("n9999");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "n[]",
        "n[a-b]",
        "n[1-]",
        "n[-1]",
        "n[1,]",
        "n[3-1]",
        "n[1 - 2]",
        "n[0-10000]",
        "n[0-9999,10000]",
        "n[1-2][x]",
        "r[0-999]n[0-999]",
        "n[9999999999]"
      })
  void refusesWhatIsNone(String expression) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HostList.expand(expression))
        .withMessageStartingWith("is not a host list: ");
  }
}
