/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobRecord;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.Reset;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of the controller, and what is made of its answers. */
class SlurmTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final String PENDING = record("7", "PENDING", "Resources", "0:0");
  private static final String RUNNING = record("7", "RUNNING", "None", "0:0");
  private static final String FAILED = record("7", "FAILED", "NonZeroExitCode", "3:0");

  private final List<String> users = new ArrayList<>();
  private final List<List<String>> commands = new ArrayList<>();
  private final List<Duration> timeouts = new ArrayList<>();

  private static String record(String id, String state, String reason, String exit) {
    return "JobId=%s JobName=j UserId=slurm(1000) GroupId=slurm(1000) MCS_label=N/A Priority=1 Nice=0 Account=(null) QOS=(null) JobState=%s Reason=%s Dependency=(null) Requeue=1 ExitCode=%s StartTime=Unknown EndTime=Unknown Partition=debug NodeList= Command=(null) WorkDir=/home/slurm"
        .formatted(id, state, reason, exit);
  }

  /** Slurm on a controller that answers every command so. */
  private Slurm answering(int exitCode, String stdout, String stderr) {
    return new Slurm(
        (user, command, lines, timeout) -> {
          users.add(user);
          commands.add(command);
          timeouts.add(timeout);
          stdout.lines().forEach(lines);
          return new CommandResult(exitCode, stdout, stderr);
        });
  }

  @Nested
  @DisplayName("A record")
  class OfAccounting {

    @Test
    void isReadFromSacct() {
      assertThat(
              answering(0, "7|slurm|a|normal|debug|COMPLETED|0:0|1|00:01.000||1|2|3|n1|j\n", "")
                  .records(JobId.of(7)))
          .extracting(JobRecord::account)
          .containsExactly("a");
      assertThat(commands.get(0)).endsWith("7");
    }

    @Test
    void cannotBeReadWithoutSlurmctld() {
      assertThatThrownBy(() -> answering(75, "", "slurmctld is away").records(JobId.of(7)))
          .isInstanceOf(NoAnswerException.class)
          .hasMessage("slurmctld is away");
      assertThat(commands.get(0).get(2)).startsWith("# Stands before scripts that need slurmctld");
    }

    @Test
    void needsAccounting() {
      assertThatThrownBy(() -> answering(5, "", "").records(JobId.of(7)))
          .isInstanceOf(UserMistakeException.class)
          .hasMessage(
              "The record of job 7 was asked for, and this cluster has no accounting: set"
                  + " accounting to true");
    }
  }

  @Nested
  @DisplayName("A look")
  class Look {

    @ParameterizedTest
    @Releases.All
    void isOneCommandForEverything(SlurmVersion version) {
      Snapshot snapshot = answering(0, Answers.gpuCluster(version), "").snapshot();

      assertThat(commands).hasSize(1);
      assertThat(snapshot.version()).startsWith(version.release() + ".");
      assertThat(snapshot.partitions()).extracting(Partition::name).containsExactly("debug", "gpu");
      assertThat(snapshot.nodes()).extracting(Node::name).containsExactly("slurm");
      assertThat(snapshot.nodes().get(0).reason()).isEmpty();
      assertThat(snapshot.jobs()).hasSize(20);
    }

    @ParameterizedTest
    @Releases.All
    void seesSeveralNodesAndNoJobs(SlurmVersion version) {
      Snapshot snapshot = answering(0, Answers.multiNodeCluster(version), "").snapshot();

      assertThat(snapshot.nodes()).hasSize(4);
      assertThat(snapshot.jobs()).isEmpty();
    }

    @Test
    void findsOneJob() {
      Slurm slurm =
          answering(
              0,
              RUNNING + "\n" + record("9 ArrayJobId=8 ArrayTaskId=2", "FAILED", "None", "1:0"),
              "");

      assertThat(slurm.job(JobId.of("7")).map(Job::state)).contains(JobState.RUNNING);
      assertThat(slurm.job(JobId.of("8_2")).map(Job::state)).contains(JobState.FAILED);
      assertThat(slurm.job(JobId.of("8")).map(Job::id)).contains(JobId.of("8_2"));
      assertThat(slurm.job(JobId.of("8_3"))).isEmpty();
      assertThat(slurm.job(JobId.of("9"))).isEmpty();
    }

    @Test
    void saysWhenSlurmctldDoesNotAnswer() {
      assertThatThrownBy(
              () -> answering(75, "", "Slurmctld(primary) at slurm is DOWN\n").snapshot())
          .isInstanceOf(NoAnswerException.class)
          .hasMessage("Slurmctld(primary) at slurm is DOWN");
    }

    @Test
    void saysWhatBrokeOtherwise() {
      assertThatThrownBy(() -> answering(127, "", "scontrol: command not found").nodes())
          .isInstanceOf(SlurmClusterException.class)
          .isNotInstanceOf(NoAnswerException.class)
          .hasMessage("scontrol show node ended with exit code 127: scontrol: command not found");
    }
  }

  @Nested
  @DisplayName("A submission")
  class Submit {

    @Test
    void goesToSbatchAsItsUser() {
      JobId id =
          answering(0, "job 12 1000\n", "")
              .submit(
                  Submission.of("/tmp/my job.sh")
                      .by("alice")
                      .withOptions(List.of("--partition=gpu", "--array=1-3"))
                      .withArguments(List.of("a b"))
                      .from("/tmp"));

      assertThat(id).isEqualTo(JobId.of(12));
      assertThat(users).containsExactly("alice");
      assertThat(commands.get(0))
          .endsWith(
              "/tmp",
              "/tmp/my job.sh",
              "115000",
              "--partition=gpu",
              "--array=1-3",
              "/tmp/my job.sh",
              "a b");
    }

    @Test
    void passesOnWhatElseSbatchPrints() {
      SbatchAnswer answer =
          answering(0, "more\njob 12 1000\n", "sbatch: warning: x\n").sbatch(Submission.of("/j"));

      assertThat(answer)
          .isEqualTo(
              new SbatchAnswer(Optional.of(JobId.of(12)), 1000, "more\n", "sbatch: warning: x\n"));
    }

    @Test
    void mayMakeNoJob() {
      Slurm slurm = answering(0, "", "sbatch: Job 4 to start at noon\n");

      assertThat(slurm.sbatch(Submission.of("/tmp/j")).job()).isEmpty();
      assertThatThrownBy(() -> slurm.submit(Submission.of("/tmp/j")))
          .isInstanceOf(UserMistakeException.class)
          .hasMessage(
              "sbatch submitted no job of j, as one of its options asks for something else (it says"
                  + " 'sbatch: Job 4 to start at noon'): leave that option out");
    }

    @Test
    void withoutAnAnswerInTimeSaysSo() {
      assertThatThrownBy(() -> answering(75, "", "").submit(Submission.of("/tmp/j")))
          .isInstanceOf(NoAnswerException.class)
          .hasMessage("Submitting j: sbatch got no answer from slurmctld within 115 s.");
    }

    @Test
    void isRefusedInSbatchsWords() {
      String words =
          "sbatch: error: invalid partition specified: none\n"
              + "sbatch: error: Batch job submission failed: Invalid partition name specified";

      assertThatThrownBy(() -> answering(1, "", words + "\n").submit(Submission.of("/j.sh")))
          .isInstanceOf(UserMistakeException.class)
          .hasMessage("sbatch refused j.sh: " + words);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect"
              + " failure)",
          "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation"
        })
    void isNotAUserMistakeWhenSlurmctldIsAway(String words) {
      assertThatThrownBy(() -> answering(1, "", words).submit(Submission.of("/j.sh")))
          .isInstanceOf(NoAnswerException.class)
          .hasMessage(words);
    }
  }

  @Nested
  @DisplayName("A cancellation")
  class Cancel {

    @Test
    void isOneCommandForAllJobs() {
      answering(0, "", "").cancel(List.of(JobId.of("7"), JobId.of("8_1"), JobId.of("9+1")));

      assertThat(commands).containsExactly(List.of("scancel", "--quiet", "7", "8_1", "9+1"));
    }

    @Test
    void ofNothingDoesNothing() {
      answering(1, "", "").cancel(List.of());

      assertThat(commands).isEmpty();
    }

    @Test
    void thatBreaksSaysHow() {
      assertThatThrownBy(() -> answering(1, "", "scancel: error: x").cancel(List.of(JobId.of(7))))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessage("scancel ended with exit code 1: scancel: error: x");
    }
  }

  @Nested
  @DisplayName("A wait")
  class Await {

    @Test
    void isOneCommandThatReportsChanges() {
      List<JobState> states = new ArrayList<>();

      List<Job> jobs =
          answering(0, PENDING + "\n" + RUNNING + "\n" + FAILED, "")
              .await(
                  List.of(JobId.of(7)), JobState.TERMINAL, job -> states.add(job.state()), SECOND);

      assertThat(commands).hasSize(1);
      assertThat(states).containsExactly(JobState.PENDING, JobState.RUNNING, JobState.FAILED);
      assertThat(jobs)
          .singleElement()
          .satisfies(
              job -> {
                assertThat(job.state()).isEqualTo(JobState.FAILED);
                assertThat(job.exit()).isEqualTo(new Job.Exit(3, 0));
              });
      assertThat(timeouts.get(0)).as("the command's own end comes first").isGreaterThan(SECOND);
    }

    @Test
    void endsForAJobThatEndsInstead() {
      answering(0, FAILED, "")
          .await(List.of(JobId.of(7)), Set.of(JobState.RUNNING), j -> {}, SECOND);

      String states = commands.get(0).get(5);
      assertThat(commands.get(0).get(4)).isEqualTo("1000");
      assertThat(states).startsWith(",RUNNING,").endsWith(",");
      assertThat(states.substring(1).split(","))
          .containsExactlyInAnyOrderElementsOf(
              EnumSet.allOf(JobState.class).stream()
                  .filter(state -> state.isTerminal() || state == JobState.RUNNING)
                  .map(JobState::name)
                  .toList());
      assertThat(commands.get(0).get(6)).isEqualTo("7");
    }

    @Test
    void ofAnArrayEndsWithTheTaskThatDidNotComplete() {
      String array =
          record("8 ArrayJobId=8 ArrayTaskId=1-3", "PENDING", "None", "0:0")
              + "\n"
              + record("9 ArrayJobId=8 ArrayTaskId=1", "COMPLETED", "None", "0:0")
              + "\n"
              + record("10 ArrayJobId=8 ArrayTaskId=2", "FAILED", "NonZeroExitCode", "1:0")
              + "\n"
              + record("8 ArrayJobId=8 ArrayTaskId=3", "COMPLETED", "None", "0:0");

      assertThat(answering(0, array, "").await(JobId.of(8), SECOND).id()).hasToString("8_2");
      assertThat(
              answering(0, array, "")
                  .await(List.of(JobId.of(8)), JobState.TERMINAL, job -> {}, SECOND))
          .extracting(job -> job.id().toString())
          .containsExactly("8_1", "8_2", "8_3");
    }

    @Test
    void thatIsTooLongSaysWhatTheJobDoes() {
      assertThatThrownBy(
              () ->
                  answering(3, "", "job 7 is PENDING (Resources)\njob 8 is RUNNING\n")
                      .await(
                          List.of(JobId.of(7), JobId.of(8)),
                          JobState.TERMINAL,
                          job -> {},
                          Duration.ofMillis(1500)))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessage("Not within 1.5 s: job 7 is PENDING (Resources), job 8 is RUNNING");
      assertThatThrownBy(
              () -> answering(3, "", "slurmctld does not answer\n").await(JobId.of(7), SECOND))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessage("Not within 1 s: slurmctld does not answer");
    }

    @Test
    void forAJobThatIsNotThereSaysSo() {
      assertThatThrownBy(
              () ->
                  answering(4, "", "slurm_load_jobs error: Invalid job id specified")
                      .await(JobId.of(99), SECOND))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith("Slurm knows no job 99: ");
      assertThatThrownBy(
              () ->
                  answering(0, FAILED, "")
                      .await(
                          List.of(JobId.of(7), JobId.of("8_1")),
                          JobState.TERMINAL,
                          job -> {},
                          SECOND))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith("Slurm knows no job 8_1: ");
    }

    @Test
    void endsWithTheRecordOfAJobThatSlurmctldHasForgotten() {
      List<JobState> states = new ArrayList<>();

      assertThat(
              answering(4, accounted("7", "FAILED", "3:0"), "")
                  .await(JobId.of(7), job -> states.add(job.state()), SECOND))
          .extracting(Job::state, Job::exit, job -> job.started().orElseThrow())
          .containsExactly(JobState.FAILED, new Job.Exit(3, 0), Instant.ofEpochSecond(2));
      assertThat(states).containsExactly(JobState.FAILED);
      assertThat(
              answering(0, RUNNING + "\n" + accounted("7", "FAILED", "3:0"), "")
                  .await(JobId.of(7), SECOND)
                  .state())
          .as("forgotten while it was waited for")
          .isEqualTo(JobState.FAILED);
    }

    @Test
    void ofAnArrayEndsWithTheTasksThatSlurmctldHasForgotten() {
      String array =
          record("10 ArrayJobId=8 ArrayTaskId=2", "COMPLETED", "None", "0:0")
              + "\n"
              + accounted("8_1", "FAILED", "1:0")
              + "\n"
              + accounted("8_2", "RUNNING", "0:0");

      assertThat(
              answering(0, array, "")
                  .await(List.of(JobId.of(8)), JobState.TERMINAL, job -> {}, SECOND))
          .extracting(job -> job.id() + " " + job.state())
          .containsExactly("8_1 FAILED", "8_2 COMPLETED");
    }

    @Test
    void aRecordOfAWholeAddsNothingToItsParts() {
      String array =
          record("10 ArrayJobId=8 ArrayTaskId=2", "COMPLETED", "None", "0:0")
              + "\n"
              + accounted("8", "COMPLETED", "0:0");

      assertThat(
              answering(0, array, "")
                  .await(List.of(JobId.of(8)), JobState.TERMINAL, job -> {}, SECOND))
          .extracting(job -> job.id() + " " + job.state())
          .containsExactly("8_2 COMPLETED");
    }

    @Test
    void forAJobThatVanishesAndHasNoRecordSaysSo() {
      assertThatThrownBy(() -> answering(4, RUNNING, "").await(JobId.of(7), SECOND))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith("Slurm knows no job 7: ");
    }

    private static String accounted(String id, String state, String exit) {
      return "record %s|slurm|a|normal|debug|%s|%s|1|00:01.000||1|2|3|n1|j"
          .formatted(id, state, exit);
    }

    @Test
    void thatBreaksSaysHow() {
      assertThatThrownBy(() -> answering(127, "", "bash: gone").await(JobId.of(7), SECOND))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessage("Waiting for job 7 ended with exit code 127: bash: gone");
    }
  }

  @Nested
  @DisplayName("A reset")
  class Clean {

    @Test
    void saysWhatItDid() {
      Reset reset =
          answering(
                  0,
                  """
                  reservation maintenance
                  job 12
                  waiting for the end of jobs: 2
                  job 7
                  waiting for nodes: n1
                  node n1
                  """,
                  "")
              .reset(SECOND);

      assertThat(users).containsExactly("root");
      assertThat(reset.jobs()).containsExactly(JobId.of(7), JobId.of(12));
      assertThat(reset.nodes()).containsExactly("n1");
      assertThat(reset.reservations()).containsExactly("maintenance");
    }

    @Test
    void thatIsTooLongSaysWhatIsLeft() {
      assertThatThrownBy(
              () -> answering(3, "job 7\nwaiting for the end of jobs: 1\n", "").reset(SECOND))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessage("The cluster is not clean within 1 s, still waiting for the end of jobs: 1");
    }

    @Test
    void needsSlurmctld() {
      assertThatThrownBy(() -> answering(75, "", "Slurmctld(primary) is DOWN").reset(SECOND))
          .isInstanceOf(NoAnswerException.class);
      assertThatThrownBy(() -> answering(1, "", "scontrol: error").reset(SECOND))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessage("The reset ended with exit code 1: scontrol: error");
    }

    @Test
    void emptiesTheHistoryOfAccounting() {
      answering(0, "waiting for the database\n", "").emptyHistory(SECOND);

      assertThat(users).containsExactly("root");
      assertThat(commands.get(0)).endsWith("1000");
      assertThat(commands.get(0).get(2)).contains("history.sql");
      assertThatThrownBy(() -> answering(3, "waiting for the database\n", "").emptyHistory(SECOND))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessage("The cluster is not clean within 1 s, still waiting for the database");
    }

    @Test
    void ofTheHistoryNeedsAccounting() {
      answering(0, "", "").requireAccounting("An empty history (emptyHistory)");

      assertThatThrownBy(
              () -> answering(5, "", "").requireAccounting("An empty history (emptyHistory)"))
          .isInstanceOf(UserMistakeException.class)
          .hasMessage(
              "An empty history (emptyHistory) was asked for, and this cluster has no accounting:"
                  + " set accounting to true");
    }
  }
}
