/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.slurmmaven.client.Job.Exit;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobRecord;
import io.github.slurmmaven.client.JobRecord.Step;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.SlurmClusterException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordReaderTest {

  @Test
  void readsAJobWithItsSteps() {
    assertThat(
            RecordReader.read(
                """
                7|slurm|theory|short|debug|FAILED|3:0|75|01:02:03||1000|1001|1076|n[1-2]|a|b
                7.batch||theory|||FAILED|3:0|75|00:01.505|51200K|1001|1001|1076|n1|batch
                7.0||theory|||COMPLETED|0:0|70|2-00:00:01|1.5M|1002|1002|1072|n[1-2]|hostname
                """))
        .containsExactly(
            new JobRecord(
                JobId.of(7),
                "a|b",
                "slurm",
                "theory",
                "short",
                "debug",
                JobState.FAILED,
                new Exit(3, 0),
                Duration.ofSeconds(75),
                Duration.ofHours(1).plusMinutes(2).plusSeconds(3),
                Optional.of("n[1-2]"),
                Optional.of(Instant.ofEpochSecond(1000)),
                Optional.of(Instant.ofEpochSecond(1001)),
                Optional.of(Instant.ofEpochSecond(1076)),
                List.of(
                    new Step(
                        "batch",
                        "batch",
                        JobState.FAILED,
                        new Exit(3, 0),
                        Duration.ofSeconds(75),
                        Duration.ofMillis(1505),
                        OptionalLong.of(51_200 * 1024)),
                    new Step(
                        "0",
                        "hostname",
                        JobState.COMPLETED,
                        new Exit(0, 0),
                        Duration.ofSeconds(70),
                        Duration.ofDays(2).plusSeconds(1),
                        OptionalLong.of(1_572_864)))));
  }

  @Test
  void readsTasksOfAnArray() {
    assertThat(
            RecordReader.read(
                """
                7_[3-9]|slurm|a|normal|debug|PENDING|0:0|0|00:00:00||1|Unknown|Unknown|None assigned|w
                7_1|slurm|a|normal|debug|CANCELLED by 1000|0:15|1|00:00:00||1|2|3|n1|w
                7_1.extern||a|||COMPLETED|0:0|1|00:00:00|0|2|2|3|n1|extern
                """))
        .extracting(
            JobRecord::id,
            JobRecord::state,
            JobRecord::nodes,
            JobRecord::started,
            job -> job.steps().size())
        .containsExactly(
            tuple(JobId.of(7), JobState.PENDING, Optional.empty(), Optional.empty(), 0),
            tuple(
                JobId.task(7, 1),
                JobState.CANCELLED,
                Optional.of("n1"),
                Optional.of(Instant.ofEpochSecond(2)),
                1));
  }

  @Test
  void refusesWhatIsNotARecord() {
    assertThatThrownBy(() -> RecordReader.read("sacct: hello"))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("'sacct: hello', which is not a record");
  }

  @Test
  void takesWhatIsBlankForNotKnownYet() {
    JobRecord record = RecordReader.read("7|a|b|c|d|RUNNING||||||||||w").get(0);

    assertThat(record.exit()).isEqualTo(new Exit(0, 0));
    assertThat(record.elapsed()).isZero();
    assertThat(record.cpuTime()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "7|a|b|c|d|FAILED|3|75|00:00:01|||||n1|w, exit code '3'",
    "7|a|b|c|d|FAILED|3:0|Unknown|00:00:01|||||n1|w, elapsed time 'Unknown'",
    "7|a|b|c|d|FAILED|3:0|75|long|||||n1|w, processor time 'long'",
    "7.0||b|||FAILED|3:0|75|00:00:01|16Q||||n1|w, memory '16Q'"
  })
  void refusesAValueThatCannotBeRead(String line, String problem) {
    String answer = "7|a|b|c|d|FAILED|3:0|75|00:00:01|||||n1|w\n" + line;

    assertThatThrownBy(() -> RecordReader.read(answer))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining(problem)
        .hasMessageContaining("'" + line + "'");
  }
}
