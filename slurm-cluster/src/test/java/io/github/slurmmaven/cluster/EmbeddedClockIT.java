/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.slurmmaven.client.ClusterClock;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/** The clock of a cluster of processes of this machine. */
@Tag("embedded")
@ParameterizedClass(name = "{0}")
@Releases.All
class EmbeddedClockIT extends ClockContract {

  /** Writes down that it began, and runs until its time limit. */
  private static final String NOTES_ITS_START =
      """
      #!/bin/bash
      echo $SLURM_JOB_NAME$SLURM_ARRAY_TASK_ID >> starts-%d
      exec sleep 600
      """;

  private final SlurmVersion version;

  EmbeddedClockIT(SlurmVersion version) {
    super(TestBackend.EMBEDDED, version);
    this.version = version;
  }

  @BeforeParameterizedClassInvocation
  static void start(SlurmVersion version) throws IOException {
    start(TestBackend.EMBEDDED, version);
  }

  @Test
  void arraysOfADayStartInTheSameOrderAtAnySpeed() throws IOException {
    Releases.skipUnlessDefault(version);
    ClusterRequest fast =
        own(
            builder("array")
                .definition(
                    definition(
                        "array",
                        """
                        preset: cpu
                        clock_speed: 1000
                        partitions: [{name: debug, default: true, nodes: [slurm], max_time: UNLIMITED}]
                        """)));
    fast.start();

    List<String> slower = startsOfADay(fast.cluster(), 100);

    assertThat(slower)
        .as("the tasks of three arrays")
        .containsExactlyInAnyOrderElementsOf(
            Stream.of("long", "late", "wide")
                .flatMap(name -> IntStream.range(0, 3).mapToObj(task -> name + task))
                .toList())
        .isNotEqualTo(slower.stream().sorted().toList());
    assertThat(startsOfADay(fast.cluster(), 1000)).isEqualTo(slower);
  }

  /**
   * Runs three arrays whose tasks need the whole node: "long" goes first, "late" goes before it
   * after six hours, and "wide" was submitted first and goes last.
   */
  private static List<String> startsOfADay(SlurmCluster cluster, int speed) throws IOException {
    ClusterClock clock = cluster.clock();
    clock.setSpeed(speed);
    String script = NOTES_ITS_START.formatted(speed);
    String array = "--array=0-2 --exclusive --job-name=";
    try (SlurmShell shell = shell(cluster)) {
      submit(shell, array + "wide --nice=2000 --time=60", script);
      submit(shell, array + "long --nice=1000 --time=240", script);
      submit(shell, array + "late --time=120 --begin=now+6hours", script);
      for (int step = 0; step < 100; step++) {
        // A job that did not get SIGTERM ends when KillWait has passed, so the clock must go on.
        shell.ok(
            "for try in $(seq 40); do [ -z \"$(squeue --noheader --states=CF,CG)\" ] && exit; sleep"
                + " 0.1; done");
        if (shell.ok("squeue --noheader").isEmpty()) {
          return lines(shell.ok("cat starts-" + speed));
        }
        clock.advance(Duration.ofHours(1));
      }
      throw new AssertionError("jobs that do not end: " + shell.ok("squeue"));
    }
  }
}
