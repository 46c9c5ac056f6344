/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs that a real cluster showed. */
@ParameterizedClass(name = "by Slurm {0}")
@Releases.All
class JobReaderTest {

  private final SlurmVersion version;
  private final List<Job> jobs;

  JobReaderTest(SlurmVersion version) {
    this.version = version;
    jobs = JobReader.read(Answers.jobs(version));
  }

  private Job job(String name) {
    return jobs.stream().filter(job -> job.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void areAllRead() {
    assertThat(jobs)
        .extracting(Job::name)
        .containsExactly(
            "done",
            "exit three",
            "signalled",
            "fails",
            "cancelled early",
            "bad directory",
            "a name with = and UserId=root(0) JobState=FAILED",
            "gpu",
            "spaces",
            "array",
            "array",
            "never",
            "held",
            "tomorrow",
            "resources",
            "two\nlines",
            "",
            "het",
            "het",
            "mail");
    assertThat(jobs).extracting(Job::user).containsOnly("slurm");
  }

  @ParameterizedTest
  @CsvSource({
    "done, COMPLETED, None, 0:0",
    "exit three, FAILED, NonZeroExitCode, 3:0",
    "cancelled early, CANCELLED, BeginTime, 0:0",
    "gpu, RUNNING, None, 0:0",
    "never, PENDING, DependencyNeverSatisfied, 0:0",
    "held, PENDING, JobHeldUser, 0:0",
    "tomorrow, PENDING, BeginTime, 0:0",
    "resources, PENDING, Resources, 0:0"
  })
  void haveStateReasonAndExitCode(String name, JobState state, String reason, String exit) {
    assertThat(job(name).state()).isEqualTo(state);
    assertThat(job(name).reason()).isEqualTo(reason);
    assertThat(job(name).exit()).hasToString(exit);
  }

  @Test
  void saySignalOfWhatWasKilled() {
    assertThat(job("signalled").state()).isEqualTo(JobState.FAILED);
    assertThat(job("signalled").exit()).isEqualTo(new Job.Exit(0, 9));
    assertThat(job("signalled").reason())
        .isEqualTo(
            version.equals(SlurmVersion.V22_05) ? "JobLaunchFailure" : "RaisedSignal:9(Killed)");
  }

  @Test
  void sayWhyOneCouldNotBegin() {
    assertThat(job("bad directory").exit()).isEqualTo(new Job.Exit(0, 53));
    assertThat(job("bad directory").reason())
        .isEqualTo(
            version.equals(SlurmVersion.V22_05)
                ? "JobLaunchFailure"
                : "RaisedSignal:53(Real-time_signal_19)");
    assertThat(job("bad directory").directory()).contains("/nowhere");
  }

  @Test
  void haveWhatTheirUsersWrote() {
    Job job = job("a name with = and UserId=root(0) JobState=FAILED");

    assertThat(job.state()).isEqualTo(JobState.RUNNING);
    assertThat(job.comment()).contains("a comment, Reason=None=x WorkDir=/");
    assertThat(job.directory()).contains("/home/slurm");
    assertThat(job.command().orElseThrow()).startsWith("/home/slurm/job.sh");
    assertThat(job.stdout()).contains("/home/slurm/slurm-" + job.id() + ".out");
    assertThat(job.nodes()).contains("slurm");
  }

  @Test
  void haveFilesWithBlanks() {
    Job job = job("spaces");

    assertThat(job.directory()).contains("/home/slurm/my dir");
    assertThat(job.stdout()).contains("/home/slurm/my dir/out put=" + job.id() + ".txt");
    assertThat(job.stderr()).contains("/home/slurm/my dir/err " + job.id());
    assertThat(job.command().orElseThrow()).startsWith("my dir/a=b c.sh");
  }

  @Test
  void writeErrorsToTheirOutputWhenNothingElseWasSaid() {
    assertThat(job("gpu").stderr()).isEqualTo(job("gpu").stdout()).isPresent();
  }

  @Test
  void endTheirFilesWhereSlurmGoesOn() {
    Job job = job("mail");

    assertThat(job.stdout()).contains("/home/slurm/slurm-" + job.id() + ".out");
  }

  @Test
  void haveTimes() {
    Job done = job("done");
    Instant submitted = done.submitted().orElseThrow();
    assertThat(Duration.between(submitted, done.started().orElseThrow()))
        .isBetween(Duration.ZERO, Duration.ofSeconds(5));
    assertThat(done.ended().orElseThrow()).isAfterOrEqualTo(done.started().orElseThrow());

    assertThat(job("held").started()).isEmpty();
    assertThat(job("held").ended()).isEmpty();
    assertThat(job("tomorrow").started())
        .contains(job("tomorrow").submitted().orElseThrow().plus(Duration.ofDays(1)));
  }

  @Test
  void ofAnArrayAreItsTasks() {
    List<Job> array = jobs.stream().filter(job -> job.name().equals("array")).toList();
    Job begun = array.get(0);
    Job rest = array.get(1);

    assertThat(begun.id()).isEqualTo(JobId.task(rest.id().number(), 1));
    assertThat(begun.state()).isEqualTo(JobState.RUNNING);
    assertThat(begun.stdout()).contains("/home/slurm/array-" + begun.id() + ".out");
    assertThat(begun.waitingTasks()).isEmpty();
    assertThat(begun.command()).isEmpty();
    assertThat(rest.state()).isEqualTo(JobState.PENDING);
    assertThat(rest.waitingTasks()).contains("2-6%1");
    assertThat(rest.stdout()).as("has no number yet").isEmpty();
  }

  @Test
  void ofAnArrayMayHaveNoTask() {
    String answer = Answers.jobs(version).replace("ArrayTaskId=2-6%1", "ArrayTaskId=4294967294");

    assertThat(JobReader.read(answer))
        .filteredOn(job -> job.name().equals("array") && job.id().arrayTask().isEmpty())
        .singleElement()
        .satisfies(job -> assertThat(job.waitingTasks()).isEmpty());
  }

  @Test
  void ofAHeterogeneousJobAreItsComponents() {
    assertThat(jobs)
        .filteredOn(job -> job.name().equals("het"))
        .extracting(job -> job.id().component().orElseThrow())
        .containsExactly(0, 1);
    assertThat(job("het").id().toString()).endsWith("+0");
  }

  @Test
  void sayWhatTheyWaitFor() {
    assertThat(job("never").dependency()).contains("afterok:" + job("fails").id() + "(failed)");
    assertThat(job("held").dependency()).isEmpty();
    assertThat(job("held").partition()).isEqualTo("debug");
    assertThat(job("gpu").partition()).isEqualTo("gpu");
  }

  @Test
  void endTheirFieldsBeforeWhatSomeJobsHave() {
    String answer =
        Answers.jobs(version)
            .replaceAll(" StdErr=", " Extra=a b StdErr=")
            .replaceAll("(StdOut=\\S+)", "$1 SegmentSize=2 SpreadSegments=Yes OOMKillStep=1");

    Job job =
        JobReader.read(answer).stream()
            .filter(each -> each.name().startsWith("a name"))
            .findFirst()
            .orElseThrow();

    assertThat(job.comment()).contains("a comment, Reason=None=x WorkDir=/");
    assertThat(job.stdout()).contains("/home/slurm/slurm-" + job.id() + ".out");
  }

  @Test
  void areNoneWhereSlurmHasNone() {
    assertThat(JobReader.read("No jobs in the system\n")).isEmpty();
    assertThat(JobReader.read("")).isEmpty();
  }

  @Test
  void areAnErrorWhereSlurmSaysSomethingElse() {
    assertThatThrownBy(() -> JobReader.read("JobId=1 JobName=x and no more"))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("not understood: JobId=1 JobName=x");
    assertThatThrownBy(
            () ->
                JobReader.read(Answers.jobs(version).replaceFirst("JobState=\\w+", "JobState=ODD")))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("is in state 'ODD'");
  }
}
