/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded.supervisor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.embedded.CompiledProgram;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorPlan.Daemon;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorPlan.Readiness;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorState.DaemonState;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorState.DaemonState.Condition;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorState.Phase;
import io.github.slurmmaven.client.SlurmClusterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("embedded")
@Timeout(120)
class SupervisorIT {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** A job as bad as they come: it loses its parents, its session, and ignores what it can. */
  private static final String RUNAWAYS =
      "(setsid sh -c 'trap \"\" TERM HUP; sleep 600; :' &) ; setsid sleep 600 & sleep 600 & ";

  private final List<Process> others = new ArrayList<>();
  private Path directory;
  private Supervisor supervisor;

  @BeforeEach
  void prepare(@TempDir Path temporary) throws IOException {
    directory = Files.createDirectories(temporary.resolve("two words, ünï \\n"));
    supervisor = new Supervisor(CompiledProgram.of("supervisor.c"), directory);
  }

  @AfterEach
  void leaveNothing() throws IOException {
    others.forEach(Process::destroyForcibly);
    if (supervisor != null) {
      supervisor.stop(Duration.ZERO);
      supervisor.reap();
    }
  }

  private Daemon shell(String name, String script, Readiness readiness, String... after) {
    return new Daemon(
        name,
        List.of("/bin/sh", "-c", script),
        Map.of("PATH", "/usr/bin:/bin"),
        directory,
        directory.resolve(name + ".log"),
        List.of(after),
        readiness);
  }

  private Daemon shell(String name, String script, String... after) {
    return shell(name, script, new Readiness.Started(), after);
  }

  @Test
  void aDaemonThatIsNotReadyYetIsNotSaidToHaveEnded() throws IOException {
    Path ready = directory.resolve("ready");
    supervisor.start(
        plan(shell("sshd", "sleep 600", new Readiness.Exists(ready)), shell("other", "exit 3")));
    awaitEnd("other");

    assertThatThrownBy(() -> supervisor.awaitReady("sshd", Duration.ofMillis(300)))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessageContaining("did not reach the requested state within")
        .hasMessageNotContaining("ended");

    Files.createFile(ready);
    supervisor.awaitReady("sshd", PATIENCE);
  }

  @Test
  void aDaemonThatEndsBeforeItIsReadySaysHow() {
    supervisor.start(
        plan(shell("sshd", "exit 3", new Readiness.Exists(directory.resolve("never")))));

    assertThatThrownBy(() -> supervisor.awaitReady("sshd", PATIENCE))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessage("sshd has exited with status 3");
  }

  @Test
  void aDaemonIsAwaitedUntilItGivesASignOfItsOwn() throws IOException {
    Path sign = directory.resolve("sign");
    supervisor.start(plan(shell("server", "exec sleep 600"), shell("other", "exit 3")));
    awaitEnd("other");
    LongPredicate gives = pid -> ProcessHandle.of(pid).isPresent() && Files.exists(sign);

    assertThatThrownBy(() -> supervisor.awaitReady("server", gives, Duration.ofMillis(300)))
        .isInstanceOf(SlurmClusterException.class);
    assertThatThrownBy(() -> supervisor.awaitReady("other", gives, PATIENCE))
        .hasMessage("other has exited with status 3");

    Files.createFile(sign);
    supervisor.awaitReady("server", gives, PATIENCE);
  }

  private static SupervisorPlan plan(Daemon... daemons) {
    return new SupervisorPlan(Optional.empty(), GRACE, List.of(), List.of(daemons));
  }

  private SupervisorPlan ownedPlan(ProcessIdentity owner, Daemon... daemons) {
    return new SupervisorPlan(
        Optional.of(owner), GRACE, List.of(directory.resolve("doomed")), List.of(daemons));
  }

  /** Another process of this machine, that lives until it is killed. */
  private Process other(Map<String, String> environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("/bin/sleep", "600");
    builder.environment().putAll(environment);
    Process process = builder.start();
    others.add(process);
    return process;
  }

  private static ProcessIdentity identity(Process process) {
    return ProcessIdentity.of(process.pid()).orElseThrow();
  }

  private SupervisorState awaitRunning() {
    return supervisor.await(state -> state.phase() == Phase.RUNNING, PATIENCE);
  }

  private DaemonState awaitEnd(String daemon) {
    return supervisor
        .await(state -> state.daemon(daemon).orElseThrow().hasEnded(), PATIENCE)
        .daemon(daemon)
        .orElseThrow();
  }

  private List<String> linesOf(String file) throws IOException {
    return Files.readAllLines(directory.resolve(file));
  }

  /** Command lines of all processes that are, or were started by, this directory's supervisor. */
  private static List<String> processesOf(Path directory) {
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      return all.filter(path -> path.getFileName().toString().matches("\\d+"))
          .filter(
              path ->
                  (content(path.resolve("environ")) + "\0")
                          .contains("SLURM_MAVEN_CLUSTER=" + bytes(directory) + "\0")
                      || content(path.resolve("cmdline")).endsWith("\0" + bytes(directory) + "\0"))
          .map(path -> path.getFileName() + " " + content(path.resolve("cmdline")))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String bytes(Path path) {
    return new String(path.toString().getBytes(UTF_8), ISO_8859_1);
  }

  private static String content(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      return ""; // It has ended meanwhile.
    }
  }

  private static void await(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      try {
        TimeUnit.MILLISECONDS.sleep(10);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void assertNothingLeft() {
    await(() -> !supervisor.isAlive(), "the supervisor's lock is free");
    await(() -> processesOf(directory).isEmpty(), "nothing is left of " + directory);
  }

  private void kill(long pid, String signal) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("/bin/kill", "-" + signal, String.valueOf(pid)).start().waitFor())
        .isZero();
  }

  private long guard() throws IOException {
    return Long.parseLong(linesOf("supervisor.lock").get(0).split(" ", -1)[0]);
  }

  private void awaitProcesses(int count) {
    await(() -> processesOf(directory).size() >= count, count + " processes run");
  }

  @Nested
  @DisplayName("Starting")
  class Starting {

    @Test
    void eachWhenThoseThatItWaitsForAreReady() throws IOException {
      supervisor.start(
          plan(
              shell("last", "echo last >> order; exec sleep 600", "text", "path"),
              shell(
                  "text",
                  "sleep 0.1; echo text >> order; echo now I am ready >&2; exec sleep 600",
                  new Readiness.LogSays("I am ready"),
                  "path"),
              shell(
                  "path",
                  "sleep 0.1; echo path >> order; : > socket; exec sleep 600",
                  new Readiness.Exists(directory.resolve("socket")))));

      SupervisorState state = awaitRunning();
      await(() -> content(directory.resolve("order")).contains("last"), "the last one has begun");

      assertThat(linesOf("order")).containsExactly("path", "text", "last");
      assertThat(state.daemons()).extracting(DaemonState::condition).containsOnly(Condition.READY);
      assertThat(state.daemons()).allSatisfy(each -> assertThat(each.process().lives()).isTrue());
    }

    @Test
    void textOfAnEarlierStartAndPathThatWasLeftDoNotCount() throws IOException {
      Files.writeString(directory.resolve("text.log"), "I am ready\n");
      Files.writeString(directory.resolve("socket"), "");

      supervisor.start(
          plan(
              shell("text", "exec sleep 600", new Readiness.LogSays("I am ready")),
              shell("path", "exec sleep 600", new Readiness.Exists(directory.resolve("socket")))));
      awaitProcesses(6);

      assertThat(supervisor.state().orElseThrow().daemons())
          .extracting(DaemonState::condition)
          .containsOnly(Condition.STARTING);
      assertThat(directory.resolve("socket")).doesNotExist();
    }

    @Test
    void daemonGetsItsEnvironmentAndNothingElse() throws IOException {
      Path home = Files.createDirectories(directory.resolve("home"));
      supervisor.start(
          plan(
              new Daemon(
                  "env",
                  List.of("/usr/bin/env"),
                  Map.of("A", "one\ntwo \\n", "B", ""),
                  home,
                  directory.resolve("env.log"),
                  List.of(),
                  new Readiness.Started()),
              shell("pwd", "pwd; umask; cat; ls /proc/self/fd | tr '\\n' ' '")));

      assertThat(awaitEnd("env").detail()).isEqualTo("0");
      awaitEnd("pwd");

      assertThat(Files.readString(directory.resolve("env.log")).lines())
          .containsExactlyInAnyOrder("A=one", "two \\n", "B=", "SLURM_MAVEN_CLUSTER=" + directory);
      assertThat(linesOf("pwd.log")).containsExactly(directory.toString(), "0022", "0 1 2 3 ");
    }

    @Test
    void onlyTheUserCanReadFiles() throws IOException {
      supervisor.start(plan(shell("one", "exec sleep 600")));
      awaitRunning();

      try (Stream<Path> files = Files.list(directory)) {
        assertThat(files.toList())
            .hasSizeGreaterThan(4)
            .allSatisfy(
                file ->
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------"));
      }
    }

    @Test
    void programThatIsMissingIsNamedAndOthersRun() {
      Daemon missing =
          new Daemon(
              "missing",
              List.of("/no/such/program"),
              Map.of(),
              directory,
              directory.resolve("missing.log"),
              List.of(),
              new Readiness.Started());
      supervisor.start(plan(missing, shell("one", "exec sleep 600")));

      assertThat(awaitEnd("missing").description())
          .isEqualTo("could not be started: No such file or directory");
      assertThat(awaitRunning().daemon("one").orElseThrow().condition()).isEqualTo(Condition.READY);
    }

    @Test
    void wrongPlanIsRefused() {
      assertThatThrownBy(() -> supervisor.start(plan(shell("one", "exit 0", "nobody"))))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContaining("one waits for nobody, which is not there");
      assertThatThrownBy(() -> supervisor.start(plan(shell("two words", "exit 0"))))
          .hasMessageContaining("supervisor.plan: line 2 is wrong");
      assertNothingLeft();
    }

    @Test
    void programThatCannotRunIsNamed() {
      assertThatThrownBy(() -> new Supervisor(Path.of("/no/supervisor"), directory).start(plan()))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContaining("/no/supervisor");
    }

    @Test
    void secondOneIsRefused() {
      supervisor.start(plan(shell("one", "exec sleep 600")));

      assertThatThrownBy(() -> supervisor.start(plan(shell("two", "exec sleep 600"))))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContaining("another one runs");
      assertThatThrownBy(supervisor::reap).hasMessageContaining("another one runs");
      assertThat(supervisor.isAlive()).isTrue();
    }
  }

  @Nested
  @DisplayName("An orderly end")
  class OrderlyEnd {

    @Test
    void isTheStartBackwards() throws IOException {
      String script =
          "trap 'echo %1$s >> order; exit 0' TERM; : > %1$s; while :; do sleep 0.02; done";
      supervisor.start(
          plan(
              shell("a", script.formatted("a"), new Readiness.Exists(directory.resolve("a"))),
              shell("b", script.formatted("b"), new Readiness.Exists(directory.resolve("b")), "a"),
              shell(
                  "c", script.formatted("c"), new Readiness.Exists(directory.resolve("c")), "b")));
      awaitRunning();

      supervisor.stop(PATIENCE);

      assertThat(linesOf("order")).containsExactly("c", "b", "a");
      assertThat(supervisor.state().orElseThrow().phase()).isEqualTo(Phase.STOPPED);
      assertThat(supervisor.state().orElseThrow().daemons())
          .extracting(DaemonState::description)
          .containsOnly("has exited with status 0");
      assertNothingLeft();
    }

    @Test
    void killsWhatDoesNotWantToEndAndWhatHasRunAway() {
      supervisor.start(
          new SupervisorPlan(
              Optional.empty(),
              Duration.ofMillis(100),
              List.of(),
              List.of(shell("one", "trap '' TERM; " + RUNAWAYS + "wait"))));
      awaitProcesses(7);

      supervisor.stop(PATIENCE);

      assertNothingLeft();
    }

    @Test
    void isCutShortByItsDeadline() {
      supervisor.start(
          new SupervisorPlan(
              Optional.empty(),
              Duration.ofMinutes(10),
              List.of(),
              List.of(shell("one", "trap '' TERM; " + RUNAWAYS + "while :; do wait; done"))));
      awaitProcesses(7);
      long begin = System.nanoTime();

      supervisor.stop(Duration.ofMillis(50));

      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMinutes(1));
      assertNothingLeft();
    }

    @Test
    void nothingRunsAndNothingHappens() {
      supervisor.stop(PATIENCE);

      assertThat(supervisor.isAlive()).isFalse();
      assertThat(supervisor.state()).isEmpty();
      assertThat(directory).isEmptyDirectory();
    }

    @Test
    void canBeFollowedByAnotherStart() {
      for (int round = 0; round < 3; round++) {
        supervisor.start(plan(shell("one", "exec sleep 600")));
        awaitRunning();
        supervisor.stop(PATIENCE);
      }

      assertNothingLeft();
    }
  }

  @Nested
  @DisplayName("A single daemon")
  class SingleDaemon {

    @Test
    void thatEndsIsReportedAndWhatItStartedIsKilled() {
      supervisor.start(
          plan(shell("one", RUNAWAYS + "exit 3"), shell("two", "exec sleep 600", "one")));

      DaemonState one = awaitEnd("one");

      assertThat(one.description()).isEqualTo("has exited with status 3");
      await(
          () -> processesOf(directory).stream().noneMatch(line -> line.contains("trap")),
          "runaways");
      assertThat(supervisor.isAlive()).isTrue();
    }

    @Test
    void canBeKilledAndStartedAgain() {
      supervisor.start(
          plan(shell("one", RUNAWAYS + "wait"), shell("two", "exec sleep 600", "one")));
      SupervisorState before = awaitRunning();
      awaitProcesses(9);

      supervisor.kill("one", PATIENCE);

      SupervisorState after = supervisor.state().orElseThrow();
      assertThat(after.daemon("one").orElseThrow().description())
          .isEqualTo("was killed by signal 9");
      assertThat(after.daemon("two")).isEqualTo(before.daemon("two"));
      await(() -> processesOf(directory).size() == 4, "only the other one runs");

      supervisor.start("one", PATIENCE);

      assertThat(awaitRunning().daemon("one").orElseThrow().process())
          .isNotEqualTo(before.daemon("one").orElseThrow().process());
    }

    @Test
    void canBeStopped() {
      supervisor.start(
          plan(
              shell(
                  "one",
                  "trap 'exit 7' TERM; : > up; while :; do sleep 0.02; done",
                  new Readiness.Exists(directory.resolve("up")))));
      awaitRunning();

      supervisor.stop("one", PATIENCE);

      assertThat(awaitEnd("one").detail()).isEqualTo("7");
      assertThat(supervisor.isAlive()).isTrue();
    }

    @Test
    void thatEndsAtItsStartIsAnError() {
      supervisor.start(plan(shell("one", "exit 1", new Readiness.LogSays("ready"))));
      awaitEnd("one");

      assertThatThrownBy(() -> supervisor.start("one", PATIENCE))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessage("one has exited with status 1");
    }

    @Test
    void thatIsUnknownIsAnError() {
      supervisor.start(plan(shell("one", "exec sleep 600")));

      assertThatThrownBy(() -> supervisor.kill("nobody", PATIENCE))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessage("The supervisor refuses 'kill nobody': no such daemon");
    }
  }

  @Nested
  @DisplayName("Another plan")
  class AnotherPlan {

    @Test
    void startsWhatIsNewEndsWhatIsGoneAndLeavesTheRest() {
      supervisor.start(plan(shell("stays", "exec sleep 600"), shell("goes", RUNAWAYS + "wait")));
      SupervisorState before = awaitRunning();

      supervisor.reload(
          plan(shell("stays", "exec sleep 600"), shell("comes", "exec sleep 600", "stays")),
          PATIENCE);

      SupervisorState after =
          supervisor.await(
              state -> state.phase() == Phase.RUNNING && state.daemon("goes").isEmpty(), PATIENCE);
      assertThat(after.daemon("stays")).isEqualTo(before.daemon("stays"));
      assertThat(after.daemon("comes").orElseThrow().condition()).isEqualTo(Condition.READY);
      await(() -> processesOf(directory).size() == 6, "nothing is left of what is gone");
    }

    @Test
    void thatIsWrongIsRefusedAndNothingChanges() {
      supervisor.start(plan(shell("one", "exec sleep 600")));
      SupervisorState before = awaitRunning();

      assertThatThrownBy(() -> supervisor.reload(plan(shell("two", "exit 0", "nobody")), PATIENCE))
          .hasMessageContaining("two waits for nobody");

      assertThat(supervisor.state().orElseThrow().daemons()).isEqualTo(before.daemons());
    }
  }

  @Nested
  @DisplayName("The owner's death")
  class OwnersDeath {

    @Test
    void isTheEndOfEverything() throws Exception {
      Files.createDirectories(directory.resolve("doomed/below"));
      Files.createSymbolicLink(directory.resolve("doomed/link"), directory.resolve("one.log"));
      Process owner = other(Map.of());
      supervisor.start(ownedPlan(identity(owner), shell("one", RUNAWAYS + "wait")));
      // A command that the owner runs in the cluster, which is not below the supervisor.
      other(Map.of("SLURM_MAVEN_CLUSTER", directory.toString()));
      awaitProcesses(8);

      owner.destroyForcibly().waitFor();

      assertNothingLeft();
      assertThat(directory.resolve("doomed")).doesNotExist();
      assertThat(directory.resolve("one.log")).exists();
    }

    @Test
    void removesWhatAnEarlierRemovalHasLeft() throws Exception {
      Files.createDirectories(directory.resolve("doomed/below"));
      Files.createDirectories(directory.resolve(".doomed.removed/older"));
      Process owner = other(Map.of());
      supervisor.start(ownedPlan(identity(owner), shell("one", "exec sleep 600")));
      awaitRunning();

      owner.destroyForcibly().waitFor();

      assertNothingLeft();
      assertThat(directory.resolve("doomed")).doesNotExist();
      assertThat(directory.resolve(".doomed.removed")).doesNotExist();
    }

    /** Whatever the moment of the kill, the verdict is the same. */
    @Test
    void neverLeavesHalfADirectory() throws Exception {
      int count = 5000;
      Path doomed = Files.createDirectories(directory.resolve("doomed"));
      for (int i = 0; i < count; i++) {
        Files.createFile(doomed.resolve("file-" + i));
      }
      Process owner = other(Map.of());
      supervisor.start(ownedPlan(identity(owner), shell("one", "exec sleep 600")));
      long process = awaitRunning().supervisor().pid();

      owner.destroyForcibly().waitFor();
      await(
          () -> Files.exists(directory.resolve(".doomed.removed")) || !Files.exists(doomed),
          "the removal has begun");
      kill(process, "KILL");

      assertNothingLeft();
      assertThat(doomed).doesNotExist();
      Files.createDirectories(doomed);
      supervisor.start(
          ownedPlan(
              new ProcessIdentity(ProcessIdentity.current().pid(), 1),
              shell("one", "exec sleep 600")));
      assertNothingLeft();
      assertThat(doomed).doesNotExist();
      assertThat(directory.resolve(".doomed.removed")).doesNotExist();
    }

    @Test
    void isNotMissedWhenAnotherProcessHasItsIdNow() throws Exception {
      ProcessIdentity alive = identity(other(Map.of()));
      ProcessIdentity dead = new ProcessIdentity(alive.pid(), alive.start() - 1);
      assertThat(alive.lives()).isTrue();
      assertThat(dead.lives()).isFalse();

      supervisor.start(ownedPlan(dead, shell("one", "exec sleep 600")));

      assertNothingLeft();
    }

    @Test
    void doesNotMatterToWhatWasHandedOver() throws Exception {
      Process first = other(Map.of());
      Process second = other(Map.of());
      supervisor.start(ownedPlan(identity(first), shell("one", "exec sleep 600")));
      awaitRunning();

      supervisor.changeOwner(Optional.of(identity(second)), PATIENCE);
      first.destroyForcibly().waitFor();
      supervisor.changeOwner(Optional.empty(), PATIENCE);
      second.destroyForcibly().waitFor();
      supervisor.changeOwner(Optional.of(ProcessIdentity.current()), PATIENCE);

      assertThat(awaitRunning().phase()).isEqualTo(Phase.RUNNING);
    }

    @Test
    void atAnyMomentLeavesNothing() {
      Random random = new Random();
      IntStream.range(0, 30)
          .parallel()
          .forEach(
              round -> {
                try {
                  int delay = random.nextInt(60);
                  Path own = Files.createDirectories(directory.resolve("round " + round));
                  Process owner = other(Map.of());
                  Supervisor each = new Supervisor(CompiledProgram.of("supervisor.c"), own);
                  each.start(
                      ownedPlan(
                          identity(owner),
                          shell(
                              "one",
                              RUNAWAYS + "sleep 0.02; echo up; wait",
                              new Readiness.LogSays("up")),
                          shell("two", RUNAWAYS + "wait", "one")));
                  TimeUnit.MILLISECONDS.sleep(delay);
                  if (random.nextBoolean()) {
                    owner.destroyForcibly();
                  } else {
                    owner.destroy();
                  }
                  await(() -> !each.isAlive(), "the supervisor has ended");
                  assertThat(processesOf(own)).as("after %d ms", delay).isEmpty();
                } catch (IOException | InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
    }
  }

  @Nested
  @DisplayName("SIGKILL")
  class Sigkill {

    @BeforeEach
    void start() {
      supervisor.start(plan(shell("one", RUNAWAYS + "wait")));
      awaitRunning();
      awaitProcesses(7);
    }

    @Test
    void ofTheSupervisorLeavesNothing() throws Exception {
      kill(supervisor.state().orElseThrow().supervisor().pid(), "KILL");

      assertNothingLeft();
      assertThatThrownBy(() -> supervisor.await(state -> state.phase() == Phase.STOPPED, PATIENCE))
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContaining("has ended");
    }

    @Test
    void ofTheGuardLeavesNothing() throws Exception {
      kill(guard(), "KILL");

      assertNothingLeft();
    }

    @Test
    void ofGuardAndSupervisorLeavesNothing() throws Exception {
      long guard = guard();
      kill(guard, "STOP");
      kill(supervisor.state().orElseThrow().supervisor().pid(), "KILL");
      kill(guard, "KILL");

      assertNothingLeft();
    }

    @Test
    void ofAKeeperEndsItsDaemonAndLeavesNothingAtTheEnd() throws Exception {
      long keeper =
          ProcessHandle.of(
                  supervisor.state().orElseThrow().daemon("one").orElseThrow().process().pid())
              .flatMap(ProcessHandle::parent)
              .orElseThrow()
              .pid();
      kill(keeper, "KILL");

      assertThat(awaitEnd("one").condition()).isEqualTo(Condition.KILLED);
      supervisor.stop(PATIENCE);
      assertNothingLeft();
    }

    @Test
    void whenSupervisorIsGoneNoCommandHangs() throws Exception {
      kill(supervisor.state().orElseThrow().supervisor().pid(), "KILL");
      assertNothingLeft();

      assertThatThrownBy(() -> supervisor.kill("one", PATIENCE))
          .isInstanceOf(SlurmClusterException.class);
      supervisor.stop(PATIENCE);
    }
  }

  @Nested
  @DisplayName("Leftovers")
  class Leftovers {

    @Test
    void ofThisClusterAreKilledAndNoOthers() throws Exception {
      Path configuration = directory.resolve("slurm.conf");
      Process marked = other(Map.of("SLURM_MAVEN_CLUSTER", directory.toString()));
      Process job = other(Map.of("SLURM_CONF", configuration.toString(), "SLURM_JOB_ID", "1"));
      Process anothers = other(Map.of("SLURM_MAVEN_CLUSTER", directory + "2"));
      Process users = other(Map.of("SLURM_CONF", configuration.toString()));
      Process jobOfAnother =
          other(Map.of("SLURM_CONF", directory + "2/slurm.conf", "SLURM_JOB_ID", "1"));

      int killed = supervisor.reap();

      assertThat(killed).isEqualTo(2);
      assertThat(marked.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(job.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(List.of(anothers, users, jobOfAnother)).allMatch(Process::isAlive);
    }

    @Test
    void includeWhatTheyStarted() throws Exception {
      ProcessBuilder builder =
          new ProcessBuilder("/bin/sh", "-c", "env -u SLURM_MAVEN_CLUSTER sleep 601 & wait");
      builder.environment().put("SLURM_MAVEN_CLUSTER", directory.toString());
      Process parent = builder.start();
      others.add(parent);
      await(() -> parent.descendants().count() == 1, "the child runs");
      ProcessHandle child = parent.descendants().findFirst().orElseThrow();

      supervisor.reap();

      await(() -> ProcessIdentity.of(child.pid()).isEmpty(), "the child is gone");
    }

    @Test
    void thereAreNone() {
      assertThat(supervisor.reap()).isZero();
    }
  }
}
