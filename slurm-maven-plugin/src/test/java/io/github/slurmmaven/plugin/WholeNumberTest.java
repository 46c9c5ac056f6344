/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholeNumberTest {

  @Test
  void readsANumber() {
    assertThat(WholeNumber.parse("port", " 2222 ", "0 to 65535")).isEqualTo(2222);
  }

  @Test
  void absentStaysAbsent() {
    assertThat(WholeNumber.parse("port", null, "0 to 65535")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "", "22.5", "4g", "99999999999"})
  void anythingElseSaysWhatIsAllowed(String value) {
    assertThatThrownBy(() -> WholeNumber.parse("port", value, "0 to 65535"))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage("port: '%s' is not a whole number: use 0 to 65535", value);
  }
}
