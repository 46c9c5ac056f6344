/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import static io.github.slurmmaven.engine.ContainerSpecs.container;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.slurmmaven.engine.ContainerEngine.Subscription;
import io.github.slurmmaven.engine.ContainerSpec.NetworkAttachment;
import io.github.slurmmaven.engine.ContainerSpec.PortBinding;
import io.github.slurmmaven.engine.ContainerState.Status;
import io.github.slurmmaven.engine.EngineException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link ContainerEngine} does. All that a test makes carries a label of its own and is
 * removed after it.
 */
@Timeout(60)
public abstract class ContainerEngineContract {

  private static final String LABEL = "io.github.slurmmaven.contract";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Ends on SIGTERM at once, with exit code 0. */
  protected static final String[] UNTIL_STOPPED = {
    "sh", "-c", "trap 'exit 0' TERM; echo up; sleep 600 & wait"
  };

  private final String run = UUID.randomUUID().toString().substring(0, 8);
  protected final Map<String, String> labels = Map.of(LABEL, run);
  protected ContainerEngine engine;

  /** The engine under test. */
  protected abstract ContainerEngine connect();

  /** An image with a shell that the engine has. */
  protected abstract String image();

  /** Tells an engine that runs no processes what one would have answered. */
  protected abstract void commandAnswers(List<String> command, ExecResult result);

  /** Tells an engine that runs no processes what the main process of a container would write. */
  protected abstract void mainProcessWrites(String name, String log);

  /** Tells an engine that runs no processes that the main process of a container ends at once. */
  protected abstract void mainProcessEnds(String name, int exitCode);

  /** Takes a free port of the host until the test ends, and returns it. */
  protected abstract int takeForeignPort() throws Exception;

  @BeforeEach
  void open() {
    engine = connect();
  }

  @AfterEach
  void removeAll() {
    try (ContainerEngine cleaner = engine) {
      cleaner.listContainers(labels).forEach(each -> cleaner.removeContainer(each.id()));
      cleaner.listNetworks().stream()
          .filter(network -> network.labels().entrySet().containsAll(labels.entrySet()))
          .forEach(network -> cleaner.removeNetwork(network.id()));
      cleaner.listVolumes(labels).forEach(volume -> cleaner.removeVolume(volume.name()));
    }
  }

  protected final String name(String suffix) {
    return "contract-" + run + "-" + suffix;
  }

  protected final ContainerSpecs sleeper(String suffix) {
    mainProcessWrites(name(suffix), "up\n");
    return container(name(suffix), image()).command(UNTIL_STOPPED).labels(labels);
  }

  protected final String started(ContainerSpecs container) {
    String id = engine.createContainer(container.build());
    engine.startContainer(id);
    return id;
  }

  protected static EngineException failure(ThrowingCallable call) {
    EngineException failure = catchThrowableOfType(EngineException.class, call);
    assertThat(failure).as("EngineException").isNotNull();
    return failure;
  }

  private ExecResult exec(String id, List<String> lines, String... command) {
    return engine.exec(id, ExecCommand.asRoot(command), lines::add, PATIENCE);
  }

  @Test
  void tellsVersionAndCapacity() {
    EngineInfo info = engine.info();

    assertThat(info.name()).matches("(Docker|Fake|Podman).* [0-9].*");
    assertThat(info.apiVersion()).matches("1\\.[0-9]+");
    assertThat(info.host()).isNotEmpty();
    assertThat(info.address()).contains("(");
    assertThat(info.cpus()).isPositive();
    assertThat(info.memory()).isGreaterThan(100L << 20);
    assertThat(engine.info()).isEqualTo(info);
  }

  @Test
  void afterCloseNothingIsAsked() {
    ContainerEngine other = connect();
    other.close();

    EngineException failure = failure(() -> other.listNetworks());

    assertThat(failure).hasMessageContaining("closed");
    assertThat(failure.kind()).isEqualTo(Kind.OTHER);
  }

  @Nested
  @DisplayName("Images")
  class Images {

    @Test
    void areFoundByReference() {
      assertThat(engine.findImage(image())).isPresent();
      assertThat(engine.findImage("slurm-maven.invalid/nothing:1")).isEmpty();
    }

    @Test
    void pullThatFailsNamesTheImage() {
      // Nothing listens on port 1.
      EngineException failure =
          failure(() -> engine.pullImage("localhost:1/nothing:1", line -> {}));

      assertThat(failure).hasMessageStartingWith("cannot pull image localhost:1/nothing:1: ");
      assertThat(failure.kind()).isIn(Kind.OTHER, Kind.NOT_FOUND);
    }

    @Test
    void buildWithoutItsDockerfileFails() {
      ImageBuild build =
          new ImageBuild(
              name("image") + ":1", Map.of("a", new byte[0]), "Dockerfile", "", Map.of(), labels);

      EngineException failure = failure(() -> engine.buildImage(build, line -> {}));

      assertThat(failure.kind()).isEqualTo(Kind.BUILD_FAILED);
      assertThat(failure)
          .hasMessageStartingWith("cannot build image " + build.tag() + ": ")
          .hasMessageContaining("Dockerfile");
    }

    @Test
    void builtImageIsThere() {
      String tag = name("image") + ":1";
      List<String> progress = new ArrayList<>();

      engine.buildImage(
          new ImageBuild(
              tag,
              Map.of("Dockerfile", ("FROM " + image() + "\nENV A=b\n").getBytes(UTF_8)),
              "Dockerfile",
              "",
              Map.of(),
              labels),
          progress::add);

      assertThat(engine.findImage(tag)).isPresent();
      assertThat(progress).isNotEmpty().noneMatch(line -> line.contains("\n"));
    }
  }

  @Nested
  @DisplayName("Networks")
  class Networks {

    @Test
    void haveNameSubnetAndLabels() {
      String subnet = freeSubnet();
      String id =
          engine.createNetwork(
              new NetworkSpec(name("net"), Optional.of(subnet), Optional.empty(), labels));

      assertThat(engine.listNetworks())
          .contains(new NetworkSummary(id, name("net"), List.of(subnet), labels));
    }

    @Test
    void getASubnetWhenTheyNameNone() {
      String id = network(name("net"));

      assertThat(engine.listNetworks())
          .filteredOn(network -> network.id().equals(id))
          .singleElement()
          .satisfies(network -> assertThat(network.subnets()).hasSize(1));
    }

    @Test
    void nameIsUnique() {
      network(name("net"));

      EngineException failure = failure(() -> network(name("net")));

      assertThat(failure.kind()).isEqualTo(Kind.NAME_IN_USE);
      assertThat(failure).hasMessageContaining(name("net"));
    }

    @Test
    void subnetsDoNotOverlap() {
      String subnet = freeSubnet();
      engine.createNetwork(
          new NetworkSpec(name("one"), Optional.of(subnet), Optional.empty(), labels));
      String inside = subnet.replace(".0/24", ".128/25");

      EngineException failure =
          failure(
              () ->
                  engine.createNetwork(
                      new NetworkSpec(name("two"), Optional.of(inside), Optional.empty(), labels)));

      assertThat(failure.kind()).isEqualTo(Kind.SUBNET_IN_USE);
      assertThat(failure).hasMessageContaining(name("two"));
    }

    @Test
    void areRemovedByIdOrNameAsOftenAsOneLikes() {
      String id = network(name("one"));
      network(name("two"));

      engine.removeNetwork(id);
      engine.removeNetwork(id);
      engine.removeNetwork(name("two"));
      engine.removeNetwork(name("two"));

      assertThat(engine.listNetworks())
          .extracting(NetworkSummary::name)
          .doesNotContain(name("one"), name("two"));
    }

    @Test
    void stayWhileTheyAreInUse() {
      String id = network(name("net"));
      started(sleeper("a").network(name("net")));

      EngineException failure = failure(() -> engine.removeNetwork(id));

      assertThat(failure.kind()).isEqualTo(Kind.OTHER);
      assertThat(failure).hasMessageContaining("active endpoints");
    }
  }

  @Nested
  @DisplayName("Volumes")
  class Volumes {

    @Test
    void areListedByLabelAndRemovedAsOftenAsOneLikes() {
      engine.createVolume(name("volume"), labels);
      engine.createVolume(name("volume"), labels);

      assertThat(engine.listVolumes(labels))
          .containsExactly(new VolumeSummary(name("volume"), labels));
      assertThat(engine.listVolumes(Map.of(LABEL, "another"))).isEmpty();

      engine.removeVolume(name("volume"));
      engine.removeVolume(name("volume"));

      assertThat(engine.listVolumes(labels)).isEmpty();
    }

    @Test
    void outliveContainersAndStayWhileInUse() {
      engine.createVolume(name("volume"), labels);
      String id = started(sleeper("a").volume(name("volume"), "/data"));

      EngineException failure = failure(() -> engine.removeVolume(name("volume")));
      engine.removeContainer(id);

      assertThat(failure.kind()).isEqualTo(Kind.OTHER);
      assertThat(failure).hasMessageContaining("in use");
      assertThat(engine.listVolumes(labels)).hasSize(1);
    }
  }

  @Nested
  @DisplayName("Containers")
  class Containers {

    @Test
    void areCreatedStartedStoppedStartedAgainAndRemoved() {
      String id = engine.createContainer(sleeper("a").build());
      assertThat(engine.inspectContainer(id))
          .returns(Status.CREATED, ContainerState::status)
          .returns(name("a"), ContainerState::name)
          .returns(Optional.empty(), ContainerState::startedAt)
          .satisfies(state -> assertThat(state.labels()).containsAllEntriesOf(labels));

      Instant before = Instant.now().minusSeconds(1);
      engine.startContainer(id);
      engine.startContainer(id);
      awaitLog(id, "up");
      ContainerState running = engine.inspectContainer(id);
      assertThat(running.running()).isTrue();
      assertThat(running.startedAt()).hasValueSatisfying(at -> assertThat(at).isAfter(before));

      engine.stopContainer(id, Duration.ofSeconds(10));
      engine.stopContainer(id, Duration.ofSeconds(10));
      assertThat(engine.inspectContainer(id))
          .returns(Status.EXITED, ContainerState::status)
          .returns(0, ContainerState::exitCode)
          .returns(false, ContainerState::outOfMemory);

      engine.startContainer(id);
      assertThat(engine.inspectContainer(id).running()).isTrue();

      engine.removeContainer(id);
      engine.removeContainer(id);
      assertThat(failure(() -> engine.inspectContainer(id)).kind()).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void missingOnesAreNotFound() {
      String missing = name("missing");

      assertThat(failure(() -> engine.startContainer(missing)).kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(failure(() -> engine.stopContainer(missing, Duration.ZERO)).kind())
          .isEqualTo(Kind.NOT_FOUND);
      assertThat(failure(() -> engine.inspectContainer(missing)).kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(failure(() -> engine.logs(missing, 1)).kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(failure(() -> exec(missing, new ArrayList<>(), "true")).kind())
          .isEqualTo(Kind.NOT_FOUND);
      engine.removeContainer(missing);
    }

    @Test
    void nameIsUnique() {
      engine.createContainer(sleeper("a").build());

      EngineException failure = failure(() -> engine.createContainer(sleeper("a").build()));

      assertThat(failure.kind()).isEqualTo(Kind.NAME_IN_USE);
      assertThat(failure).hasMessageStartingWith("cannot create container " + name("a") + ": ");
    }

    @Test
    void imageMustBeThere() {
      EngineException failure =
          failure(
              () ->
                  engine.createContainer(
                      container(name("a"), "slurm-maven.invalid/nothing:1").build()));

      assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(failure).hasMessageContaining("slurm-maven.invalid/nothing:1");
    }

    @Test
    void areListedByLabelInAnyState() {
      String created = engine.createContainer(sleeper("a").build());
      String running = started(sleeper("b").label("role", "x"));

      assertThat(engine.listContainers(labels))
          .extracting(ContainerSummary::id)
          .containsExactlyInAnyOrder(created, running);
      assertThat(engine.listContainers(Map.of(LABEL, run, "role", "x")))
          .singleElement()
          .returns(running, ContainerSummary::id)
          .returns(name("b"), ContainerSummary::name)
          .returns(image(), ContainerSummary::image)
          .returns(Status.RUNNING, ContainerSummary::status)
          .satisfies(
              container ->
                  assertThat(container.labels())
                      .containsAllEntriesOf(labels)
                      .containsEntry("role", "x"));
    }

    @Test
    void exitCodeIsKept() throws Exception {
      mainProcessEnds(name("a"), 3);
      String id =
          engine.createContainer(
              container(name("a"), image()).command("sh", "-c", "exit 3").labels(labels).build());
      engine.startContainer(id);
      BlockingQueue<Integer> exits = new ArrayBlockingQueue<>(2);
      try (Subscription watch = engine.watchExit(id, exits::add)) {
        assertThat(watch).isNotNull();
        assertThat(exits.poll(20, TimeUnit.SECONDS)).isEqualTo(3);
      }

      assertThat(engine.inspectContainer(id))
          .returns(Status.EXITED, ContainerState::status)
          .returns(3, ContainerState::exitCode)
          .returns(List.of(), ContainerState::ports);
    }

    @Test
    void startInParallel() throws Exception {
      network(name("net"));
      int count = 8;
      ExecutorService threads = Executors.newFixedThreadPool(count);
      try {
        List<Future<String>> starts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          ContainerSpecs spec = sleeper("p" + i).network(name("net"));
          starts.add(threads.submit(() -> started(spec)));
        }
        for (Future<String> start : starts) {
          assertThat(engine.inspectContainer(start.get()).running()).isTrue();
        }
        List<Future<?>> removals = new ArrayList<>();
        for (ContainerSummary each : engine.listContainers(labels)) {
          // Twice each: removing what is being removed is no error either.
          removals.add(threads.submit(() -> engine.removeContainer(each.id())));
          removals.add(threads.submit(() -> engine.removeContainer(each.id())));
        }
        for (Future<?> removal : removals) {
          removal.get();
        }
      } finally {
        threads.shutdown();
      }

      assertThat(engine.listContainers(labels)).isEmpty();
    }

    @Test
    void logHoldsTheLastLines() {
      mainProcessWrites(name("a"), "eins\nzwei\ndrei ü\n");
      String id =
          started(
              container(name("a"), image())
                  .command("sh", "-c", "echo eins; echo zwei >&2; sleep 0.1; echo 'drei ü'")
                  .labels(labels));
      awaitLog(id, "drei ü");

      assertThat(engine.logs(id, 1)).isEqualTo("drei ü\n");
      assertThat(engine.logs(id, 100).lines()).containsExactlyInAnyOrder("eins", "zwei", "drei ü");
    }
  }

  @Nested
  @DisplayName("Published ports")
  class PublishedPorts {

    @Test
    void freeOneIsChosenForZero() {
      String id = started(sleeper("a").port(0, 22));

      assertThat(engine.inspectContainer(id).ports())
          .singleElement()
          .satisfies(
              port -> {
                assertThat(port.hostPort()).isPositive();
                assertThat(port)
                    .isEqualTo(new PortBinding("127.0.0.1", port.hostPort(), 22, "tcp"));
              });
    }

    @Test
    void takenByAnotherContainer() {
      String first = started(sleeper("a").port(0, 22));
      int port = engine.inspectContainer(first).ports().get(0).hostPort();
      String second = engine.createContainer(sleeper("b").port(port, 22).build());

      EngineException failure = failure(() -> engine.startContainer(second));

      assertThat(failure.kind()).isEqualTo(Kind.PORT_IN_USE);
      assertThat(failure).hasMessageContaining(String.valueOf(port));
      assertThat(engine.inspectContainer(second).running()).isFalse();
    }

    @Test
    void takenByAnotherProcess() throws Exception {
      int port = takeForeignPort();
      String id = engine.createContainer(sleeper("a").port(port, 22).build());

      EngineException failure = failure(() -> engine.startContainer(id));

      assertThat(failure.kind()).isEqualTo(Kind.PORT_IN_USE);
      assertThat(failure).hasMessageContaining(String.valueOf(port));
    }
  }

  @Nested
  @DisplayName("Addresses")
  class Addresses {

    @Test
    void areTheOnesAskedForOnEachNetwork() {
      String subnet = freeSubnet();
      String address = subnet.replace(".0/24", ".77");
      engine.createNetwork(
          new NetworkSpec(name("one"), Optional.of(subnet), Optional.empty(), labels));
      network(name("two"));

      String id =
          started(
              sleeper("a")
                  .network(
                      new NetworkAttachment(name("one"), List.of("alias"), Optional.of(address)))
                  .network(name("two"), "other"));

      assertThat(engine.inspectContainer(id).addresses())
          .containsEntry(name("one"), address)
          .containsOnlyKeys(name("one"), name("two"));
    }

    @Test
    void thatAreTakenAreNoPortConflict() {
      String subnet = freeSubnet();
      engine.createNetwork(
          new NetworkSpec(name("one"), Optional.of(subnet), Optional.empty(), labels));
      NetworkAttachment attachment =
          new NetworkAttachment(
              name("one"), List.of(), Optional.of(subnet.replace(".0/24", ".77")));
      started(sleeper("a").network(attachment));
      String second = engine.createContainer(sleeper("b").network(attachment).build());

      EngineException failure = failure(() -> engine.startContainer(second));

      assertThat(failure.kind()).isEqualTo(Kind.OTHER);
      assertThat(failure).hasMessageContaining("Address already in use");
    }
  }

  @Nested
  @DisplayName("Watching for the end")
  class Watching {

    private final BlockingQueue<Integer> exits = new ArrayBlockingQueue<>(4);

    @Test
    void hearsAStopOnce() throws Exception {
      String id = started(sleeper("a"));
      awaitLog(id, "up");
      try (Subscription watch = engine.watchExit(id, exits::add)) {
        assertThat(watch).isNotNull();
        assertThat(exits.poll(200, TimeUnit.MILLISECONDS)).isNull();

        engine.stopContainer(id, Duration.ofSeconds(10));

        assertThat(exits.poll(20, TimeUnit.SECONDS)).isZero();
        assertThat(exits.poll(200, TimeUnit.MILLISECONDS)).isNull();
      }
    }

    @Test
    void hearsARemoval() throws Exception {
      String id = started(sleeper("a"));
      try (Subscription watch = engine.watchExit(id, exits::add)) {
        assertThat(watch).isNotNull();
        engine.removeContainer(id);

        assertThat(exits.poll(20, TimeUnit.SECONDS)).isEqualTo(137);
      }
    }

    @Test
    void hearsThatNobodyKnows() throws Exception {
      try (Subscription watch = engine.watchExit(name("missing"), exits::add)) {
        assertThat(watch).isNotNull();
        assertThat(exits.poll(20, TimeUnit.SECONDS)).isEqualTo(-1);
      }
    }

    @Test
    void hearsNothingOnceClosed() throws Exception {
      String id = started(sleeper("a"));
      engine.watchExit(id, exits::add).close();

      engine.removeContainer(id);

      assertThat(exits.poll(300, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void listenerMayUseTheEngineAndCloseItsWatch() throws Exception {
      String id = started(sleeper("a"));
      BlockingQueue<Status> seen = new ArrayBlockingQueue<>(1);
      BlockingQueue<Subscription> watch = new ArrayBlockingQueue<>(1);
      watch.add(
          engine.watchExit(
              id,
              code -> {
                try {
                  watch.take().close();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                seen.add(engine.inspectContainer(id).status());
              }));

      engine.stopContainer(id, Duration.ofSeconds(10));

      assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo(Status.EXITED);
    }
  }

  @Nested
  @DisplayName("Commands in containers")
  class Commands {

    private final List<String> lines = new ArrayList<>();

    @Test
    void tellBothStreamsAndTheExitCode() {
      String[] command = {"sh", "-c", "echo eins; echo zwei >&2; printf drei; exit 3"};
      commandAnswers(List.of(command), new ExecResult(3, "eins\ndrei", "zwei\n"));
      String id = started(sleeper("a"));

      ExecResult result = exec(id, lines, command);

      assertThat(result).isEqualTo(new ExecResult(3, "eins\ndrei", "zwei\n"));
      assertThat(result.ok()).isFalse();
      assertThat(lines).containsExactly("eins", "drei");
    }

    @Test
    void keepUnicodeAndLargeOutputWhole() {
      String line = "Übergrößenträger €𝄞 ".repeat(20).strip();
      int count = 5_000;
      String[] command = {
        "sh", "-c", "i=0; while [ $i -lt " + count + " ]; do echo '" + line + "'; i=$((i+1)); done"
      };
      commandAnswers(List.of(command), new ExecResult(0, (line + "\n").repeat(count), ""));
      String id = started(sleeper("a"));

      ExecResult result = exec(id, lines, command);

      assertThat(result.ok()).isTrue();
      assertThat(result.stdout()).isEqualTo((line + "\n").repeat(count));
      assertThat(lines).hasSize(count).containsOnly(line);
    }

    @Test
    void runAsAnyUserWithVariables() {
      List<String> command = List.of("sh", "-c", "echo $(id -un) $GREETING");
      commandAnswers(command, new ExecResult(0, "nobody hello world\n", ""));
      String id = started(sleeper("a"));

      ExecResult result =
          engine.exec(
              id,
              new ExecCommand(command, "nobody", Map.of("GREETING", "hello world")),
              lines::add,
              PATIENCE);

      assertThat(result.stdout()).isEqualTo("nobody hello world\n");
    }

    @Test
    void needARunningContainer() {
      String id = engine.createContainer(sleeper("a").build());

      EngineException failure = failure(() -> exec(id, lines, "true"));

      assertThat(failure.kind()).isEqualTo(Kind.OTHER);
      assertThat(failure).hasMessageContaining("not running");
    }
  }

  protected final String network(String name) {
    return engine.createNetwork(new NetworkSpec(name, Optional.empty(), Optional.empty(), labels));
  }

  /** A /24 that no network of the engine uses. */
  protected final String freeSubnet() {
    List<String> used =
        engine.listNetworks().stream().flatMap(network -> network.subnets().stream()).toList();
    for (int third = 255; third >= 0; third--) {
      String prefix = "10.213." + third + ".";
      if (used.stream().noneMatch(subnet -> subnet.startsWith(prefix))) {
        return prefix + "0/24";
      }
    }
    throw new IllegalStateException("no free subnet");
  }

  protected final void awaitLog(String id, String text) {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!engine.logs(id, 100).contains(text)) {
      assertThat(Instant.now()).as("log of %s holds %s", id, text).isBefore(deadline);
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
