/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.ClusterClock;
import io.github.slurmmaven.client.RestAccess;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;

/**
 * The clock of a cluster on each backend: what Slurm does as its time passes. One cluster runs for
 * all tests of a release, and its time only goes forward.
 */
@Timeout(600)
abstract class ClockContract extends RealClusters {

  private static final String DEFINITION =
      """
      preset: cpu
      clock_speed: 20
      accounting: true
      rest: true
      partitions:
        - {name: debug, default: true, nodes: [slurm], max_time: UNLIMITED}
        - {name: low, nodes: [slurm], max_time: UNLIMITED, options: {PreemptMode: CANCEL, GraceTime: "600"}}
        - {name: high, nodes: [slurm], max_time: UNLIMITED, options: {PriorityTier: "10"}}
      slurm_conf:
        - PreemptType=preempt/partition_prio
        - PreemptMode=CANCEL
      """;

  /** Notes the signals that it gets, and ends with SIGTERM. */
  private static final String NOTES_SIGNALS =
      """
      #!/bin/bash
      trap 'echo USR1 >> signals-%1$s' USR1
      trap 'echo TERM >> signals-%1$s; exit' TERM
      : > signals-%1$s
      while :; do sleep 0.1; done
      """;

  private static final Duration HOUR = Duration.ofHours(1);

  private static TestBackend running;
  private static SlurmCluster shared;

  private final SlurmVersion version;

  private ClusterClock clock;

  ClockContract(TestBackend backend, SlurmVersion version) {
    super(backend);
    this.version = version;
  }

  static void start(TestBackend backend, SlurmVersion version) throws IOException {
    backend.require();
    running = backend;
    ClusterRequest request =
        backend
            .cluster("clock-" + version.year())
            .outputDirectory(outputDirectory())
            .definition(definition("clock", DEFINITION))
            .slurmVersion(version.release())
            .build();
    shared = request.cluster();
    request.start();
  }

  @AfterParameterizedClassInvocation
  static void destroy() {
    if (shared != null) {
      shared.destroy();
      running.assertNothingIsLeftOf(shared);
      shared = null;
    }
  }

  @BeforeEach
  void beginWithAnEmptyQueue() {
    clock = shared.clock();
    clock.setSpeed(1);
    shared.reset();
  }

  static String submit(SlurmShell shell, String options, String script) throws IOException {
    return shell.ok("sbatch --parsable --output=/dev/null " + options, script);
  }

  private static String submit(SlurmShell shell, String options) throws IOException {
    return submit(shell, options, "#!/bin/bash\nsleep 600");
  }

  private static String reason(SlurmShell shell, String job) throws IOException {
    return shell.ok("squeue --noheader --format=%r --jobs=" + job);
  }

  static void await(SlurmShell shell, String condition) throws IOException {
    shell.ok("for try in $(seq 600); do " + condition + " && exit; sleep 0.1; done; exit 1");
  }

  @Test
  void aJobIsWarnedAndThenEndsAtItsTimeLimit() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = submit(shell, "--time=60 --signal=B:USR1@300", NOTES_SIGNALS.formatted("limit"));
      await(shell, "[ -e signals-limit ]");

      clock.advance(Duration.ofMinutes(56));
      await(shell, "grep -q USR1 signals-limit");
      assertThat(shell.awaitState(job, ".*")).isEqualTo("RUNNING");
      clock.advance(Duration.ofMinutes(5));

      assertThat(shell.awaitState(job, "TIMEOUT|FAILED|COMPLETED")).isEqualTo("TIMEOUT");
      assertThat(shell.ok("cat signals-limit")).isEqualTo("USR1\nTERM");
    }
  }

  @Test
  void aJobBeginsAtItsTime() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = submit(shell, "--begin=now+8hours", "#!/bin/bash\ntrue");
      await(shell, "squeue --noheader --format=%r --jobs=" + job + " | grep -q BeginTime");

      clock.advance(Duration.ofHours(8).plusSeconds(1));

      assertThat(shell.awaitState(job, "COMPLETED|FAILED")).isEqualTo("COMPLETED");
    }
  }

  @Test
  void aJobThatCannotMeetItsDeadlineIsCancelled() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      submit(shell, "--exclusive --time=1-0");
      String job = submit(shell, "--deadline=now+2hours --time=60");

      clock.advance(HOUR.multipliedBy(3));

      assertThat(shell.awaitState(job, "DEADLINE|COMPLETED|TIMEOUT")).isEqualTo("DEADLINE");
    }
  }

  @Test
  void aJobWaitsForItsReservation() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      assertThat(
              AccountingContract.asDaemons(
                  shared,
                  "scontrol create reservation reservationname=morning starttime=now+1day"
                      + " duration=120 nodes=slurm users="
                      + shell.ok("id -un")))
          .isZero();
      String inside = submit(shell, "--reservation=morning --time=30", "#!/bin/bash\ntrue");
      String across = submit(shell, "--time=2-0", "#!/bin/bash\ntrue");
      await(shell, "squeue --noheader --format=%r --jobs=" + inside + " | grep -q Reservation");
      await(shell, "squeue --noheader --format=%r --jobs=" + across + " | grep -q reserved");

      clock.advance(Duration.ofDays(1).plusSeconds(1));
      assertThat(shell.awaitState(inside, "COMPLETED|FAILED")).isEqualTo("COMPLETED");
      assertThat(shell.awaitState(across, ".*")).isEqualTo("PENDING");
      clock.advance(HOUR.multipliedBy(2));

      assertThat(shell.awaitState(across, "COMPLETED|FAILED")).isEqualTo("COMPLETED");
    }
  }

  @Test
  void aRequeuedJobRunsAgainAtOnce() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = submit(shell, "--requeue");
      shell.awaitState(job, "RUNNING");
      shell.ok("scontrol requeue " + job);
      await(shell, "scontrol show job " + job + " | grep -q JobState=PENDING");

      clock.advance(Duration.ofMinutes(3));

      shell.awaitState(job, "RUNNING");
      assertThat(shell.ok("scontrol show job " + job)).contains("Restarts=1");
    }
  }

  @Test
  void aJobIsForgottenAfterMinJobAge() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = submit(shell, "", "#!/bin/bash\ntrue");
      shell.awaitState(job, "COMPLETED");

      clock.advance(HOUR.multipliedBy(3));

      await(shell, "{ scontrol show job " + job + " 2>&1 | grep -q 'Invalid job id'; }");
      assertThat(shell.ok("sacct -X -n -P --format=State --jobs=" + job)).isEqualTo("COMPLETED");
    }
  }

  @Test
  void aReportHasJobsThatSlurmctldHasForgotten() throws IOException {
    ClusterRequest forgetful =
        own(builder("forgetful-" + version.year()).slurmVersion(version.release()).preset("cpu"));
    forgetful.start();
    try (SlurmShell shell = shell(forgetful.cluster())) {
      String job = submit(shell, "--job-name=long-ago", "#!/bin/bash\nexit 3");
      shell.awaitState(job, "FAILED");

      forgetful.cluster().clock().advance(HOUR.multipliedBy(3));
      await(shell, "{ scontrol show job " + job + " 2>&1 | grep -q 'Invalid job id'; }");

      assertThat(forgetful.cluster().report(Optional.empty()))
          .contains("\"id\":\"%s\",\"name\":\"long-ago\"".formatted(job))
          .contains("\"state\":\"FAILED\"")
          .contains("\"exit\":\"3:0\"");
    }
  }

  @Test
  void aTimeLimitCanBeMovedWhileTheJobRuns() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = submit(shell, "--time=10", "#!/bin/bash\nexec sleep 600");
      shell.awaitState(job, "RUNNING");
      assertThat(
              AccountingContract.asDaemons(
                  shared, "scontrol update jobid=%s timelimit=120".formatted(job)))
          .isZero();

      clock.advance(Duration.ofMinutes(30));
      assertThat(shell.awaitState(job, ".*")).isEqualTo("RUNNING");
      clock.advance(HOUR.multipliedBy(2));

      assertThat(shell.awaitState(job, "TIMEOUT|FAILED|COMPLETED")).isEqualTo("TIMEOUT");
    }
  }

  @Test
  void aPreemptedJobHasItsGraceTime() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String low = submit(shell, "--partition=low --cpus-per-task=4 --time=1-0");
      shell.awaitState(low, "RUNNING");
      String high =
          submit(shell, "--partition=high --cpus-per-task=4 --time=10", "#!/bin/bash\ntrue");
      await(shell, "scontrol show job " + low + " | grep -q PreemptTime=20");
      assertThat(shell.awaitState(low, ".*")).isEqualTo("RUNNING");

      clock.advance(Duration.ofMinutes(11));

      assertThat(shell.awaitState(low, "PREEMPTED|CANCELLED|FAILED|COMPLETED"))
          .isEqualTo("PREEMPTED");
      assertThat(shell.awaitState(high, "COMPLETED|FAILED")).isEqualTo("COMPLETED");
    }
  }

  @Test
  void aNodeThatIsIdleForSuspendTimeIsPoweredDown() throws IOException {
    ClusterRequest saving =
        own(
            builder("saving-" + version.year())
                .slurmVersion(version.release())
                .definition(
                    definition(
                        "saving",
                        """
                        preset: cpu
                        slurm_conf:
                          - SuspendProgram=/bin/true
                          - ResumeProgram=/bin/true
                          - SuspendTime=1800
                        """)));
    saving.start();
    ClusterClock savingClock = saving.cluster().clock();
    try (SlurmShell shell = shell(saving.cluster())) {
      savingClock.advance(Duration.ofMinutes(28));
      assertThat(shell.ok(NODE_STATE)).isEqualTo("idle");

      // The end of the job that showed the cluster to be ready may have come after the first move.
      savingClock.advance(Duration.ofMinutes(31));

      await(shell, "[[ $(" + NODE_STATE + ") = *[~%] ]]");
    }
  }

  /** Followed by a sign while the node is powered down, or being so. */
  private static final String NODE_STATE = "sinfo --noheader --format=%t";

  /** Each prints the time, waits for so many seconds, and prints it again. */
  private static final Map<String, String> PROGRAMS =
      Map.of(
          "sleep",
          "date +%%s; sleep %1$d; date +%%s",
          "python",
          """
          python3 -u -c '
          import time
          print(int(time.time()))
          begin = time.monotonic()
          time.sleep(%1$d)
          print(int(time.time()))
          assert time.monotonic() - begin >= %1$d
          '
          """,
          "java",
          """
          cat > Sleeps.java << 'END'
          class Sleeps {
            public static void main(String[] arguments) throws Exception {
              System.out.println(System.currentTimeMillis() / 1000);
              long begin = System.nanoTime();
              Thread.sleep(%1$d * 1000L);
              System.out.println(System.currentTimeMillis() / 1000);
              if (System.nanoTime() - begin < %1$d * 999_999_999L) {
                System.exit(1);
              }
            }
          }
          END
          %2$s Sleeps.java
          """);

  /** Those that the nodes can run; the image has no Java. */
  private static List<String> programs() {
    return Stream.of("sleep", "python", "java")
        .filter(program -> running == TestBackend.EMBEDDED || !program.equals("java"))
        .toList();
  }

  /**
   * Submits a job of each of {@link #PROGRAMS}, which also prints the exit code, and returns the
   * jobs by program.
   */
  private static Map<String, String> submitPrograms(SlurmShell shell, int seconds)
      throws IOException {
    Map<String, String> jobs = new LinkedHashMap<>();
    for (String program : programs()) {
      String script =
          "#!/bin/bash\n"
              + PROGRAMS
                  .get(program)
                  .formatted(seconds, System.getProperty("java.home") + "/bin/java")
              + "\necho $?\n";
      String out = program + ".out";
      jobs.put(program, shell.ok("rm -f " + out + "; sbatch --parsable --output=" + out, script));
    }
    return jobs;
  }

  private static List<String> output(SlurmShell shell, String program) throws IOException {
    return lines(shell.ok("cat " + program + ".out"));
  }

  /** What the job of a program printed that has ended well. */
  private static List<Long> times(SlurmShell shell, String program) throws IOException {
    List<String> output = output(shell, program);
    assertThat(output).as(program).hasSize(3).last().isEqualTo("0");
    return output.stream().limit(2).map(Long::parseLong).toList();
  }

  @Test
  void slurmSeesTheClustersTimeAndProgramsOfJobsTheMachines() throws IOException {
    clock.advance(Duration.ofDays(2));
    Instant machine = Instant.now();
    Instant cluster = clock.now();
    try (SlurmShell shell = shell(shared)) {
      Map<String, String> jobs = submitPrograms(shell, 1);
      for (Map.Entry<String, String> job : jobs.entrySet()) {
        assertThat(shell.awaitState(job.getValue(), "COMPLETED|FAILED"))
            .as(job.getKey())
            .isEqualTo("COMPLETED");
        String submitted =
            shell.ok(
                "SLURM_TIME_FORMAT=%s squeue --noheader --states=all --format=%V --jobs="
                    + job.getValue());

        assertThat(Long.parseLong(submitted))
            .isBetween(cluster.getEpochSecond(), clock.now().getEpochSecond());
        assertThat(times(shell, job.getKey()))
            .as(job.getKey())
            .allSatisfy(
                time ->
                    assertThat(time)
                        .isBetween(machine.getEpochSecond(), Instant.now().getEpochSecond()));
      }
      assertThat(Long.parseLong(shell.ok("date +%s")))
          .isBetween(machine.getEpochSecond(), Instant.now().getEpochSecond());
    }
  }

  @Test
  void programsOfJobsSeeTheClustersTimeWithJobClock() throws IOException {
    ClusterRequest request =
        own(
            builder("jobs-" + version.year())
                .slurmVersion(version.release())
                .jobClock(true)
                .definition(
                    definition(
                        "jobs",
                        """
                        preset: cpu
                        partitions: [{name: debug, default: true, nodes: [slurm], max_time: UNLIMITED}]
                        """)));
    request.start();
    ClusterClock jobClock = request.cluster().clock();
    jobClock.advance(Duration.ofDays(2));
    Instant begin = jobClock.now();
    try (SlurmShell shell = shell(request.cluster())) {
      // Slurm's commands in a step do not move the time twice.
      String[] seen =
          shell
              .ok(
                  "srun bash -c 'date +%s; srun --overlap date +%s;"
                      + " SLURM_TIME_FORMAT=%s squeue --noheader --format=%S --jobs=$SLURM_JOB_ID;"
                      + " echo $LD_PRELOAD'")
              .split("\n");
      assertThat(seen).hasSize(4);
      assertThat(List.of(seen).subList(0, 3))
          .allSatisfy(
              time ->
                  assertThat(Long.parseLong(time))
                      .isBetween(begin.getEpochSecond(), jobClock.now().getEpochSecond()));
      assertThat(seen[3]).endsWith("/libjobclock.so").doesNotContain(":");
      assertThat(Long.parseLong(shell.ok("date +%s")))
          .isLessThanOrEqualTo(Instant.now().getEpochSecond());

      Set<String> programs = submitPrograms(shell, 1800).keySet();
      for (String program : programs) {
        await(shell, "[ -s " + program + ".out ]");
      }
      for (String program : programs) {
        // The program has printed the time, and may not wait yet.
        while (output(shell, program).size() < 3) {
          jobClock.advance(Duration.ofMinutes(30));
        }
        List<Long> times = times(shell, program);
        assertThat(times.get(0))
            .as(program)
            .isBetween(begin.getEpochSecond(), jobClock.now().getEpochSecond());
        assertThat(times.get(1) - times.get(0)).as(program).isGreaterThanOrEqualTo(1800);
      }
    }
  }

  @Test
  void timePassesAsFastAsItIsToldTo() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = submit(shell, "--time=1", "#!/bin/bash\nexec sleep 600");
      shell.awaitState(job, "RUNNING");

      clock.setSpeed(20);

      assertThat(shell.awaitState(job, "TIMEOUT|FAILED|COMPLETED")).isEqualTo("TIMEOUT");
      clock.setSpeed(1);
      String elapsed =
          shell.ok(
              "for try in $(seq 300); do answer=$(sacct -X -n -P --format=State,ElapsedRaw --jobs="
                  + job
                  + "); [[ $answer = TIMEOUT* ]] && break; sleep 0.1; done; echo ${answer#*|}");
      assertThat(Integer.parseInt(elapsed)).isGreaterThanOrEqualTo(60);
    }
  }

  @Test
  void theUseOfAnAccountDecaysByHalf() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = submit(shell, "--time=20", "#!/bin/bash\nexec sleep 600");
      shell.awaitState(job, "RUNNING");
      clock.advance(Duration.ofMinutes(21));
      shell.awaitState(job, "TIMEOUT");
      clock.advance(Duration.ofMinutes(6));
      await(shell, "(( $(%s) > 1000 ))".formatted(USE));
      long before = Long.parseLong(shell.ok(USE));

      clock.advance(Duration.ofDays(7));

      await(shell, "(( $(%s) < %d ))".formatted(USE, before * 6 / 10));
      assertThat(Long.parseLong(shell.ok(USE))).isBetween(before * 4 / 10, before * 6 / 10);
    }
  }

  /** What slurmctld has counted, which it does each five minutes. */
  private static final String USE =
      "sshare --noheader --parsable2 --users=$(id -un) --format=RawUsage | awk '{ sum += $1 } END {"
          + " print sum }'";

  @Test
  void aTokenExpires() throws Exception {
    RestAccess rest = shared.connection().orElseThrow().rest().orElseThrow();
    String token = shared.token(Optional.empty(), HOUR);
    assertThat(status(rest, token)).isEqualTo(200);

    clock.advance(HOUR.plusSeconds(1));

    assertThat(status(rest, token)).isNotEqualTo(200);
    assertThat(status(rest, rest.token())).isEqualTo(200);
  }

  private static int status(RestAccess rest, String token) throws Exception {
    RestAccess with =
        new RestAccess(rest.url(), rest.user(), token, rest.userTokens(), rest.versions());
    return HttpClient.newHttpClient()
        .send(with.request("/slurm/{version}/jobs").build(), BodyHandlers.ofString())
        .statusCode();
  }

  @Test
  void theClockGoesOnAfterAStop() {
    clock.advance(HOUR);
    Instant before = clock.now();
    shared.stop();
    try {
      assertThatThrownBy(() -> clock.advance(HOUR))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining("stopped: start it first");
    } finally {
      shared.start();
    }
    assertThat(clock.now()).isAfterOrEqualTo(before);
    assertThat(clock.speed()).isEqualTo(20);
    clock.advance(HOUR);
  }

  @Test
  void aSpeedThatTheTimeOutsDoNotAllowIsRefused() {
    assertThatThrownBy(() -> clock.setSpeed(21))
        .isInstanceOf(UserMistakeException.class)
        .hasMessage(
            "speed: '21' is faster than the cluster's time-outs allow: use 1 to 20, or create the"
                + " cluster with clockSpeed=21");
  }
}
