/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobStateTest {

  /** As {@code squeue --states=nonsense} lists them, the same in 22.05 and 24.11. */
  private static final String ALL =
      "PENDING,RUNNING,SUSPENDED,COMPLETED,CANCELLED,FAILED,TIMEOUT,NODE_FAIL,PREEMPTED,BOOT_FAIL,"
          + "DEADLINE,OUT_OF_MEMORY,COMPLETING,CONFIGURING,RESIZING,RESV_DEL_HOLD,REQUEUED,"
          + "REQUEUE_FED,REQUEUE_HOLD,REVOKED,SIGNALING,SPECIAL_EXIT,STAGE_OUT,STOPPED";

  @Test
  void areThoseOfSlurm() {
    assertThat(JobState.values()).extracting(JobState::name).containsExactly(ALL.split(","));
    assertThat(JobState.values()).extracting(JobState::code).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({
    "RUNNING, RUNNING",
    "R, RUNNING",
    "pending, PENDING",
    "OOM, OUT_OF_MEMORY",
    "CANCELLED by 1000, CANCELLED",
    "CANCELLED+, CANCELLED",
    "'COMPLETED,COMPLETING', COMPLETING",
    "' REQUEUED ', REQUEUED"
  })
  void isReadAsSlurmWritesIt(String text, JobState state) {
    assertThat(JobState.of(text)).contains(state);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "DONE", "?", "X"})
  void isNotReadFromAnythingElse(String text) {
    assertThat(JobState.of(text)).isEmpty();
  }

  @Test
  void saysWhatAJobDoes() {
    for (JobState state : JobState.values()) {
      assertThat(new boolean[] {state.isWaiting(), state.isActive(), state.isTerminal()})
          .as(state.name())
          .containsOnlyOnce(true);
    }
    assertThat(JobState.TERMINAL)
        .containsExactlyInAnyOrder(
            JobState.COMPLETED,
            JobState.CANCELLED,
            JobState.FAILED,
            JobState.TIMEOUT,
            JobState.NODE_FAIL,
            JobState.PREEMPTED,
            JobState.BOOT_FAIL,
            JobState.DEADLINE,
            JobState.OUT_OF_MEMORY,
            JobState.REVOKED);
    assertThat(JobState.COMPLETING.isTerminal()).as("processes may be left").isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"12", "12_3", "12+1", "0", "999999999999"})
  void idIsReadAndWritten(String text) {
    assertThat(JobId.of(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "12_", "12_[1-3]", "12_3+1", "-1", "12.batch", "12 "})
  void refusesATextThatIsNotAnId(String text) {
    assertThatThrownBy(() -> JobId.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' is not a job id");
  }

  @ParameterizedTest
  @CsvSource({
    "12, 12, true",
    "12, 12_3, true",
    "12, 12+1, true",
    "12_3, 12_3, true",
    "12_3, 12, false",
    "12_3, 12_4, false",
    "12, 13_3, false"
  })
  void idOfAWholeCoversItsParts(String whole, String part, boolean covered) {
    assertThat(JobId.of(whole).covers(JobId.of(part))).isEqualTo(covered);
  }
}
