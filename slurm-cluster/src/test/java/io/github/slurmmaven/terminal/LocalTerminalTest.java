/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.UserMistakeException;
import org.junit.jupiter.api.Test;

class LocalTerminalTest {

  @Test
  void refusesAStandardInputThatIsNotATerminal() {
    // A test's JVM is fed by a pipe.
    assertThatThrownBy(() -> LocalTerminal.open("xterm"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(
            "standard input is not a terminal, which an interactive session needs: start it in a terminal, without a pipe or redirection");
  }

  @Test
  void showsNothingWhereOutputIsAPipe() {
    assertThat(LocalTerminal.showsOutput()).isFalse();
  }
}
