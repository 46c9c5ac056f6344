/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuotedTest {

  @Test
  void ordinaryTextsStayAsTheyAre() {
    assertThat(Quoted.of("größer than 'x' \uD83D\uDE80"))
        .isEqualTo("'größer than 'x' \uD83D\uDE80'");
    assertThat(Quoted.of(7)).isEqualTo("'7'");
  }

  @Test
  void showsControlAndInvisibleCharacters() {
    assertThat(Quoted.of("a\nb\tc\u001b[31m\0\u202e\u2028\ud83d"))
        .isEqualTo("'a\\nb\\tc\\u001b[31m\\u0000\\u202e\\u2028\\ud83d'");
  }

  @Test
  void longTextsEnd() {
    assertThat(Quoted.of("x".repeat(201))).isEqualTo("'" + "x".repeat(200) + "…'");
    assertThat(Quoted.of("x".repeat(200))).isEqualTo("'" + "x".repeat(200) + "'");
  }
}
