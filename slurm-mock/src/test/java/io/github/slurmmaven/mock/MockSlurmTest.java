/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import static io.github.slurmmaven.client.JobState.CANCELLED;
import static io.github.slurmmaven.client.JobState.COMPLETED;
import static io.github.slurmmaven.client.JobState.FAILED;
import static io.github.slurmmaven.client.JobState.NODE_FAIL;
import static io.github.slurmmaven.client.JobState.PENDING;
import static io.github.slurmmaven.client.JobState.RUNNING;
import static io.github.slurmmaven.client.JobState.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Job.Exit;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.mock.command.KnownToSlurm;
import io.github.slurmmaven.mock.job.Release;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.sftp.SFTPClient;
import net.schmizz.sshj.userauth.UserAuthException;
import net.schmizz.sshj.xfer.FileSystemFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The time limit only ends a test that hangs. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class MockSlurmTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private MockSlurm mock;

  @BeforeEach
  void start() {
    mock = MockSlurm.builder().virtualClock().start();
  }

  @AfterEach
  void close() {
    mock.close();
  }

  private String run(String line) {
    RecordedCommand command = mock.run(line, "");
    assertThat(command.exitCode()).as(command.stderr()).isZero();
    return command.stdout().strip();
  }

  private MockJob submit(String arguments) {
    return mock.job(run("sbatch --parsable " + arguments));
  }

  @Nested
  @DisplayName("is reached as a real cluster is")
  class Reached {

    @Test
    @DisplayName("with the key and the host key of its connection")
    void withItsKey() throws Exception {
      try (Ssh client = Ssh.to(mock.connection())) {
        assertThat(client.run("sinfo --noheader --format=%P")).isEqualTo("debug*");
        assertThat(client.exec("exit 5", "").exitCode()).isEqualTo(5);
        assertThat(client.exec("cat > in; wc -c < in", "12345").stdout()).isEqualTo("5\n");
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sbatch", "squeue", "scontrol", "sinfo", "srun", "sacct", "scancel"})
    @DisplayName("by clients that first ask whether Slurm is there")
    void tellsHowACommandIsUsed(String command) {
      assertThat(run(command + " --help")).contains(command + " [");
    }

    @Test
    @DisplayName("with a password, which must be the right one")
    void withAPassword() throws Exception {
      Connection connection = mock.connection();
      try (SSHClient client = new SSHClient()) {
        client.loadKnownHosts(connection.sshKnownHosts().toFile());
        client.connect(connection.sshHost(), connection.sshPort());
        assertThatThrownBy(() -> client.authPassword("slurm", "wrong"))
            .isInstanceOf(UserAuthException.class);
        client.authPassword("slurm", connection.sshPassword().orElseThrow());
        assertThat(client.isAuthenticated()).isTrue();
      }
    }

    @Test
    @DisplayName("by nobody without key or password")
    void byNobodyElse() throws Exception {
      try (MockSlurm other = MockSlurm.start();
          SSHClient client = new SSHClient()) {
        client.loadKnownHosts(mock.connection().sshKnownHosts().toFile());
        client.connect("127.0.0.1", mock.connection().sshPort());
        assertThatThrownBy(
                () ->
                    client.authPublickey(
                        "slurm", client.loadKeys(other.connection().sshPrivateKey().toString())))
            .isInstanceOf(UserAuthException.class);
      }
    }

    @Test
    @DisplayName("by SFTP and SCP, with the files that commands see")
    void files(@TempDir Path local) throws Exception {
      Path script = Files.writeString(local.resolve("job.sh"), "#!/bin/sh\necho hello\n");
      try (Ssh client = Ssh.to(mock.connection())) {
        client.run("mkdir work");
        try (SFTPClient sftp = client.client().newSFTPClient()) {
          assertThat(sftp.canonicalize(".")).isEqualTo("/home/slurm");
          sftp.put(new FileSystemFile(script.toFile()), "work/job.sh");
          sftp.get("/home/slurm/work/job.sh", local.resolve("back").toString());
          assertThat(sftp.ls("work")).hasSize(1);
        }
        client.client().newSCPFileTransfer().upload(script.toString(), "work/scp.sh");

        assertThat(client.run("cd work && ls")).isEqualTo("job.sh\nscp.sh");
        assertThat(client.run("sbatch work/scp.sh")).isEqualTo("Submitted batch job 1");
      }
      assertThat(local.resolve("back")).hasSameTextualContentAs(script);
      assertThat(mock.home().resolve("work/job.sh")).hasSameTextualContentAs(script);
      assertThat(mock.job("1").script()).isEqualTo("#!/bin/sh\necho hello\n");
    }

    @Test
    @DisplayName("with secrets that only their owner reads, and that go with it")
    void secrets() throws Exception {
      Path key = mock.connection().sshPrivateKey();
      assumeThat(key.getFileSystem().supportedFileAttributeViews()).contains("posix");
      assertThat(Files.getPosixFilePermissions(key)).hasSize(2);

      mock.close();
      mock.close();

      assertThat(mock.connection().directory()).doesNotExist();
    }

    @Test
    @DisplayName("and leaves no files when its virtual machine is ended by SIGTERM")
    void terminated() throws Exception {
      Process other =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Waiting.class.getName())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (BufferedReader out = other.inputReader()) {
        Path directory = Path.of(out.readLine());
        assertThat(directory.resolve("known_hosts")).exists();

        other.destroy();
        other.waitFor();

        assertThat(directory).doesNotExist();
      } finally {
        other.destroyForcibly();
      }
    }
  }

  /** A program that has a mock until it is killed. */
  static final class Waiting {

    public static void main(String[] arguments) throws InterruptedException {
      System.out.println(MockSlurm.start().connection().directory());
      Thread.currentThread().join();
    }
  }

  @Nested
  @DisplayName("records what was asked for")
  class Records {

    @Test
    @DisplayName("script, arguments, options and directory")
    void everything() throws Exception {
      Files.writeString(
          mock.home().resolve("job.sh"),
          """
          #!/bin/bash
          #SBATCH --job-name=fromscript --time=5
          #SBATCH --mem=1G # of each node
          #SBATCH --comment="two words"
          #SBATCH -o 'out-%j.txt'
          echo $1
          #SBATCH --qos=never
          """);
      MockJob job =
          mock.job(
              run("SBATCH_TIMELIMIT=6 SBATCH_ACCOUNT=env sbatch --parsable -t7 job.sh a 'b c'"));

      assertThat(job.id()).isEqualTo(JobId.of("1"));
      assertThat(job.name()).isEqualTo("fromscript");
      assertThat(job.user()).isEqualTo("slurm");
      assertThat(job.arguments()).containsExactly("a", "b c");
      assertThat(job.script()).startsWith("#!/bin/bash\n").contains("echo $1");
      assertThat(job.limit()).isEqualTo(Duration.ofMinutes(7));
      assertThat(job.stdout()).isEqualTo("/home/slurm/out-1.txt");
      assertThat(job.stderr()).isEqualTo(job.stdout());
      assertThat(job.directory()).isEqualTo("/home/slurm");
      assertThat(job.environment()).containsEntry("SBATCH_ACCOUNT", "env");
      assertThat(job.submitted()).isEqualTo(mock.clock().now());
      assertThat(job.options())
          .containsEntry("time", "7")
          .containsEntry("account", "env")
          .containsEntry("mem", "1G")
          .containsEntry("comment", "two words")
          .containsEntry("parsable", "")
          .doesNotContainKey("qos");
    }

    @Test
    @DisplayName("each task of an array")
    void arrays() {
      mock.on(job -> job.id().toString().equals("1_3")).then(FAILED).exit(4);
      run("sbatch --array=1-3 --job-name=many --wrap='work $SLURM_ARRAY_TASK_ID'");

      assertThat(mock.jobs())
          .extracting(MockJob::id)
          .extracting(JobId::toString)
          .containsExactly("1_1", "1_2", "1_3");
      assertThat(mock.job("1_2").state()).isEqualTo(COMPLETED);
      assertThat(mock.job("1_3").exit()).isEqualTo(new Exit(4, 0));
      assertThat(mock.job("1_3").stdout()).isEqualTo("/home/slurm/slurm-1_3.out");
    }

    @Test
    @DisplayName("every command, and apart those that do not exist")
    void commands() {
      assertThat(mock.run("cd /tmp && bjobs -u all", "").exitCode()).isEqualTo(127);

      assertThat(mock.unknownCommands()).containsExactly("bjobs -u all");
      assertThat(mock.commands())
          .containsExactly(
              new RecordedCommand(
                  "slurm",
                  "cd /tmp && bjobs -u all",
                  127,
                  "",
                  "bash: line 1: bjobs: command not found\n",
                  List.of()));
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        textBlock =
            """
            squeue -O jobid,tres-alloc         | squeue   | the column tres-alloc
            squeue -o %all                     | squeue   | %all
            squeue -h -o '%i %X'               | squeue   | %X
            squeue --qos=high                  | squeue   | --qos
            squeue --helpformat                | squeue   | --helpformat
            sinfo -O SocketCoreThread          | sinfo    | the column SocketCoreThread
            sinfo -O CPUsLoad                  | sinfo    | the column CPUsLoad
            sinfo -O AllocMem                  | sinfo    | the column AllocMem
            sinfo -O nodes,GresUsed:.10        | sinfo    | the column GresUsed
            sinfo -o %all                      | sinfo    | %all
            sinfo --dead                       | sinfo    | --dead
            sdiag                              | sdiag    | sdiag
            sshare -a                          | sshare   | sshare
            /usr/bin/sprio                     | sprio    | sprio
            scancel --clusters=other 1         | scancel  | --clusters
            scancel --qos=high                 | scancel  | --qos
            srun --het-group=0 hostname        | srun     | --het-group
            srun --label hostname              | srun     | --label
            srun -n1 hostname : -n2 hostname   | srun     | a heterogeneous job
            sbatch -n1 : -n2 --wrap=true       | sbatch   | a heterogeneous job
            sbatch het.sh                      | sbatch   | #SBATCH hetjob
            scontrol reboot slurm              | scontrol | reboot
            scontrol show reservation          | scontrol | show reservation
            scontrol --json show job           | scontrol | --json
            scontrol update partitionname=x    | scontrol | update partitionname
            """)
    @DisplayName("what Slurm knows and is not mocked, and tells the client so")
    void limits(String line, String command, String what) throws IOException {
      Files.writeString(
          mock.home().resolve("het.sh"),
          "#!/bin/sh\n#SBATCH -n1\n#SBATCH hetjob\n#SBATCH -n2\ntrue\n");
      RecordedCommand answer = mock.run(line, "");

      assertThat(answer.exitCode()).isEqualTo(1);
      assertThat(answer.stdout()).isEmpty();
      assertThat(answer.stderr())
          .startsWith(command + ": error: " + what)
          .endsWith(" is not mocked; see docs/mock.md\n");
      assertThat(answer.notMocked()).singleElement().asString().startsWith(what);
      assertThat(mock.commands().get(0).notMocked()).isEqualTo(answer.notMocked());
      assertThat(mock.run("squeue -O nope", ""))
          .returns(List.of(), RecordedCommand::notMocked)
          .returns(
              "squeue: error: Invalid job format specification: nope\n", RecordedCommand::stderr);
    }

    @ParameterizedTest
    @ValueSource(strings = {"22.05", "24.11"})
    @DisplayName("of all columns that Slurm has, which are not mocked")
    void everyColumn(String version) {
      KnownToSlurm known = KnownToSlurm.of(Release.of(version));
      try (MockSlurm other = MockSlurm.builder().slurmVersion(version).start()) {
        for (String command : List.of("squeue", "sinfo")) {
          assertThat(known.all(command, "field")).hasSizeGreaterThan(45);
          assertThat(known.all(command, "letter")).hasSizeGreaterThan(30);
          for (String field : known.all(command, "field")) {
            assertIsAnsweredOrALimit(other.run(command + " -O " + field, ""));
          }
          for (String letter : known.all(command, "letter")) {
            assertIsAnsweredOrALimit(other.run(command + " -o %" + letter, ""));
          }
        }
      }
    }

    private void assertIsAnsweredOrALimit(RecordedCommand answer) {
      if (answer.notMocked().isEmpty()) {
        assertThat(answer.stderr()).as(answer.line()).isEmpty();
        assertThat(answer.exitCode()).as(answer.line()).isZero();
      } else {
        assertThat(answer.stderr()).as(answer.line()).contains("is not mocked");
        assertThat(answer.exitCode()).as(answer.line()).isEqualTo(1);
      }
    }

    @Test
    @DisplayName("no job that was refused, and says which there are")
    void unknownJob() {
      mock.run("sbatch --time=never --wrap=true", "");
      assertThat(mock.jobs()).isEmpty();
      assertThatThrownBy(() -> mock.job("7"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("no job 7: there are []");
    }
  }

  @Nested
  @DisplayName("plays what the test wrote")
  class Scenarios {

    @Test
    @DisplayName("the usual: a job has run well when somebody looks")
    void usual() {
      MockJob job = submit("--wrap=true");
      assertThat(job.state()).isEqualTo(COMPLETED);
      assertThat(run("squeue --noheader")).isEmpty();
      assertThat(mock.file("slurm-1.out")).exists();
    }

    @Test
    @DisplayName("states after their time, with exit code and output")
    void steps() {
      mock.on("train")
          .then(PENDING)
          .reason("Resources")
          .after(MINUTE)
          .then(RUNNING)
          .out("epoch 1\n")
          .after(MINUTE)
          .then(FAILED)
          .exit(3)
          .err("no more data\n");
      MockJob job = submit("--job-name=train -e err.txt --wrap=true");
      assertThat(run("squeue -h -o '%t %r'")).isEqualTo("PD Resources");

      mock.clock().advance(MINUTE);
      assertThat(run("squeue -h -o '%t %M %N'")).isEqualTo("R 0:00 slurm");
      assertThat(mock.file("slurm-1.out")).hasContent("epoch 1");

      mock.clock().advance(Duration.ofSeconds(59));
      assertThat(job.state()).isEqualTo(RUNNING);
      assertThat(run("squeue -h -o %M")).isEqualTo("0:59");
      mock.clock().advance(Duration.ofSeconds(1));
      assertThat(job.state()).isEqualTo(FAILED);
      assertThat(job.exit()).isEqualTo(new Exit(3, 0));
      assertThat(job.reason()).isEqualTo("NonZeroExitCode");
      assertThat(mock.file("err.txt")).hasContent("no more data");
      assertThat(run("scontrol show job 1")).contains("ExitCode=3:0", "RunTime=00:01:00");
    }

    @Test
    @DisplayName("by the clock of this machine too")
    void realClock() throws Exception {
      try (MockSlurm real = MockSlurm.start()) {
        real.on("quick").then(RUNNING).after(Duration.ofMillis(100)).then(COMPLETED);
        long begin = System.nanoTime();
        assertThat(real.run("sbatch --wait -J quick --wrap=true", "").exitCode()).isZero();
        assertThat(System.nanoTime() - begin).isGreaterThan(Duration.ofMillis(90).toNanos());
        assertThat(real.job("1").state()).isEqualTo(COMPLETED);
      }
    }

    @Test
    @DisplayName("the time limit ends what runs longer")
    void timeLimit() throws IOException {
      mock.on("endless").then(RUNNING);
      MockJob job = submit("-t 10 -J endless --wrap=true");
      mock.clock().advance(Duration.ofMinutes(9));
      assertThat(job.state()).isEqualTo(RUNNING);
      mock.clock().advance(Duration.ofHours(9));
      assertThat(job.state()).isEqualTo(TIMEOUT);
      assertThat(job.exit()).isEqualTo(new Exit(0, 15));
      assertThat(run("scontrol show job 1")).contains("RunTime=00:10:00", "Reason=TimeLimit");
      assertThat(Files.readString(mock.file("slurm-1.out"))).contains("DUE TO TIME LIMIT ***");
    }

    @Test
    @DisplayName("a state at once, and none after the end")
    void become() {
      mock.on("job").then(RUNNING);
      MockJob job = submit("-J job --wrap=true");
      job.become(NODE_FAIL);
      assertThat(job.state()).isEqualTo(NODE_FAIL);
      assertThatThrownBy(() -> job.become(RUNNING)).hasMessage("job 1 has ended: NODE_FAIL");
    }

    @Test
    @DisplayName("dependencies, holds and begins come before it")
    void waiting() {
      mock.on("first").then(RUNNING).after(MINUTE).then(COMPLETED);
      submit("-J first --wrap=true");
      MockJob after = submit("-d afterok:1 --wrap=true");
      MockJob not = submit("-d afternotok:1 --kill-on-invalid-dep=yes --wrap=true");
      MockJob later = submit("--begin=now+1hour --wrap=true");
      MockJob held = submit("--hold --wrap=true");
      assertThat(List.of(after, not, later, held))
          .extracting(MockJob::reason)
          .containsExactly("Dependency", "Dependency", "BeginTime", "JobHeldUser");

      mock.clock().advance(MINUTE);
      assertThat(after.state()).isEqualTo(COMPLETED);
      assertThat(not.state()).isEqualTo(CANCELLED);
      mock.clock().advance(Duration.ofHours(1));
      assertThat(later.state()).isEqualTo(COMPLETED);
      assertThat(held.state()).isEqualTo(PENDING);
      run("scontrol release 5");
      assertThat(held.state()).isEqualTo(COMPLETED);
    }

    @Test
    @DisplayName("a job that is queued again begins again")
    void requeue() {
      mock.on("again").then(RUNNING).after(MINUTE).then(COMPLETED);
      MockJob job = submit("-J again --wrap=true");
      run("scontrol requeue 1");
      assertThat(run("scontrol show job 1")).contains("Restarts=1", "JobState=RUNNING");
      mock.clock().advance(MINUTE);
      assertThat(job.state()).isEqualTo(COMPLETED);
    }

    @Test
    @DisplayName("an order of steps that makes no sense is told")
    void mistakes() {
      assertThatThrownBy(() -> mock.on("x").exit(3)).hasMessage("then(…) comes first");
      assertThatThrownBy(() -> mock.clock().advance(MINUTE.negated()))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> MockSlurm.builder().slurmVersion("19.05").start())
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageContaining("19.05")
          .hasMessageContaining("22.05, 24.11");
    }
  }

  @Nested
  @DisplayName("goes wrong as the test wants")
  class Faults {

    @Test
    @DisplayName("slurmctld answers too late, twice")
    void socketTimeout() {
      mock.fault("sbatch").times(2).socketTimeout();
      for (int i = 0; i < 2; i++) {
        assertThat(mock.run("sbatch --wrap=true", ""))
            .returns(1, RecordedCommand::exitCode)
            .returns(
                "sbatch: error: Batch job submission failed:"
                    + " Socket timed out on send/recv operation\n",
                RecordedCommand::stderr);
      }
      assertThat(run("sbatch --wrap=true")).isEqualTo("Submitted batch job 1");
    }

    @Test
    @DisplayName("until it is mended")
    void cleared() {
      Fault down = mock.fault("squeue").controllerDown();
      assertThat(mock.run("squeue", "").stderr())
          .isEqualTo(
              "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n");
      down.cleared();
      assertThat(run("squeue -h")).isEmpty();
    }

    @Test
    @DisplayName("the connection breaks in the middle")
    void drops() throws Exception {
      mock.fault("squeue").times(1).drops();
      try (Ssh client = Ssh.to(mock.connection())) {
        assertThatThrownBy(() -> client.exec("squeue", "")).isInstanceOf(Exception.class);
      }
      try (Ssh client = Ssh.to(mock.connection())) {
        assertThat(client.exec("squeue -h", "").exitCode()).isZero();
        mock.dropConnections();
        assertThatThrownBy(() -> client.exec("squeue", "")).isInstanceOf(Exception.class);
      }
    }

    @Test
    @DisplayName("an answer takes its time")
    void slow() throws Exception {
      mock.fault("sinfo").takes(MINUTE);
      Thread answer = new Thread(() -> run("sinfo"));
      answer.start();
      while (answer.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      mock.clock().advance(MINUTE);
      answer.join();
      assertThat(mock.commands()).hasSize(1);
    }

    @Test
    @DisplayName("a node is out of service, and back")
    void nodes() {
      mock.drain("slurm", "bad disk");
      assertThat(run("sinfo -h -o '%T %E'")).isEqualTo("drained bad disk");
      mock.down("slurm", "no answer");
      assertThat(run("sinfo -h -o %t")).isEqualTo("down");
      mock.resume("slurm");
      assertThat(run("sinfo -h -o %t")).isEqualTo("idle");
      assertThatThrownBy(() -> mock.drain("nope", "x"))
          .hasMessage("no node nope: there are [slurm]");
    }
  }

  @Test
  @DisplayName("answers for what the site has of its own")
  void ownCommands() {
    mock.command(
        "quota",
        call -> {
          call.say(call.user() + " has " + call.arguments());
          return 3;
        });
    assertThat(mock.run("quota -s | cat; quota; echo $?", "").stdout())
        .isEqualTo("slurm has [-s]\nslurm has []\n3\n");
    assertThat(mock.unknownCommands()).isEmpty();
  }

  @Test
  @DisplayName("leaves no client waiting when a command breaks it")
  void breaks() throws Exception {
    mock.command(
        "broken",
        call -> {
          throw new IllegalStateException("no idea");
        });
    try (Ssh client = Ssh.to(mock.connection())) {
      assertThat(client.exec("broken", ""))
          .returns(255, Ssh.Result::exitCode)
          .returns(
              "mock-slurm: this command is beyond the mock:"
                  + " java.lang.IllegalStateException: no idea\n",
              Ssh.Result::stderr);
    }
  }

  @Test
  @DisplayName("has the nodes, partitions and GPUs it is told")
  void topology() {
    try (MockSlurm big =
        MockSlurm.builder()
            .nodes(3)
            .partitions("cpu", "gpu")
            .cpusPerNode(8)
            .gpusPerNode(2)
            .slurmVersion("22.05")
            .start()) {
      assertThat(big.run("sinfo -h -o '%P %N %c %G'", "").stdout())
          .isEqualTo("cpu* compute-[0-2] 8 gpu:2\ngpu compute-[0-2] 8 gpu:2\n");
      assertThat(big.run("sbatch -p gpu --gpus=7 --wrap=true", "").exitCode()).isEqualTo(1);
      assertThat(big.run("sbatch -p gpu --gpus=6 -N3 --wrap=true", "").exitCode()).isZero();
    }
  }

  @Nested
  @DisplayName("runs scripts on this machine when it is told to")
  class Executes {

    @Test
    @DisplayName("with Slurm's variables, in the job's directory")
    void script() throws Exception {
      assumeThat(Path.of("/bin/sh")).isExecutable();
      try (MockSlurm local = MockSlurm.builder().executeScripts().start()) {
        Files.writeString(
            Files.createDirectories(local.home().resolve("work")).resolve("job.sh"),
            "#!/bin/sh\n#SBATCH -n 2\necho $SLURM_JOB_ID $SLURM_NTASKS $1 $SECRET\npwd\nexit 3\n");
        RecordedCommand wait = local.run("cd work; SECRET=known sbatch --wait job.sh argument", "");

        assertThat(wait.exitCode()).isEqualTo(3);
        assertThat(local.job("1").state()).isEqualTo(FAILED);
        assertThat(local.home().resolve("work/slurm-1.out"))
            .hasContent("1 2 argument known\n" + local.home().resolve("work").toRealPath());
      }
    }

    @Test
    @DisplayName("and ends them with scancel")
    void cancelled() throws Exception {
      assumeThat(Path.of("/bin/sh")).isExecutable();
      try (MockSlurm local = MockSlurm.builder().executeScripts().start()) {
        local.run("sbatch --wrap='echo $$ > pid; exec sleep 60'", "");
        Path pid = local.home().resolve("pid");
        while (local.job("1").state() != RUNNING || !Files.exists(pid) || Files.size(pid) == 0) {
          Thread.onSpinWait();
        }
        ProcessHandle process =
            ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
        local.run("scancel 1", "");

        assertThat(local.job("1").state()).isEqualTo(CANCELLED);
        process.onExit().get();
      }
    }
  }
}
