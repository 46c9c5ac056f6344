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

  /** As 22.05, 24.11 and 26.05 write it. */
  private static String ended(String id, String name, String state, String nodes, String rest) {
    return "JobId=%s UserId=bob(1001) GroupId=bob(1001) Name=%s JobState=%s Partition=debug TimeLimit=60 StartTime=2026-11-30T13:51:14 EndTime=2026-11-30T13:51:18 NodeList=%s NodeCnt=1 ProcCnt=1 WorkDir=/home/bob/a b ReservationName= Tres=cpu=2,mem=2G,node=1,billing=2 Account= QOS= WcKey= Cluster=unknown SubmitTime=2026-11-30T13:51:10 EligibleTime=2026-11-30T13:51:10%s DerivedExitCode=0:0 ExitCode=3:0 \n"
        .formatted(id, name, state, nodes, rest);
  }

  @Test
  void addsJobsOfTheFileOfEndedOnes() {
    String file =
        ended("3", "x Partition=y\nz", "FAILED", "n1", "")
            + ended("4", "run", "REQUEUED", "n1", "")
            + ended("6", "sweep", "COMPLETED", "n[1-2]", " ArrayJobId=5 ArrayTaskId=1")
            + ended("7", "het", "COMPLETED", "n2", " HetJobId=7 HetJobOffset=1")
            + ended("4", "run", "TIMEOUT", "n2", "")
            + ended("8", "never", "CANCELLED", "(null)", "")
            + "JobId=9 UserId=bob(1001) GroupId=bo";

    JobHistory history = HistoryReader.read(answer(with("ended", file)));

    assertThat(history.fileOfEnded()).isTrue();
    assertThat(history.jobs())
        .extracting(tracked -> tracked.job().id() + " " + tracked.job().state())
        .containsExactly("3 FAILED", "4 TIMEOUT", "5_1 COMPLETED", "7+1 COMPLETED", "8 CANCELLED");
    TrackedJob first = history.jobs().get(0);
    assertThat(first.job().name()).isEqualTo("x Partition=y\nz");
    assertThat(first.job().directory()).isEmpty();
    assertThat(first.job().exit()).hasToString("3:0");
    // The controller's clock is two hours ahead of UTC.
    assertThat(first.job().submitted()).contains(Instant.parse("2026-11-30T11:51:10Z"));
    assertThat(first.job().ended()).contains(Instant.parse("2026-11-30T11:51:18Z"));
    assertThat(first.cpus()).isEqualTo(2);
    assertThat(first.memory()).isEqualTo(2048);
    assertThat(history.jobs().get(4).job().nodes()).isEmpty();
  }

  @Test
  void leavesOutAnEndedJobWhoseBeginningIsNotThere() {
    String file = ended("3", "a", "FAILED", "n1", "") + ended("4", "b", "FAILED", "n1", "");

    for (int cut : new int[] {1, 7, 9, 60, 300}) {
      assertThat(HistoryReader.read(answer(with("ended", file.substring(cut)))).jobs())
          .extracting(tracked -> tracked.job().id().toString())
          .containsExactly("4");
    }
  }

  @Test
  void refusesALineThatIsNoEndedJob() {
    String line = ended("3", "a", "FAILED", "n1", "");

    for (String wrong :
        List.of(
            line.replace("NodeCnt", "Nodes"),
            line.replace("FAILED", "LOST"),
            line.replace(" ExitCode=3:0", " ExitCode=three"),
            line.replace("T13:51:18", "T99"))) {
      assertThatThrownBy(() -> HistoryReader.read(answer(with("ended", wrong))))
          .isInstanceOf(SlurmClusterException.class);
    }
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
