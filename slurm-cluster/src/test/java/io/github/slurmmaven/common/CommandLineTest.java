/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CommandLineTest {

  @Test
  void aLineInTheHomeIsShownAsItWasWritten() {
    assertThat(CommandLine.shown(CommandLine.inHome("sleep 9 | cat\ntrue")))
        .isEqualTo("sleep 9 | cat\ntrue");
  }

  @Test
  void aSetUpStepIsShownWithoutItsShell() {
    assertThat(CommandLine.shown(List.of("bash", "-c", "apt-get update")))
        .isEqualTo("apt-get update");
  }

  @Test
  void aProgramIsShownWithItsArguments() {
    assertThat(CommandLine.shown(List.of("srun", "-n2", "bash"))).isEqualTo("srun -n2 bash");
    assertThat(CommandLine.shown(List.of("bash", "-c", "$0", "x"))).isEqualTo("bash -c $0 x");
  }
}
