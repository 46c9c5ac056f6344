/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.backend.ClusterBackend.NodeStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HopelessWaitTest {

  private Map<String, String> missing = Map.of();
  private String log = "";

  private final HopelessWait wait =
      new HopelessWait(
          () -> missing,
          () -> List.of(new NodeStatus("n1", "compute", true, "running")),
          () -> log);

  private Optional<String> after(int seconds) {
    return wait.look(Duration.ofSeconds(seconds).toNanos());
  }

  @ParameterizedTest
  @ValueSource(strings = {"inval", "drained", "drained*", "draining"})
  void isForANodeThatSlurmWillNotUse(String state) {
    missing = Map.of("n1", state);

    assertThat(after(0)).isEmpty();
    assertThat(after(2)).isEmpty();
    assertThat(after(3))
        .hasValueSatisfying(
            why -> assertThat(why).startsWith("node n1 is " + state.replace("*", "") + ":"));
  }

  @Test
  void isNotForAStateThatPasses() {
    missing = Map.of("n1", "inval");
    assertThat(after(0)).isEmpty();
    missing = Map.of("n1", "idle*");
    assertThat(after(2)).isEmpty();
    missing = Map.of("n1", "inval");

    assertThat(after(4)).isEmpty();
    assertThat(after(7)).isPresent();
  }

  @Test
  void isNotForANodeThatMayStillComeUp() {
    missing = Map.of("n1", "unknown*");

    assertThat(after(0)).isEmpty();
    assertThat(after(1000)).isEmpty();
  }

  @Test
  void isForANodeThatNobodyRunsUnlessAPersonDoesSoon() {
    missing = Map.of("ghost", "unknown");
    assertThat(after(0)).isEmpty();
    missing = Map.of("ghost", "unknown*");
    assertThat(after(9)).isEmpty();

    assertThat(after(10))
        .hasValueSatisfying(why -> assertThat(why).startsWith("node ghost never registers"));
  }

  @Test
  void isForMessagesThatAreRefusedAgainAndAgainWhileANodeIsMissing() {
    log = "error: Munge decode failed: Invalid credential\n".repeat(3);
    assertThat(after(0)).isEmpty();
    assertThat(after(10)).isEmpty();
    missing = Map.of("n1", "unknown*");
    assertThat(after(11)).isEmpty();

    assertThat(after(14))
        .hasValueSatisfying(why -> assertThat(why).startsWith("node n1 cannot register"));
  }
}
