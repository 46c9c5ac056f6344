/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.ScriptCheck;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.CollectedOutput;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What submitting a script promises, on each backend. One cluster runs for all tests of a release;
 * they wait for Slurm most of the time, so some run at the same time.
 */
@Timeout(600)
@Execution(ExecutionMode.CONCURRENT)
abstract class SubmitContract extends RealClusters {

  private static final Duration TIMEOUT = Duration.ofSeconds(120);

  /** Slurm's own wait of a job that is queued again is longer. */
  private static final Duration AGAIN = Duration.ofSeconds(60);

  private static final String BOTH = "echo to out\necho to err >&2\n";

  private final SlurmCluster cluster;

  /** Whether Slurm is 25.11 or newer. */
  private final boolean newer;

  private CollectedOutput output = new CollectedOutput();
  private Consumer<String> onLine = line -> {};
  @TempDir Path directory;

  SubmitContract(TestBackend backend, SlurmVersion version) {
    super(backend);
    newer = version.compareTo(SlurmVersion.of("25.11")) >= 0;
    cluster = handle(backend, version).progress(progress).build().cluster();
  }

  /** A handle of its own for each test, with its own progress, on the cluster of a release. */
  private static ClusterRequest.Builder handle(TestBackend backend, SlurmVersion version) {
    return backend
        .cluster("submit-" + version.year())
        .outputDirectory(outputDirectory())
        .preset("multi-node")
        .nodes(nodes -> nodes.cpusPerNode(8))
        .slurmVersion(version.release());
  }

  static void start(TestBackend backend, SlurmVersion version) {
    backend.require();
    handle(backend, version).build().start();
  }

  static void destroy(TestBackend backend, SlurmVersion version) {
    ClusterRequest clusterRequest = handle(backend, version).build();
    SlurmCluster cluster = clusterRequest.cluster();
    cluster.destroy();
    backend.assertNothingIsLeftOf(cluster);
  }

  private Path script(String text) throws IOException {
    // One byte for each character.
    return Files.writeString(
        directory.resolve("job.sh"), "#!/bin/bash\n" + text, StandardCharsets.ISO_8859_1);
  }

  private Optional<Job> submit(Path script, String... options) {
    output = new CollectedOutput(onLine);
    return cluster.submit(script, Optional.empty(), List.of(options), List.of(), output, TIMEOUT);
  }

  private Job ended(Path script, String... options) {
    return submit(script, options).orElseThrow();
  }

  private String slurm(String command) {
    CollectedOutput said = new CollectedOutput();
    assertThat(
            cluster.run(
                "controller", Optional.empty(), List.of("bash", "-c", command), said, TIMEOUT))
        .as(() -> command + ": " + said.stderr())
        .isZero();
    return said.stdout().strip();
  }

  private void assertShowsBothOnce() {
    assertThat(output.stdout()).isEqualTo("to out\n");
    assertThat(output.stderr()).isEqualTo("to err\n");
    assertThat(progress.warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--wait", "--quiet", "--parsable", "--quiet --wait", "-WQ"})
  @Tag("slow")
  void followsTheJobWithAnyOptionOfSbatch(String options) throws IOException {
    String separate = "--error=separate-%j";
    Job byOption = ended(script(BOTH + "exit 3\n"), (options + " " + separate).split(" "));

    assertThat(byOption.state()).isEqualTo(JobState.FAILED);
    assertThat(byOption.exit().code()).isEqualTo(3);
    assertShowsBothOnce();

    Job inTheScript =
        ended(script("#SBATCH " + options + "\n#SBATCH " + separate + "\nsleep 1\n" + BOTH));

    assertThat(inTheScript.state()).isEqualTo(JobState.COMPLETED);
    assertShowsBothOnce();
  }

  @Test
  void showsWhatVerboseSbatchSays() throws IOException {
    assertThat(ended(script("echo out\n"), "--verbose").state()).isEqualTo(JobState.COMPLETED);

    assertThat(output.stdout()).isEqualTo("out\n");
    assertThat(output.stderr()).contains("sbatch: defined options");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--test-only", "--help", "--usage", "--version"})
  void showsWhatSbatchSaysWhereThereIsNoJob(String option) throws IOException {
    assertThat(submit(script("true\n"), option)).isEmpty();
    assertThat(output.stdout() + output.stderr())
        .containsPattern("to start at|Usage: sbatch|slurm(-wlm)? [0-9]");
  }

  @Test
  void makesNoJobOfAScriptThatIsOnlyTried() throws IOException {
    Path script = script("#SBATCH --test-only\ntrue\n");

    assertThat(submit(script)).isEmpty();
    assertThat(output.stderr()).contains(" to start at ");
    assertThatThrownBy(() -> cluster.submit(script))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("sbatch submitted no job of job.sh");
  }

  @Test
  void isRefusedInSbatchsWords() throws IOException {
    Path script = script("true\n");

    assertThatThrownBy(() -> submit(script, "--clusters=other"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageStartingWith("sbatch refused job.sh: ")
        .hasMessageContaining("other");
    assertThatThrownBy(() -> submit(script, "--wait", "--partition=none"))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("Invalid partition name specified");
  }

  private ScriptCheck check(String text, String... options) throws IOException {
    List<ScriptCheck> checks = cluster.check(script(text), Optional.empty(), List.of(options));
    assertThat(checks).hasSize(1);
    return checks.get(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true\n",
        "#SBATCH --array=1-3\n#SBATCH --nodes=2\n",
        "#SBATCH --wait\n#SBATCH --quiet\n",
        "#SBATCH --nodes=1\n#SBATCH hetjob\n#SBATCH --nodes=1\n",
        "#SBATCH --begin=now+1hour\n#SBATCH --deadline=now+3hours --time=60\n"
      })
  void checksAScriptWithoutRunningIt(String text) throws IOException {
    String name = UUID.randomUUID().toString();

    ScriptCheck check = check("#SBATCH --job-name=" + name + "\n" + text);

    assertThat(check.isTaken()).as(check.answer()).isTrue();
    assertThat(
            slurm(
                "squeue --noheader --states=all --name=%s --format='%%T %%N' | sort -u"
                    .formatted(name)))
        .isEqualTo("CANCELLED");
  }

  @Test
  void checksAScriptInSbatchsWords() throws IOException {
    assertThat(check("#SBATCH --partition=none\n"))
        .satisfies(check -> assertThat(check.isTaken()).isFalse())
        .satisfies(
            check -> assertThat(check.answer()).contains("Invalid partition name specified"));
    assertThat(check("#SBATCH --partition=none\n", "--partition=cpu").isTaken()).isTrue();
    assertThat(check("#SBATCH --mem=100T\n").answer())
        .contains("Requested node configuration is not available");
    assertThat(check("true\r\n").answer()).contains("contains DOS line breaks");
    assertThat(check("#SBATCH --test-only\n").answer())
        .startsWith("sbatch submitted no job of job.sh");
    Path noScript = Files.writeString(directory.resolve("notes"), "buy milk\n");
    assertThat(cluster.check(noScript, Optional.empty(), List.of()).get(0).answer())
        .contains("This does not look like a batch script");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "with blank",
        "%N",
        "%n-%t-%s",
        "%u-%%",
        "%%N",
        "%x %j",
        "%J",
        "%5j-%3t",
        "%b",
        "by\u00ffte",
        "quote'",
        "two  blanks ",
        "Comment=x StdOut=y",
        "%5%"
      })
  @Tag("slow")
  void showsFilesOfAnyName(String given) throws IOException {
    // 25.11 does not report a blank at the end: see namesAFileThatItCannotShow.
    String name = newer ? given.stripTrailing() : given;
    ended(
        script(
            "#SBATCH --output=\"o-%s\"\n#SBATCH --error=\"e-%s\"\n".formatted(name, name) + BOTH));

    assertShowsBothOnce();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a dir", "by\u00ffte"})
  void showsFilesOfAnyWorkingDirectory(String name) throws IOException {
    ended(script("mkdir -p '%s'\n".formatted(name)));

    ended(script("#SBATCH --chdir=\"%s\"\n#SBATCH --error=e\n".formatted(home(name)) + BOTH));

    assertShowsBothOnce();
  }

  private String home(String name) {
    return slurm("cd; pwd") + "/" + name;
  }

  @Test
  void showsFilesOfANodesOwn() throws IOException {
    // Without containers it is this machine's /tmp, which has files of other clusters' jobs.
    String own = "/tmp/" + UUID.randomUUID();
    ended(
        script(BOTH),
        "--nodelist=compute-1",
        "--output=" + own + " out of %j",
        "--error=" + own + " err of %j");

    assertShowsBothOnce();
    slurm("srun --nodelist=compute-1 sh -c 'rm \"" + own + "\"*'");
  }

  @Test
  void showsNothingThatAFileHeldBefore() throws IOException {
    String fixed = "#SBATCH --output=fixed\n#SBATCH --error=fixed-err\n";
    ended(script(fixed + "echo old; echo old >&2\n"));

    // RUNNING long before slurmd opens the file is what a prolog makes of it.
    ended(script(fixed + "sleep 1\n" + BOTH));

    assertShowsBothOnce();
  }

  @Test
  void showsBytesAsTheyAre() throws IOException {
    ended(script("#SBATCH --error=e-%j\nprintf 'a\\377\\0b'; seq 100000; seq 50000 >&2\n"));

    assertThat(output.stdout().lines()).hasSize(100_000).last().isEqualTo("100000");
    assertThat(output.stdout()).startsWith("a\ufffd\0b1\n2\n");
    assertThat(output.stderr().lines()).hasSize(50_000).last().isEqualTo("50000");
  }

  @Test
  void showsWholeLinesOfEachTaskOfAnArray() throws IOException {
    Job last =
        ended(
            script(
                "for i in 1 2 3; do printf 'task '; sleep 0.1; echo $SLURM_ARRAY_TASK_ID line $i;"
                    + " done\n"),
            "--array=1-5",
            "--output=%A of %a on %N");

    assertThat(last.state()).isEqualTo(JobState.COMPLETED);
    assertThat(output.stdout().lines())
        .hasSize(15)
        .doesNotHaveDuplicates()
        .allMatch(line -> line.matches("task [1-5] line [1-3]"));
  }

  @Test
  void namesAFileThatItCannotShow() throws IOException {
    // Slurm's commands replace the pattern, and slurmd does not. Since 25.11 they leave out a blank
    // at the end.
    String out = newer ? "o-%j " : "o-\\%j";
    Job job = ended(script(BOTH), "--output=" + out, "--error=e-%j");

    assertThat(output.stderr()).isEqualTo("to err\n");
    assertThat(progress.warnings())
        .singleElement()
        .asString()
        .startsWith(
            "The standard output of job %s cannot be shown: node compute-".formatted(job.id()))
        .contains("/%s'".formatted(out.strip().replace("%j", job.id().toString())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"truncate", "append"})
  @Tag("slow")
  void showsEachRunOfAJobThatIsQueuedAgain(String openMode) throws Exception {
    // The two run beside each other.
    String again = "again-" + openMode;
    String isShown = "shown-" + openMode;
    slurm("cd; rm -f %s %s".formatted(isShown, again));
    CountDownLatch firstLine = new CountDownLatch(1);
    onLine = line -> firstLine.countDown();
    CompletableFuture<Void> shown =
        CompletableFuture.runAsync(
            () -> {
              assertThatNoException().isThrownBy(firstLine::await);
              slurm("cd; touch " + isShown);
            });
    Job job =
        ended(
            script(
                "trap 'scontrol requeue $SLURM_JOB_ID; exit' USR1\n"
                    + "echo run ${SLURM_RESTART_COUNT:-0}\n"
                    // Before it was shown, the second run could replace it.
                    + "((SLURM_RESTART_COUNT)) || { until [[ -e %s ]]; do sleep 0.1; done\n"
                        .formatted(isShown)
                    + "kill -USR1 $$; sleep 60; }\n"
                    + "echo end\n"),
            "--requeue",
            "--output=" + again,
            "--error=" + again + "-err",
            "--open-mode=" + openMode);

    assertThat(job.state()).isEqualTo(JobState.COMPLETED);
    assertThat(output.stdout()).isEqualTo("run 0\nrun 1\nend\n");
    assertThat(slurm("cd; rm -f %s %s; scontrol show job %s".formatted(again, isShown, job.id())))
        .contains("Restarts=1");
    shown.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  @Tag("slow")
  void showsBothRunsOfAJobThatItsTimeLimitWarns() throws IOException {
    Job job =
        ended(
            script(
                "trap 'echo warned; scontrol requeue $SLURM_JOB_ID; exit 3' USR1\n"
                    + "echo run ${SLURM_RESTART_COUNT:-0}\n"
                    + "((SLURM_RESTART_COUNT)) || { sleep 300 & wait; }\n"
                    + "echo end\n"),
            "--requeue",
            "--time=1",
            "--signal=B:USR1@50",
            "--output=warned",
            "--error=warned-err",
            "--open-mode=append");

    assertThat(job.state()).isEqualTo(JobState.COMPLETED);
    assertThat(output.stdout()).isEqualTo("run 0\nwarned\nrun 1\nend\n");
    assertThat(slurm("rm warned; scontrol show job " + job.id())).contains("Restarts=1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sleep 300", "exit 3", "exit 0"})
  @Tag("slow")
  void aJobThatIsQueuedAgainWhileItIsAwaitedHasNotEnded(String next) throws IOException {
    JobId job =
        cluster.submit(
            script(
                "#SBATCH --requeue\n((SLURM_RESTART_COUNT)) && exit\n"
                    + "sleep 1\nscontrol requeue $SLURM_JOB_ID\n"
                    + next
                    + "\n"));

    assertThat(cluster.await(List.of(job), AGAIN))
        .singleElement()
        .satisfies(ended -> assertThat(ended.state()).isEqualTo(JobState.COMPLETED));
    assertThat(slurm("scontrol show job " + job)).contains("Restarts=1");
  }

  @Test
  void cancelsTheJobWhenItIsInterrupted() throws Exception {
    Path script = script("#SBATCH --job-name=watched\necho up\nsleep 300\n");
    Thread watcher =
        new Thread(
            () ->
                assertThatThrownBy(() -> submit(script)).isInstanceOf(SlurmClusterException.class));
    watcher.start();
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!output.stdout().equals("up\n")) {
      assertThat(System.nanoTime()).as("output is shown").isLessThan(deadline);
      Thread.sleep(20);
    }

    watcher.interrupt();
    watcher.join(TIMEOUT.toMillis());

    assertThat(watcher.isAlive()).isFalse();
    String job = slurm("squeue --noheader --states=all --format=%i --name=watched");
    assertThat(cluster.await(List.of(JobId.of(job)), TIMEOUT))
        .extracting(Job::state)
        .containsExactly(JobState.CANCELLED);
    String submitted = slurm("squeue --noheader --states=all --format=%o --jobs=" + job);
    assertThat(submitted).startsWith("/tmp/slurm-submit-").endsWith("/job.sh");
    assertThat(slurm("ls -d $(dirname " + submitted + ") 2>/dev/null | cat")).isEmpty();
  }
}
