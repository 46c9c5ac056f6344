/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.InvalidParameterException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPathTest {

  @ParameterizedTest
  @CsvSource({
    "/a:/b, /a, /b, false",
    "/a:/b:ro, /a, /b, true",
    "/a:/b:rw, /a, /b, false",
    "target:/build, target, /build, false",
    "'/with space:/to space:ro', /with space, /to space, true",
    "C:\\data:/data, C:\\data, /data, false",
    "C:\\data:/data:ro, C:\\data, /data, true",
    "a:b:/c, a:b, /c, false",
    "' /a:/b ', /a, /b, false"
  })
  void reads(String text, String source, String target, boolean readOnly) {
    assertThat(HostPath.parse("mounts", text)).isEqualTo(new HostPath(source, target, readOnly));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/a", "/a:", ":/b", "/a:b", "/a:/b:rx", "/a:/b:ro:ro", "/a:/b:/c:ro:x"})
  void refusesInvalidValues(String text) {
    assertThatThrownBy(() -> HostPath.parse("mounts", text))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "mounts: '%s' is not understood: write SOURCE:/TARGET or SOURCE:/TARGET:ro"
                .formatted(text));
  }
}
