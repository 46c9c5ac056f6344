/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HistoryReaderTest {

  private static final String CONFIG =
      """
      SlurmctldDebug          = info
      SlurmctldLogFile        = /var/log/slurm/slurmctld.log
      SlurmctldPort           = 6817
      """;

  private static final Map<String, String> ANSWERS =
      Map.of(
          "version", "slurm-wlm 24.11.5\n",
          "clock", "1796030307383 +02:00\n",
          "config", CONFIG,
          "node", "",
          "job", "No jobs in the system\n");

  private static String answer(Map<String, String> sections) {
    return sections.entrySet().stream()
        .map(
            section ->
                section.getKey()
                    + " "
                    + Base64.getEncoder()
                        .encodeToString(section.getValue().getBytes(StandardCharsets.UTF_8)))
        .collect(Collectors.joining("\n"));
  }

  private static Map<String, String> with(String section, String text) {
    Map<String, String> sections = new HashMap<>(ANSWERS);
    sections.put(section, text);
    return sections;
  }

  @Test
  void readsClockZoneAndPlaceOfTheLogs() {
    JobHistory history = HistoryReader.read(answer(ANSWERS));

    assertThat(history.version()).isEqualTo("24.11.5");
    assertThat(history.now()).isEqualTo(Instant.ofEpochMilli(1796030307383L));
    assertThat(history.zone()).isEqualTo(ZoneOffset.ofHours(2));
    assertThat(history.logDirectory()).isEqualTo("/var/log/slurm");
    assertThat(history.jobs()).isEmpty();
    assertThat(history.accounting()).isFalse();
  }

  @ParameterizedTest
  @MethodSource
  void readsWhatJobsUse(SlurmVersion version) {
    JobHistory history = HistoryReader.read(answer(with("job", Answers.jobs(version))));

    assertThat(history.jobs()).hasSameSizeAs(JobReader.read(Answers.jobs(version)));
    assertThat(history.jobs()).allSatisfy(tracked -> assertThat(tracked.cpus()).isPositive());
    assertThat(history.jobs()).anySatisfy(tracked -> assertThat(tracked.memory()).isPositive());
    assertThat(history.jobs()).anySatisfy(tracked -> assertThat(tracked.gpus()).isPositive());
  }

  static List<SlurmVersion> readsWhatJobsUse() {
    return Releases.all();
  }

  @Test
  void addsRecordsOfJobsThatSlurmctldHasForgotten() {
    String records =
        """
        billing=1,cpu=1,gres/gpu=1,mem=2G|cpu=1|Dependency|5|bob|physics|normal|gpu|FAILED|3:0|3|00:00:00||1000|1001|1004|n1|a|b
        |billing=999,cpu=999,mem=1998G|None|9|bob|physics|normal|debug|FAILED|1:0|0|00:00:00||1000|None|1000|None assigned|x
        """;

    JobHistory history = HistoryReader.read(answer(with("records", records)));

    assertThat(history.accounting()).isTrue();
    assertThat(history.jobs()).hasSize(2);
    TrackedJob first = history.jobs().get(0);
    assertThat(first.job().name()).isEqualTo("a|b");
    assertThat(first.job().reason()).isEqualTo("Dependency");
    assertThat(first.account()).isEqualTo("physics");
    assertThat(first.memory()).isEqualTo(2048);
    assertThat(first.gpus()).isEqualTo(1);
    assertThat(history.jobs().get(1).cpus()).isEqualTo(999);
    assertThat(history.jobs().get(1).job().nodes()).isEmpty();
  }

  @Test
  void saysWhyAccountingDoesNotAnswer() {
    assertThat(HistoryReader.read(answer(with("silence", "no connection\n"))).silence())
        .contains("no connection");
  }

  @Test
  void refusesWhatIsNotARecord() {
    assertThatThrownBy(() -> HistoryReader.read(answer(with("records", "sacct: error: x\n"))))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("'sacct: error: x', which is not a record");
  }

  @Test
  void refusesAnAnswerWithoutItsParts() {
    assertThatThrownBy(() -> HistoryReader.read(answer(with("clock", "noon"))))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("answered 'noon' about its clock");
  }
}
