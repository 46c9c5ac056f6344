/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineSplitterTest {

  private final List<String> lines = new ArrayList<>();
  private final LineSplitter splitter = new LineSplitter(lines::add);

  @Test
  void charactersMayComeInPieces() {
    for (byte b : "größer €\n𝄞\r\n\nende".getBytes(UTF_8)) {
      splitter.accept(new byte[] {b});
    }
    assertThat(lines).containsExactly("größer €", "𝄞", "");

    splitter.finish();
    splitter.finish();
    assertThat(lines).containsExactly("größer €", "𝄞", "", "ende");
  }

  @Test
  void endlessLinesAreHandedOnInParts() {
    String endless = "€".repeat(LineSplitter.LONGEST);
    splitter.accept(endless.getBytes(UTF_8));
    splitter.finish();

    assertThat(lines).hasSize(3).noneMatch(line -> line.contains("\ufffd"));
    assertThat(String.join("", lines)).isEqualTo(endless);
  }
}
