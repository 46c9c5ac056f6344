/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobRecord;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.cluster.SlurmShell.Result;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;

/**
 * Slurm's accounting on each backend: what the commands of clients answer, what limits do, and what
 * outlives the daemons. One cluster runs for all tests of a release, and those that break something
 * mend it.
 */
@Timeout(600)
abstract class AccountingContract extends RealClusters {

  private static final String DEFINITION =
      """
      preset: gpu
      accounting: true
      accounts:
        - {name: theory, parent: physics, shares: 10}
        - physics
        - {name: closed, limits: {MaxSubmitJobs: 0}, qos: [quick, normal]}
      qos:
        - {name: single, priority: 100, limits: {MaxJobsPerUser: 1, GrpTRES: gres/gpu=1}}
        - {name: quick, limits: {MaxWall: "10:00"}, flags: [DenyOnLimit]}
        - {name: urgent, preempt: [low]}
        - low
      users:
        - {name: slurm, accounts: [theory, physics, closed], default_qos: normal}
      """;

  /** Uses a processor and memory for a while. */
  private static final String WORK =
      """
      #!/bin/bash
      #SBATCH --output=/dev/null
      python3 -c '
      import time
      taken = b"x" * 50_000_000
      end = time.process_time() + 1.5
      while time.process_time() < end: pass'
      """;

  private static final Duration LONG = Duration.ofMinutes(2);

  private static TestBackend running;
  private static SlurmVersion release;
  private static String definition;
  private static SlurmCluster shared;

  AccountingContract(TestBackend backend) {
    super(backend);
  }

  /**
   * Starts the cluster of a release's tests.
   *
   * @param users further users of the definition, if the backend has them
   */
  static void start(TestBackend backend, SlurmVersion version, String users) throws IOException {
    backend.require();
    running = backend;
    release = version;
    definition = DEFINITION + users;
    ClusterRequest request = request(definition);
    shared = request.cluster();
    request.start();
  }

  private static ClusterRequest request(String definition) throws IOException {
    return running
        .cluster("accounting-" + release.year())
        .outputDirectory(outputDirectory())
        .definition(definition("accounting", definition))
        .slurmVersion(release.release())
        .build();
  }

  /** Stops the cluster, gives it another definition, and starts it. */
  private static void redefine(String definition) throws IOException {
    shared.stop();
    request(definition).create();
    shared.start();
  }

  @AfterParameterizedClassInvocation
  static void destroy() {
    if (shared != null) {
      shared.destroy();
      running.assertNothingIsLeftOf(shared);
      shared = null;
    }
  }

  static SlurmCluster cluster() {
    return shared;
  }

  /** The name of the user who submits. */
  abstract String user();

  /** Runs a line in bash on the controller as the user that the daemons have. */
  static int asDaemons(String line) {
    return asDaemons(shared, line);
  }

  static int asDaemons(SlurmCluster cluster, String line) {
    CommandOutput unread =
        new CommandOutput() {
          @Override
          public void stdout(byte[] piece) {}

          @Override
          public void stderr(byte[] piece) {}
        };
    return cluster.run(
        "slurm",
        cluster.runsInContainers() ? Optional.of("root") : Optional.empty(),
        SlurmCluster.bash(line),
        unread,
        LONG);
  }

  static String submit(SlurmShell shell, String options, String script) throws IOException {
    return shell.ok("sbatch --parsable " + options, script);
  }

  /**
   * The state of a job and other fields of its own record, once it has that state and is complete:
   * Slurm 22.05 records partition, name, script and, on a busy machine, exit code of a short job
   * some time after its end.
   */
  static String recorded(SlurmShell shell, String job, String format, String state)
      throws IOException {
    return shell.ok(
        """
        for try in $(seq 600); do
          answer=$(sacct --allocations --noheader --parsable2 --jobs=%s --format=Partition,ExitCode,State,%s)
          case $answer in
            debug*'|0:0|FAILED'*) ;;
            debug*'|%s'*) echo "${answer#*|*|}"; exit;;
          esac
          sleep 0.1
        done
        echo "$answer" >&2
        exit 1
        """
            .formatted(job, format, state));
  }

  @Test
  void theJobThatProvesReadinessIsRecorded() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      // Slurm 22.05 records the name of a short job some time after its end.
      assertThat(
              shell.ok(
                  """
                  for try in $(seq 300); do
                    sacct -X -n -P --starttime=now-1hour --name=ready --format=State,User | grep '^COMPLETED|' && exit
                    sleep 0.1
                  done
                  exit 1
                  """))
          .contains("COMPLETED|" + user());
    }
  }

  @Test
  void sacctAnswersTapis() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = submit(shell, "--output=/dev/null", "#!/bin/bash\nexit 3");
      recorded(shell, job, "JobID", "FAILED");

      assertThat(shell.ok("sacct -P -o JobID,State,ExitCode -n -j " + job).lines())
          .contains(job + "|FAILED|3:0", job + ".batch|FAILED|3:0");
    }
  }

  @Test
  void sacctAnswersInJson() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = submit(shell, "--output=/dev/null --comment=remark", "#!/bin/bash\ntrue");
      recorded(shell, job, "JobID", "COMPLETED");

      assertThat(shell.ok("sacct --json --jobs=" + job))
          .contains("\"job_id\": " + job)
          .contains("\"account\": \"theory\"");
    }
  }

  @Test
  void figuresOfUseAreRecorded() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job = submit(shell, "", WORK);
      String answer = recorded(shell, job, "CPUTimeRAW,AllocTRES", "COMPLETED");
      String[] step =
          shell
              .ok("sacct -n -P --jobs=%s.batch --units=K --format=MaxRSS,TotalCPU".formatted(job))
              .split("\\|");

      assertThat(answer).contains("cpu=1").contains("mem=");
      assertThat(step[0]).matches("[0-9.]+K");
      assertThat(Double.parseDouble(step[0].replace("K", ""))).isGreaterThan(40_000);
      assertThat(step[1]).matches("00:0[1-9].*");
    }
  }

  @Test
  void recordsAreValues() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job =
          submit(shell, "--output=/dev/null --job-name='a|b'", "#!/bin/bash\nsrun true\nexit 3");
      recorded(shell, job, "JobID", "FAILED");

      JobRecord known = shared.records(JobId.of(job)).get(0);
      assertThat(known.name()).isEqualTo("a|b");
      assertThat(known.user()).isEqualTo(user());
      assertThat(known.account()).isEqualTo("theory");
      assertThat(known.qos()).isEqualTo("normal");
      assertThat(known.state()).isEqualTo(JobState.FAILED);
      assertThat(known.exit()).isEqualTo(new Job.Exit(3, 0));
      assertThat(known.steps()).extracting(JobRecord.Step::id).contains("batch", "0");
      assertThat(shared.records(JobId.of(987_654))).isEmpty();
    }
  }

  @Test
  void scriptEnvironmentAndCommentAreRecorded() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String job =
          submit(
              shell,
              "--output=/dev/null --comment=remark --export=ALL,COLOUR=green",
              "#!/bin/bash\necho mine");
      assertThat(recorded(shell, job, "Comment", "COMPLETED")).isEqualTo("COMPLETED|remark");

      assertThat(shell.ok("sacct --batch-script --jobs=" + job)).contains("echo mine");
      assertThat(shell.ok("sacct --env-vars --jobs=" + job)).contains("COLOUR=green");
    }
  }

  @Test
  void accountsAndUsersAreThoseOfTheDefinition() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      assertThat(shell.ok("sacctmgr -n -P show assoc format=account,user,share,parentname").lines())
          .contains(
              "physics||1|root",
              "theory||10|physics",
              "theory|" + user() + "|1|",
              "default||1|root")
          .doesNotContain("default|" + user() + "|1|");
      assertThat(shell.ok("sacctmgr -n -P show qos format=name,priority,maxwall,maxjobspu").lines())
          .contains("normal|0||", "single|100||1", "quick|0|00:10:00|");
      assertThat(shell.ok("sacctmgr -n -P show qos single format=grptres").strip())
          .isEqualTo("gres/gpu=1");
      assertThat(shell.ok("scontrol show assoc_mgr flags=assoc users=" + user()))
          .contains("Account=theory UserName=" + user() + "(");
      assertThat(shell.ok("sshare --all --noheader --parsable2 --format=Account,User,RawShares"))
          .contains("theory|" + user() + "|1");
    }
  }

  @Test
  void reportsAnswer() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      assertThat(shell.ok("sreport -P cluster utilization").lines())
          .anyMatch(line -> line.startsWith("Cluster Utilization"))
          .anyMatch(line -> line.startsWith("Cluster|Allocated|Down|"));
      String runs = submit(shell, "--output=/dev/null --exclusive", "#!/bin/bash\nsrun sleep 600");
      shell.awaitState(runs, "RUNNING");
      String waits = submit(shell, "--output=/dev/null --exclusive", "#!/bin/bash\ntrue");
      try {
        assertThat(
                shell.ok(
                    "until sprio --noheader --jobs=%s --format='%%i %%Y' | grep '[1-9]0*$'; do sleep 0.1; done"
                        .formatted(waits)))
            .startsWith(waits + " ");
        assertThat(
                shell.ok(
                    "until sstat -n -P --allsteps --jobs=%s --format=JobID,MaxRSS | grep '|[0-9]'; do sleep 0.2; done"
                        .formatted(runs)))
            .contains(runs + ".");
      } finally {
        shell.ok("scancel --clusters=all " + waits + " " + runs);
      }
      assertThat(recorded(shell, runs, "JobID", "CANCELLED")).contains("CANCELLED");
    }
  }

  @Test
  void aJobOverALimitWaitsWithSlurmsReason() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String first = submit(shell, "-o /dev/null --qos=single", "#!/bin/bash\nsleep 600");
      shell.awaitState(first, "RUNNING");
      String second = submit(shell, "-o /dev/null --qos=single", "#!/bin/bash\ntrue");

      assertThat(
              shell.ok(
                  "for try in $(seq 300); do reason=$(squeue -h -j %s -o %%r); case $reason in QOS*) break;; esac; sleep 0.1; done; echo $reason"
                      .formatted(second)))
          .isEqualTo("QOSMaxJobsPerUserLimit");
      shell.ok("scancel " + first);
      assertThat(recorded(shell, second, "QOS", "COMPLETED")).isEqualTo("COMPLETED|single");
    }
  }

  @Test
  void whatNoAccountAllowsIsRefused() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      Result account = shell.run("sbatch --account=nobody --wrap true");
      Result time = shell.run("sbatch --qos=quick --time=20 --wrap true");
      Result qos = shell.run("sbatch --qos=slow --wrap true");
      Result closed = shell.run("sbatch --account=closed --wrap true");
      Result ofOthers = shell.run("sbatch --account=closed --qos=low --wrap true");

      assertThat(account.exitCode()).isEqualTo(1);
      assertThat(account.stderr())
          .contains("Invalid account or account/partition combination specified");
      assertThat(time.exitCode()).isEqualTo(1);
      assertThat(time.stderr()).contains("QOSMaxWallDurationPerJobLimit");
      assertThat(qos.stderr()).contains("Invalid qos specification");
      assertThat(closed.stderr()).contains("AssocMaxSubmitJobLimit");
      assertThat(ofOthers.stderr()).contains("Invalid qos specification");
    }
  }

  @Test
  void aQualityOfServicePreempts() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String low = submit(shell, "-o /dev/null --exclusive --qos=low", "#!/bin/bash\nsleep 600");
      shell.awaitState(low, "RUNNING");

      String urgent = submit(shell, "-o /dev/null --exclusive --qos=urgent", "#!/bin/bash\ntrue");
      assertThat(recorded(shell, urgent, "QOS", "COMPLETED")).isEqualTo("COMPLETED|urgent");
      assertThat(shell.ok("scontrol --oneliner show job " + low)).contains(" Restarts=1 ");
      shell.ok("scancel " + low);
    }
  }

  @Test
  @Tag("slow")
  void aChangedDefinitionArrivesAtTheNextStart() throws IOException {
    Releases.skipUnlessDefault(release);
    redefine(
        definition
            .replace("\"10:00\"", "\"20:00\"")
            .replace("shares: 10", "shares: 20")
            .replace(
                "[theory, physics, closed], default_qos: normal",
                "[physics, theory, closed], default_qos: quick"));
    try (SlurmShell shell = shell(shared)) {
      assertThat(shell.ok("sacctmgr -n -P show qos quick format=maxwall")).isEqualTo("00:20:00");
      assertThat(shell.ok("sacctmgr -n -P show assoc format=account,user,share").lines())
          .contains("theory||20");
      String job = submit(shell, "-o /dev/null", "#!/bin/bash\ntrue");
      assertThat(recorded(shell, job, "Account,QOS", "COMPLETED"))
          .isEqualTo("COMPLETED|physics|quick");
    } finally {
      redefine(definition);
    }
    try (SlurmShell shell = shell(shared)) {
      String job = submit(shell, "-o /dev/null", "#!/bin/bash\ntrue");
      assertThat(recorded(shell, job, "Account,QOS", "COMPLETED"))
          .isEqualTo("COMPLETED|theory|normal");
    }
  }

  /** Slurm refuses qualities of service without the user's default, and another default first. */
  @Test
  @Tag("slow")
  void aUsersQualitiesOfServiceChangeWithTheDefault() throws IOException {
    Releases.skipUnlessDefault(release);
    String qos =
        "sacctmgr -n -P show assoc user=%s account=theory format=defaultqos,qos".formatted(user());
    try {
      for (String name : List.of("low", "quick")) {
        redefine(
            definition.replace(
                "default_qos: normal", "default_qos: %1$s, qos: [%1$s]".formatted(name)));
        try (SlurmShell shell = shell(shared)) {
          assertThat(shell.ok(qos)).isEqualTo(name + "|" + name);
        }
      }
    } finally {
      redefine(definition);
    }
    try (SlurmShell shell = shell(shared)) {
      assertThat(shell.ok(qos)).isEqualTo("normal|low,normal,quick,single,urgent");
    }
  }

  /** The database that a cluster begins with has tables of some cluster. */
  @Test
  void aClusterMayBeCalledTemplate() throws IOException {
    ClusterRequest request =
        own(
            builder("template")
                .definition(definition("template", "preset: cpu\naccounting: true\n"))
                .slurmVersion(release.release()));
    request.start();

    try (SlurmShell shell = shell(request.cluster())) {
      String job = submit(shell, "-o /dev/null", "#!/bin/bash\ntrue");
      assertThat(recorded(shell, job, "Cluster,User,Account", "COMPLETED"))
          .isEqualTo("COMPLETED|template|" + user() + "|default");
    }
  }

  @Test
  @Tag("slow")
  void aLineThatSacctmgrRefusesEndsTheStart() throws IOException {
    Releases.skipUnlessDefault(release);
    Path file = shared.directory().resolve("config/sacctmgr.txt");
    String before = Files.readString(file);
    shared.stop();
    Files.writeString(file, before + "modify qos ghost set priority=1\n");
    try {
      assertThatThrownBy(shared::start)
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContaining(
              "sacctmgr does not take 'modify qos ghost set priority=1' of config/sacctmgr.txt (")
          .hasMessageContaining("correct it there, then start again");
    } finally {
      Files.writeString(file, before);
      shared.start();
    }
  }

  @Test
  @Tag("slow")
  void aResetDeletesTheHistory() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String script = "#!/bin/bash\nsrun true";
      recorded(shell, submit(shell, "-o /dev/null", script), "JobID", "COMPLETED");
      submit(shell, "-o /dev/null", "#!/bin/bash\nsleep 600");

      shared.reset(true);
      // What slurmctld knows of ended jobs must not come back. It looks for such each five seconds.
      shell.ok("sleep 6");
      assertThat(shell.ok("sacct --allusers --starttime=1970-01-01 -n -P")).isEmpty();
      assertThat(shell.ok("sshare --all -n -P --format=RawUsage").lines()).containsOnly("0");
      assertThat(shell.ok("sacctmgr -n -P show qos format=name").lines()).contains("single");

      String next = submit(shell, "-o /dev/null", script);
      assertThat(recorded(shell, next, "Account", "COMPLETED")).isEqualTo("COMPLETED|theory");
      assertThat(shell.ok("sacct --batch-script --jobs=" + next)).contains("srun true");
      shared.reset(true);
      assertThat(shell.ok("sacct --allusers --starttime=1970-01-01 -n -P")).isEmpty();
    }
    // Another test looks for the record of the job that proves readiness.
    shared.start();
  }

  /** As when the database is killed while slurmdbd stores the end of a job. */
  @Test
  @Tag("slow")
  void aResetDoesNotWaitForARecordThatIsLost() throws IOException {
    Releases.skipUnlessDefault(release);
    try (SlurmShell shell = shell(shared)) {
      String job = submit(shell, "-o /dev/null", "#!/bin/bash\ntrue");
      recorded(shell, job, "JobID", "COMPLETED");
      String cluster = shell.ok("scontrol show config | sed -n 's/^ClusterName *= //p'").strip();
      String statements = accountingRun() + "/begin.sql";
      assertThat(
              asDaemons(
                  "echo 'UPDATE slurm_acct_db.`%s_job_table` SET state=1, time_end=0 WHERE id_job=%s;' > %s"
                      .formatted(cluster, job, statements)))
          .isZero();
      kill("mariadbd");
      shell.ok(
          "timeout 60 sh -c 'until sacct -X -n -P --jobs=%s --format=State | grep RUNNING; do sleep 0.1; done'"
              .formatted(job));

      shared.reset(true);

      assertThat(shell.ok("sacct --allusers --starttime=1970-01-01 -n -P")).isEmpty();
    }
    shared.start();
  }

  @Test
  @Tag("slow")
  void aWaitEndsWithTheRecordOfAForgottenJob() throws IOException {
    Path file = shared.directory().resolve(CONFIG);
    String before = Files.readString(file);
    Files.writeString(file, before + "MinJobAge=2\n");
    try (SlurmShell shell = shell(shared)) {
      shared.startController();
      String job = submit(shell, "-o /dev/null", "#!/bin/bash\nexit 3");
      recorded(shell, job, "JobID", "FAILED");
      shell.ok("while scontrol show job %s >/dev/null 2>&1; do sleep 0.5; done".formatted(job));

      Job known = shared.await(JobId.of(job), LONG);
      assertThat(known.state()).isEqualTo(JobState.FAILED);
      assertThat(known.exit()).isEqualTo(new Job.Exit(3, 0));
      assertThat(known.nodes()).isPresent();
      assertThat(known.ended()).isPresent();
    } finally {
      Files.writeString(file, before);
      shared.startController();
    }
  }

  @Test
  void answersXenon() throws IOException {
    try (SlurmShell shell = shell(shared)) {
      Xenon.assertSession(shell, true);
    }
  }

  @Test
  void recordsOutliveAStop() throws IOException {
    String job;
    try (SlurmShell shell = shell(shared)) {
      job = submit(shell, "-o /dev/null", "#!/bin/bash\nexit 4");
      recorded(shell, job, "JobID", "FAILED");
    }
    shared.stop();
    shared.start();

    try (SlurmShell shell = shell(shared)) {
      assertThat(recorded(shell, job, "ExitCode", "FAILED")).isEqualTo("FAILED|4:0");
      String next = submit(shell, "-o /dev/null", "#!/bin/bash\ntrue");
      assertThat(recorded(shell, next, "Account", "COMPLETED")).isEqualTo("COMPLETED|theory");
    }
  }

  @Test
  @Tag("slow")
  void noRecordIsLostWithTheDatabase() throws IOException {
    Releases.skipUnlessDefault(release);
    assertNoRecordIsLost("mariadbd");
  }

  @Test
  @Tag("slow")
  void noRecordIsLostWithSlurmdbd() throws IOException {
    assertNoRecordIsLost("slurmdbd");
  }

  /** slurmctld keeps with its state what slurmdbd has not taken. */
  @Test
  @Tag("slow")
  void noRecordIsLostWithSlurmdbdThatComesBackAfterSlurmctld() throws IOException {
    String stopped = accountingRun() + "/slurmdbd.stopped";
    try (SlurmShell shell = shell(shared)) {
      assertThat(asDaemons("touch " + stopped)).isZero();
      kill("slurmdbd");
      String before;
      String after;
      try {
        before = submit(shell, "-o /dev/null", "#!/bin/bash\nexit 8");
        shell.awaitState(before, "FAILED");
        shared.stopController();
        shared.startController();
        after = submit(shell, "-o /dev/null", "#!/bin/bash\nexit 9");
        shell.awaitState(after, "FAILED");
        assertThat(shell.run("timeout 5 sacct").exitCode()).isNotZero();
      } finally {
        // The container's first process looks whether it is to start slurmdbd when it gets a
        // signal.
        String line = "rm %s; until kill -0 %s 2>/dev/null; do %s sleep 0.2; done";
        String signal = shared.runsInContainers() ? "kill -USR1 1;" : "";
        assertThat(asDaemons(line.formatted(stopped, process("slurmdbd"), signal))).isZero();
      }

      assertThat(recorded(shell, before, "ExitCode", "FAILED")).isEqualTo("FAILED|8:0");
      assertThat(recorded(shell, after, "ExitCode", "FAILED")).isEqualTo("FAILED|9:0");
    }
  }

  /**
   * What was committed is on the disk, and a page that was half written is mended. Of what slurmdbd
   * stores just then a record may be lost: it does not look whether its commit succeeded.
   */
  @Test
  @Tag("slow")
  void noStoredRecordIsLostWithADatabaseThatIsKilledAgainAndAgain() throws IOException {
    Releases.skipUnlessDefault(release);
    try (SlurmShell shell = shell(shared)) {
      String begin = shell.ok("date +%Y-%m-%dT%H:%M:%S");
      String stored = "sacct -X -n -P --starttime=" + begin + " --format=State,ExitCode,JobID";
      Set<String> jobs = new TreeSet<>();
      for (int round = 0; round < 8; round++) {
        List<String> more =
            shell
                .ok(
                    "for job in $(seq 12); do sbatch --parsable -o /dev/null --wrap 'srun true; exit 9'; done")
                .lines()
                .toList();
        // Others are being stored when the first are.
        String records =
            shell.ok(
                "until records=$(%s --jobs=%s | grep '^FAILED|9:0'); do sleep 0.05; done; echo \"$records\""
                    .formatted(stored, String.join(",", more)));
        records.lines().map(line -> line.split("\\|")[2]).forEach(jobs::add);
        kill("mariadbd");
        shell.ok("until sacctmgr -n show cluster >/dev/null 2>&1; do sleep 0.1; done");
      }

      assertThat(jobs).hasSizeGreaterThanOrEqualTo(8);
      assertAreRecorded(
          shell, List.copyOf(jobs), "FAILED|9:0", "--duplicates --starttime=" + begin);
    }
  }

  @Test
  @Tag("slow")
  void noStoredRecordIsLostWithTheCluster() throws Exception {
    Releases.skipUnlessDefault(release);
    String stored;
    try (SlurmShell shell = shell(shared)) {
      stored =
          shell.ok("for job in $(seq 30); do sbatch --parsable -o /dev/null --wrap 'exit 9'; done");
      String last = stored.lines().reduce((first, second) -> second).orElseThrow();
      recorded(shell, last, "JobID", "FAILED");
      // A job whose end slurmctld has not saved ends once more. It saves changes within seconds.
      String state =
          shell.ok("scontrol show config | sed -n 's/^StateSaveLocation *= //p'").strip();
      assertThat(asDaemons("touch %s/before".formatted(state))).isZero();
      // And in the midst of others.
      shell.ok("for job in $(seq 30); do sbatch --parsable -o /dev/null --wrap true; done");
      assertThat(
              asDaemons(
                  "cd %s && until [ job_state -nt before ]; do sleep 0.02; done; rm before"
                      .formatted(state)))
          .isZero();
    }
    killCluster();
    request(definition).start();

    try (SlurmShell shell = shell(shared)) {
      assertAreRecorded(shell, stored.lines().toList(), "FAILED|9:0", "");
      String next = submit(shell, "-o /dev/null", "#!/bin/bash\ntrue");
      assertThat(recorded(shell, next, "Account", "COMPLETED")).isEqualTo("COMPLETED|theory");
    }
  }

  /** A stopped process gets SIGTERM only when it continues. */
  @Test
  void aPausedDatabaseDoesNotKeepTheClusterFromStopping() throws IOException {
    assertThat(asDaemons(": >%s; kill -STOP %s".formatted(databaseLog(), process("mariadbd"))))
        .isZero();
    shared.stop();
    shared.start();

    try (SlurmShell shell = shell(shared)) {
      assertThat(shell.ok("sacct -X -n -P --starttime=now-1hour --format=State")).isNotEmpty();
    }
    assertThat(asDaemons("! grep -q 'crash recovery' " + databaseLog())).isZero();
  }

  /**
   * Waits until all jobs have such a record.
   *
   * @param options further ones of sacct. A slurmctld that is killed gives numbers again, so that
   *     with duplicates come earlier jobs as well, unless a time excludes them.
   */
  static void assertAreRecorded(SlurmShell shell, List<String> jobs, String how, String options)
      throws IOException {
    String records =
        shell.ok(
            """
            for try in $(seq 900); do
              answer=$(sacct -X -n -P %s --jobs=%s --format=State,ExitCode,JobID)
              [ $(grep -c '^%s|' <<<"$answer") -lt %d ] || break
              sleep 0.1
            done
            echo "$answer"
            """
                .formatted(options, String.join(",", jobs), how, jobs.size()));
    assertThat(records.lines())
        .containsExactlyInAnyOrderElementsOf(jobs.stream().map(job -> how + "|" + job).toList());
  }

  /** Ends a daemon, which comes back by itself, while jobs end. */
  private void assertNoRecordIsLost(String daemon) throws IOException {
    try (SlurmShell shell = shell(shared)) {
      String before = submit(shell, "-o /dev/null", "#!/bin/bash\nexit 5");
      recorded(shell, before, "JobID", "FAILED");
      shell.ok("rm -f go");
      String through =
          submit(shell, "-o /dev/null", "#!/bin/bash\nuntil [ -e go ]; do sleep 0.1; done; exit 6");
      shell.awaitState(through, "RUNNING");

      kill(daemon);
      shell.ok("touch go");
      String during = submit(shell, "-o /dev/null", "#!/bin/bash\nexit 7");
      shell.awaitState(during, "FAILED");

      assertThat(recorded(shell, before, "ExitCode", "FAILED")).isEqualTo("FAILED|5:0");
      assertThat(recorded(shell, through, "ExitCode", "FAILED")).isEqualTo("FAILED|6:0");
      assertThat(recorded(shell, during, "ExitCode", "FAILED")).isEqualTo("FAILED|7:0");
    }
  }

  /** Kills a daemon of the cluster. */
  private void kill(String daemon) {
    // One that is on its way up has no process yet.
    String line = "until kill -9 %s 2>/dev/null; do sleep 0.05; done";
    assertThat(asDaemons(line.formatted(process(daemon)))).isZero();
  }

  /** What bash replaces by the process id of a daemon, for {@link #asDaemons}. */
  abstract String process(String daemon);

  /** Where daemons of accounting have what they need while they run. */
  abstract String accountingRun();

  /** The file that the database writes its messages to. */
  abstract String databaseLog();

  /** Kills all daemons of the controller at once. */
  abstract void killCluster() throws Exception;
}
