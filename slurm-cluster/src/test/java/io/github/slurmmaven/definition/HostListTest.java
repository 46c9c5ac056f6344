/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
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
          login,n[1-2]    | login n1 n2
          a[1,3],b[1-2]x  | a1 a3 b1x b2x
          """)
  void expands(String expression, String names) {
    assertThat(HostList.expand(expression)).containsExactly(names.split(" "));
  }

  @Test
  void holdsManyNames() {
    assertThat(HostList.expand("n[0-65532]")).hasSize(65_533).endsWith("n65532");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "n[]",
        "n[1",
        "n1]",
        "n[a-b]",
        "n[1-]",
        "n[-1]",
        "n[1,]",
        "n[3-1]",
        "n[1 - 2]",
        "n[0-65533]",
        "n[0-65532,65533]",
        "n[1-2][x]",
        "r[0-999]n[0-999]",
        "n[9999999999]"
      })
  void refusesInvalidValues(String expression) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HostList.expand(expression))
        .withMessageStartingWith("is not a host list: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          login                      | login
          n7                         | n7
          n1 n2 n3                   | n[1-3]
          n1 n2 login n5             | n[1-2,5],login
          n08 n09 n10                | n[08-10]
          n8 n9 n10                  | n[8-10]
          n09 n10 n9                 | n[09-10,9]
          r1n1 r1n2 r2n1             | r1n[1-2],r2n1
          a1-ib a2-ib                | a[1-2]-ib
          """)
  void putsNamesOfOneKindTogether(String names, String expression) {
    String list = HostList.of(List.of(names.split(" ")));

    assertThat(list).isEqualTo(expression);
    assertThat(HostList.expand(list)).containsExactlyInAnyOrder(names.split(" "));
  }
}
