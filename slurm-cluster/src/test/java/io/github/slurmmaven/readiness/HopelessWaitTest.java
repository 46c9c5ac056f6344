/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.backend.BackendNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HopelessWaitTest {

  private List<MissingNode> missing = List.of();
  private String log = "";

  private final HopelessWait wait =
      new HopelessWait(
          () -> missing,
          () -> List.of(new BackendNode("n1", "compute", true, "running")),
          () -> log);

  private static List<MissingNode> missing(String node, String state) {
    return MissingNode.list(node + " " + state + " N/A");
  }

  private Optional<String> after(int seconds) {
    return wait.look(Duration.ofSeconds(seconds).toNanos());
  }

  @ParameterizedTest
  @CsvSource({
    "IDLE+INVALID_REG, inval",
    "INVAL, inval",
    "IDLE+DRAIN, drained",
    "IDLE+DRAIN+NOT_RESPONDING, drained",
    "MIXED+DRAIN, draining"
  })
  void isForANodeThatSlurmWillNotUse(String state, String word) {
    missing = missing("n1", state);

    assertThat(after(0)).isEmpty();
    assertThat(after(2)).isEmpty();
    assertThat(after(3))
        .hasValueSatisfying(why -> assertThat(why).startsWith("node n1 is " + word + ":"));
  }

  @Test
  void isNotForAStateThatPasses() {
    missing = missing("n1", "IDLE+INVALID_REG");
    assertThat(after(0)).isEmpty();
    missing = missing("n1", "IDLE+NOT_RESPONDING");
    assertThat(after(2)).isEmpty();
    missing = missing("n1", "IDLE+INVALID_REG");

    assertThat(after(4)).isEmpty();
    assertThat(after(7)).isPresent();
  }

  @Test
  void isNotForANodeThatMayStillComeUp() {
    missing = missing("n1", "UNKNOWN+NOT_RESPONDING");

    assertThat(after(0)).isEmpty();
    assertThat(after(1000)).isEmpty();
  }

  @Test
  void endsForANodeThatIsNotStartedSoon() {
    missing = missing("ghost", "UNKNOWN");
    assertThat(after(0)).isEmpty();
    missing = missing("ghost", "UNKNOWN+NOT_RESPONDING");
    assertThat(after(9)).isEmpty();

    assertThat(after(10))
        .hasValueSatisfying(why -> assertThat(why).startsWith("node ghost never registers"));
  }

  @Test
  void isForMessagesThatAreRefusedAgainAndAgainWhileANodeIsMissing() {
    log = "error: Munge decode failed: Invalid credential\n".repeat(3);
    assertThat(after(0)).isEmpty();
    assertThat(after(10)).isEmpty();
    missing = missing("n1", "UNKNOWN+NOT_RESPONDING");
    assertThat(after(11)).isEmpty();

    assertThat(after(14))
        .hasValueSatisfying(why -> assertThat(why).startsWith("node n1 cannot register"));
  }

  @Test
  void isForAScriptOfTheControllerThatFailsForEachJob() {
    String failed = "slurmctld: error: prolog_slurmctld JobId=%d prolog exit status 1:0\n";
    log = failed.formatted(1) + failed.formatted(2);
    assertThat(after(0)).isEmpty();
    log += failed.formatted(3);

    assertThat(after(1)).hasValue("no job begins: PrologSlurmctld fails again and again");
  }
}
