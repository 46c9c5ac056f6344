/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GresTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gpu                          | gpu - 1
          gpu:4                        | gpu - 4
          gpu:a100                     | gpu a100 1
          gpu:a100:4                   | gpu a100 4
          gpu:2080:4                   | gpu 2080 4
          gpu:1g.5gb:7                 | gpu 1g.5gb 7
          gpu:a100:4(S:0-1),nvme:2     | gpu a100 4, nvme - 2
          gpu:a100:2(IDX:0,1),gpu:t4:1 | gpu a100 2, gpu t4 1
          lustre:no_consume:1M         | lustre - 1M
          """)
  void readsNameTypeAndCount(String value, String resources) {
    assertThat(
            Gres.parse(value).stream()
                .map(gres -> gres.name() + " " + gres.type().orElse("-") + " " + gres.count())
                .collect(Collectors.joining(", ")))
        .isEqualTo(resources);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gpu:", "gpu:a100:four:5", "gpu a100", "gpu::4"})
  void refusesWhatIsNoList(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Gres.parse(value))
        .withMessageStartingWith("is not a list of generic resources: ");
  }
}
