/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import static io.github.slurmmaven.engine.ContainerDefinitions.container;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.common.LineSplitter;
import io.github.slurmmaven.engine.ContainerDefinition.NetworkAttachment;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.ContainerEngine.Subscription;
import io.github.slurmmaven.engine.ContainerState.Status;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link ContainerEngine} does. All that a test makes carries a label of its own and is
 * removed after it.
 */
@Timeout(120)
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
  protected abstract void commandAnswers(List<String> command, CommandResult result);

  /** Tells an engine that runs no processes what the main process of a container would write. */
  protected abstract void mainProcessWrites(String name, String log);

  /** Lets the main process of a running container write a line. */
  protected abstract void mainProcessWritesNow(String id, String line);

  /** Tells an engine that runs no processes what the next command does with its terminal. */
  protected abstract void terminalSession(Function<Terminal, Integer> session);

  /** Tells an engine that runs no processes that the main process of a container ends at once. */
  protected abstract void mainProcessEnds(String name, int exitCode);

  /** A registry that takes images, as host and port. */
  protected abstract String registry() throws Exception;

  /** A registry that denies every push. */
  protected abstract String refusingRegistry() throws Exception;

  /** A registry that takes what comes and never answers. */
  protected abstract String silentRegistry() throws Exception;

  /** Waits until a push has come to the silent registry. */
  protected abstract void awaitPush() throws Exception;

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
      Stream.of("image", "project", "archived", "removed")
          .flatMap(suffix -> cleaner.listImages(name(suffix)).stream())
          .forEach(cleaner::removeImage);
    }
  }

  protected final String name(String suffix) {
    return "contract-" + run + "-" + suffix;
  }

  protected final ContainerDefinitions sleeper(String suffix) {
    mainProcessWrites(name(suffix), "up\n");
    return container(name(suffix), image()).command(UNTIL_STOPPED).labels(labels);
  }

  protected final String started(ContainerDefinitions container) {
    String id = engine.createContainer(container.build());
    engine.startContainer(id);
    return id;
  }

  protected static EngineException failure(ThrowingCallable call) {
    EngineException failure = catchThrowableOfType(EngineException.class, call);
    assertThat(failure).as("EngineException").isNotNull();
    return failure;
  }

  private boolean onPodman() {
    return engine.info().name().startsWith("Podman");
  }

  /** Podman makes an empty directory of what it does not find to mount. */
  protected final void assumeMissingSourcesAreRefused() {
    assumeFalse(onPodman());
  }

  private CommandResult exec(String id, List<String> lines, String... command) {
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

    @Test
    void areTheSameUnderAnotherName() {
      String tag = name("image") + ":tagged";

      engine.tagImage(image(), tag);

      assertThat(engine.findImage(tag)).isEqualTo(engine.findImage(image()));
    }

    @Test
    void thatAreMissingGetNoName() {
      EngineException failure =
          failure(
              () -> engine.tagImage("slurm-maven.invalid/nothing:1", name("image") + ":missing"));

      assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(failure)
          .hasMessageStartingWith("cannot tag image slurm-maven.invalid/nothing:1 as ");
    }
  }

  @Nested
  @DisplayName("Images of a project")
  class ProjectImages {

    @TempDir private Path directory;

    private ProjectBuild build(String dockerfile) throws IOException {
      Path file = directory.resolve("Dockerfile");
      Files.writeString(file, dockerfile);
      return new ProjectBuild(
          name("project") + ":1", directory, file, Optional.of("one"), Map.of("WORD", "given"));
    }

    @Test
    void areBuiltFromADirectory() throws IOException {
      Files.writeString(directory.resolve("file"), "content\n");
      List<String> progress = new ArrayList<>();
      ProjectBuild build =
          build("FROM %s AS one\nARG WORD\nCOPY file /\nFROM one AS two\n".formatted(image()));

      engine.buildImage(build, progress::add);

      assertThat(engine.findImage(build.tag())).isPresent();
      assertThat(progress).isNotEmpty().noneMatch(line -> line.contains("\n"));
    }

    @Test
    void areNotBuiltWithWhatIsMissing() throws IOException {
      ProjectBuild build = build("FROM %s AS one\nCOPY nothing /\n".formatted(image()));

      EngineException failure = failure(() -> engine.buildImage(build, line -> {}));

      assertThat(failure.kind()).isEqualTo(Kind.BUILD_FAILED);
      assertThat(failure)
          .hasMessageStartingWith("cannot build image " + build.tag() + ": ")
          .hasMessageContaining("nothing");
      assertThat(engine.findImage(build.tag())).isEmpty();
    }
  }

  @Nested
  @DisplayName("Archives of images")
  class ImageArchives {

    @Test
    void bringAnImageBack() {
      String tag = name("archived") + ":1";
      engine.buildImage(
          new ImageBuild(
              tag,
              Map.of("Dockerfile", ("FROM " + image() + "\nENV A=archived\n").getBytes(UTF_8)),
              "Dockerfile",
              "",
              Map.of(),
              labels),
          line -> {});
      ByteArrayOutputStream archive = new ByteArrayOutputStream();
      engine.saveImage(tag, archive);
      engine.removeImage(tag);
      assertThat(engine.findImage(tag)).isEmpty();

      assertThat(engine.loadImages(new ByteArrayInputStream(archive.toByteArray())))
          .containsExactly(tag);

      assertThat(engine.findImage(tag)).isPresent();
    }

    @Test
    void areNotWrittenOfWhatIsNotThere() {
      String nothing = name("nothing") + ":1";

      EngineException failure =
          failure(() -> engine.saveImage(nothing, OutputStream.nullOutputStream()));

      assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(failure).hasMessageStartingWith("cannot save image " + nothing + ": ");
    }

    @Test
    void areRefusedIfInvalid() {
      EngineException failure =
          failure(() -> engine.loadImages(new ByteArrayInputStream("no archive".getBytes(UTF_8))));

      assertThat(failure.kind()).isEqualTo(Kind.OTHER);
      assertThat(failure)
          .message()
          .startsWith("cannot load the images of an archive: ")
          .hasSizeGreaterThan("cannot load the images of an archive: ".length());
    }

    @Test
    void tellWhenReadingThemFails() {
      InputStream broken =
          new InputStream() {
            @Override
            public int read() throws IOException {
              throw new IOException("bad disk");
            }
          };

      assertThat(failure(() -> engine.loadImages(broken)))
          .hasMessageStartingWith("cannot load the images of an archive: ")
          .hasStackTraceContaining("bad disk");
    }
  }

  @Nested
  @DisplayName("Pushed images")
  class PushedImages {

    @Test
    void areInTheRegistryUnderTheirNewNameOnly() throws Exception {
      String target = registry() + "/contract/pushed:1";
      List<String> progress = new ArrayList<>();

      engine.pushImage(image(), target, progress::add);

      assertThat(progress).isNotEmpty();
      assertThat(engine.findImage(target)).isEmpty();
      // Podman pulls without TLS only from registries that its configuration names.
      assumeFalse(onPodman());
      engine.pullImage(target, line -> {});
      assertThat(engine.findImage(target)).isPresent();
      engine.removeImage(target);
    }

    @Test
    void mustBeThere() {
      String nothing = name("nothing") + ":1";
      String target = "localhost:1/contract/nothing:1";

      EngineException failure = failure(() -> engine.pushImage(nothing, target, line -> {}));

      assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(failure)
          .hasMessageStartingWith("cannot push image " + nothing + " as " + target + ": ");
    }

    @Test
    void failWithTheWordsOfARegistryThatRefuses() throws Exception {
      String target = refusingRegistry() + "/contract/refused:1";

      EngineException failure = failure(() -> engine.pushImage(image(), target, line -> {}));

      assertThat(failure.kind()).isEqualTo(Kind.OTHER);
      assertThat(failure)
          .hasMessageStartingWith("cannot push image " + image() + " as " + target + ": ")
          .message()
          .containsAnyOf("denied", "403");
      assertThat(engine.findImage(target)).isEmpty();
    }

    @Test
    void areGivenUpWhenTheThreadIsInterrupted() throws Exception {
      String target = silentRegistry() + "/contract/cancelled:1";
      BlockingQueue<EngineException> failures = new ArrayBlockingQueue<>(1);
      Thread pushing =
          new Thread(
              () -> failures.add(failure(() -> engine.pushImage(image(), target, line -> {}))));
      pushing.start();
      awaitPush();

      pushing.interrupt();

      EngineException failure = failures.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(failure).isNotNull();
      assertThat(failure).hasMessageStartingWith("cannot push image " + image() + " as " + target);
      assertThat(engine.findImage(target)).isEmpty();
    }
  }

  @Nested
  @DisplayName("Removed images")
  class RemovedImages {

    @Test
    void areGoneAndMayBeSo() {
      String tag = name("removed") + ":1";
      engine.buildImage(
          new ImageBuild(
              tag,
              Map.of("Dockerfile", ("FROM " + image() + "\nENV A=removed\n").getBytes(UTF_8)),
              "Dockerfile",
              "",
              Map.of(),
              labels),
          line -> {});
      String repository = name("removed");
      assertThat(engine.listImages(repository)).containsExactly(tag);

      engine.removeImage(tag);
      engine.removeImage(tag);

      assertThat(engine.findImage(tag)).isEmpty();
      assertThat(engine.listImages(repository)).isEmpty();
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
              new NetworkDefinition(name("net"), Optional.of(subnet), Optional.empty(), labels));

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
          new NetworkDefinition(name("one"), Optional.of(subnet), Optional.empty(), labels));
      String inside = subnet.replace(".0/24", ".128/25");

      EngineException failure =
          failure(
              () ->
                  engine.createNetwork(
                      new NetworkDefinition(
                          name("two"), Optional.of(inside), Optional.empty(), labels)));

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
      network(name("net"));
      started(sleeper("a").network(name("net")));

      // By its id, Podman 4 would remove it.
      EngineException failure = failure(() -> engine.removeNetwork(name("net")));

      assertThat(failure.kind()).isEqualTo(Kind.OTHER);
      assertThat(failure).message().containsAnyOf("active endpoints", "being used");
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
      assertThat(engine.listVolumes(Map.of(LABEL, "")))
          .contains(new VolumeSummary(name("volume"), labels));
      assertThat(engine.listVolumes(Map.of(LABEL + run, ""))).isEmpty();

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
      assertThat(failure).message().containsAnyOf("in use", "being used");
      assertThat(engine.listVolumes(labels)).hasSize(1);
    }
  }

  @Nested
  @DisplayName("Containers")
  class Containers {

    @Test
    void cannotMountWhatIsNotThere() {
      assumeMissingSourcesAreRefused();
      ContainerDefinition wanted = sleeper("mount").bind("/no/such/directory", "/data").build();

      EngineException failure = failure(() -> engine.createContainer(wanted));

      assertThat(failure.kind()).isEqualTo(Kind.NO_SUCH_SOURCE);
      assertThat(failure).hasMessageContaining("/no/such/directory");
    }

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
      assertThat(failure(() -> engine.logs(missing, LogRequest.all(), line -> {})).kind())
          .isEqualTo(Kind.NOT_FOUND);
      assertThat(failure(() -> engine.copyFrom(missing, "/etc/passwd", tar -> {})).kind())
          .isEqualTo(Kind.NOT_FOUND);
      assertThat(
              failure(() -> engine.terminal(missing, ExecCommand.asRoot("sh"), new TestTerminal()))
                  .kind())
          .isEqualTo(Kind.NOT_FOUND);
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
          .returns(Status.RUNNING, ContainerSummary::status)
          .satisfies(container -> assertThat(container.image()).endsWith(image()))
          .satisfies(
              container ->
                  assertThat(container.labels())
                      .containsAllEntriesOf(labels)
                      .containsEntry("role", "x"));
    }

    @Test
    void areListedByLabelWithAnyValue() {
      String a = engine.createContainer(sleeper("a").label("role" + run, "x").build());
      String b = engine.createContainer(sleeper("b").label("role" + run, "").build());
      engine.createContainer(sleeper("c").build());

      assertThat(engine.listContainers(Map.of(LABEL, run, "role" + run, "")))
          .extracting(ContainerSummary::id)
          .containsExactlyInAnyOrder(a, b);
    }

    @Test
    void listShowsAgeAndPorts() {
      Instant before = Instant.now().minusSeconds(2);
      String id = engine.createContainer(sleeper("a").port(0, 22).port(0, 53).build());
      ContainerSummary created = engine.listContainers(labels).get(0);
      assertThat(created.createdAt()).isBetween(before, Instant.now());
      assertThat(created.ports()).isEmpty();

      engine.startContainer(id);

      ContainerSummary running = engine.listContainers(labels).get(0);
      assertThat(running.createdAt()).isEqualTo(created.createdAt());
      assertThat(running.ports())
          .hasSize(2)
          .containsExactlyInAnyOrderElementsOf(engine.inspectContainer(id).ports());
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
        assertThat(exits.poll(60, TimeUnit.SECONDS)).isEqualTo(3);
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
          ContainerDefinitions definition = sleeper("p" + i).network(name("net"));
          starts.add(threads.submit(() -> started(definition)));
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
  }

  @Nested
  @DisplayName("Logs")
  class Logs {

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private String writing(String script, String log) {
      mainProcessWrites(name("a"), log);
      return started(container(name("a"), image()).command("sh", "-c", script).labels(labels));
    }

    private Thread following(String id, LogRequest request, List<Throwable> failures) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  engine.logs(id, request.following(), heard::add);
                  heard.add("interrupted: " + Thread.currentThread().isInterrupted());
                } catch (RuntimeException e) {
                  failures.add(e);
                }
              });
      thread.setDaemon(true);
      thread.start();
      return thread;
    }

    @Test
    void holdBothStreams() {
      String id =
          writing("echo eins; echo zwei >&2; sleep 0.1; echo 'drei ü'", "eins\nzwei\ndrei ü\n");
      awaitLog(id, "drei ü");

      assertThat(log(id, LogRequest.last(1))).containsExactly("drei ü");
      assertThat(log(id, LogRequest.last(100))).containsExactlyInAnyOrder("eins", "zwei", "drei ü");
      assertThat(log(id, LogRequest.all())).isEqualTo(log(id, LogRequest.last(100)));
    }

    @Test
    void comeWholeAndInOrder() {
      List<String> numbers = IntStream.range(0, 2_000).mapToObj(i -> i + " größe €𝄞").toList();
      // Not beyond ASCII: the engine itself breaks characters where it cuts very long lines.
      String longLine = "0123456789".repeat(10_000);
      String id =
          writing(
              "i=0; while [ $i -lt 2000 ]; do echo $i 'größe €𝄞'; i=$((i+1)); done; echo; "
                  + "i=0; while [ $i -lt 10000 ]; do printf 0123456789; i=$((i+1)); done; echo;"
                  + " sleep 0.1; printf ende >&2",
              String.join("\n", numbers) + "\n\n" + longLine + "\nende");
      awaitLog(id, "ende");

      List<String> all = log(id, LogRequest.all());

      assertThat(all).hasSize(2_003);
      assertThat(all.subList(0, 2_000)).isEqualTo(numbers);
      assertThat(all.get(2_000)).isEmpty();
      assertThat(all.get(2_001).equals(longLine)).as("long line is whole").isTrue();
      assertThat(all.get(2_002)).isEqualTo("ende");
    }

    @Test
    void beginWhereOneLikes() {
      String id = started(sleeper("a"));
      awaitLog(id, "up");

      assertThat(log(id, LogRequest.all().from(Instant.now().minusSeconds(60))))
          .containsExactly("up");
      assertThat(log(id, LogRequest.all().from(Instant.now().plusSeconds(60)))).isEmpty();
      assertThat(log(id, LogRequest.last(0))).isEmpty();
    }

    @Test
    void areFollowedUntilTheContainerEnds() throws Exception {
      String id = started(sleeper("a"));
      awaitLog(id, "up");
      List<Throwable> failures = new CopyOnWriteArrayList<>();
      Thread thread = following(id, LogRequest.all(), failures);
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("up");

      mainProcessWritesNow(id, "eins");
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("eins");
      mainProcessWritesNow(id, "zwei");
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("zwei");
      assertThat(heard.poll(100, TimeUnit.MILLISECONDS)).isNull();

      engine.stopContainer(id, Duration.ofSeconds(10));
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("interrupted: false");
      thread.join(PATIENCE.toMillis());
      assertThat(failures).isEmpty();
    }

    @Test
    void areFollowedFromTheEnd() throws Exception {
      String id = started(sleeper("a"));
      awaitLog(id, "up");
      List<Throwable> failures = new CopyOnWriteArrayList<>();
      following(id, LogRequest.last(0), failures);
      assertThat(heard.poll(200, TimeUnit.MILLISECONDS)).isNull();

      mainProcessWritesNow(id, "eins");

      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("eins");
      engine.removeContainer(id);
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("interrupted: false");
      assertThat(failures).isEmpty();
    }

    @Test
    void areFollowedUntilAnInterrupt() throws Exception {
      String id = started(sleeper("a"));
      awaitLog(id, "up");
      List<Throwable> failures = new CopyOnWriteArrayList<>();
      Thread thread = following(id, LogRequest.all(), failures);
      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("up");

      thread.interrupt();

      assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("interrupted: true");
      assertThat(failures).isEmpty();
      assertThat(engine.inspectContainer(id).running()).isTrue();
    }

    @Test
    void ofAnEndedContainerAreFollowedToTheirEnd() {
      mainProcessEnds(name("a"), 0);
      String id = writing("echo eins", "eins\n");
      awaitLog(id, "eins");
      engine.stopContainer(id, Duration.ZERO);

      assertThat(log(id, LogRequest.all().following())).containsExactly("eins");
    }

    @Test
    void endWithWhatTheirReaderThrows() {
      String id = started(sleeper("a"));
      awaitLog(id, "up");
      RuntimeException full = new UncheckedIOException(new IOException("no space left"));

      assertThatThrownBy(
              () ->
                  engine.logs(
                      id,
                      LogRequest.all().following(),
                      line -> {
                        throw full;
                      }))
          .isSameAs(full);
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
          new NetworkDefinition(name("one"), Optional.of(subnet), Optional.empty(), labels));
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
    void goAndComeBackWithTheMembership() {
      String subnet = freeSubnet();
      String address = subnet.replace(".0/24", ".77");
      engine.createNetwork(
          new NetworkDefinition(name("one"), Optional.of(subnet), Optional.empty(), labels));
      NetworkAttachment attachment =
          new NetworkAttachment(name("one"), List.of("alias"), Optional.of(address));
      String id = started(sleeper("a").network(attachment));

      engine.leaveNetwork(id, name("one"));
      engine.leaveNetwork(id, name("one"));
      assertThat(engine.inspectContainer(id).addresses()).isEmpty();

      engine.joinNetwork(id, attachment);
      assertThat(engine.inspectContainer(id).addresses())
          .containsExactly(entry(name("one"), address));
    }

    @Test
    void thatAreTakenAreNoPortConflict() {
      String subnet = freeSubnet();
      engine.createNetwork(
          new NetworkDefinition(name("one"), Optional.of(subnet), Optional.empty(), labels));
      NetworkAttachment attachment =
          new NetworkAttachment(
              name("one"), List.of(), Optional.of(subnet.replace(".0/24", ".77")));
      started(sleeper("a").network(attachment));
      String second = engine.createContainer(sleeper("b").network(attachment).build());

      EngineException failure = failure(() -> engine.startContainer(second));

      assertThat(failure.kind()).isEqualTo(Kind.OTHER);
      assertThat(failure).message().containsAnyOf("Address already in use", "already allocated");
    }
  }

  @Nested
  @DisplayName("Watching for the end")
  class Watching {

    private final BlockingQueue<Integer> exits = new ArrayBlockingQueue<>(4);

    @Test
    void reportsAStopOnce() throws Exception {
      String id = started(sleeper("a"));
      awaitLog(id, "up");
      try (Subscription watch = engine.watchExit(id, exits::add)) {
        assertThat(watch).isNotNull();
        assertThat(exits.poll(200, TimeUnit.MILLISECONDS)).isNull();

        engine.stopContainer(id, Duration.ofSeconds(10));

        assertThat(exits.poll(60, TimeUnit.SECONDS)).isZero();
        assertThat(exits.poll(200, TimeUnit.MILLISECONDS)).isNull();
      }
    }

    @Test
    void reportsARemoval() throws Exception {
      String id = started(sleeper("a"));
      try (Subscription watch = engine.watchExit(id, exits::add)) {
        assertThat(watch).isNotNull();
        engine.removeContainer(id);

        // Podman asks a container to end before it kills it.
        assertThat(exits.poll(60, TimeUnit.SECONDS)).isIn(137, onPodman() ? 0 : 137);
      }
    }

    @Test
    void hearsThatNobodyKnows() throws Exception {
      try (Subscription watch = engine.watchExit(name("missing"), exits::add)) {
        assertThat(watch).isNotNull();
        assertThat(exits.poll(60, TimeUnit.SECONDS)).isEqualTo(-1);
      }
    }

    @Test
    void reportsNothingAfterClose() throws Exception {
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

      assertThat(seen.poll(60, TimeUnit.SECONDS)).isEqualTo(Status.EXITED);
    }
  }

  @Nested
  @DisplayName("Commands in containers")
  class Commands {

    private final List<String> lines = new ArrayList<>();

    @Test
    void tellBothStreamsAndTheExitCode() {
      String[] command = {"sh", "-c", "echo eins; echo zwei >&2; printf drei; exit 3"};
      commandAnswers(List.of(command), new CommandResult(3, "eins\ndrei", "zwei\n"));
      String id = started(sleeper("a"));

      CommandResult result = exec(id, lines, command);

      assertThat(result).isEqualTo(new CommandResult(3, "eins\ndrei", "zwei\n"));
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
      commandAnswers(List.of(command), new CommandResult(0, (line + "\n").repeat(count), ""));
      String id = started(sleeper("a"));

      CommandResult result = exec(id, lines, command);

      assertThat(result.ok()).isTrue();
      assertThat(result.stdout()).isEqualTo((line + "\n").repeat(count));
      assertThat(lines).hasSize(count).containsOnly(line);
    }

    @Test
    void runAsAnyUserWithVariables() {
      List<String> command = List.of("sh", "-c", "echo $(id -un) $GREETING");
      commandAnswers(command, new CommandResult(0, "nobody hello world\n", ""));
      String id = started(sleeper("a"));

      CommandResult result =
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
      assertThat(failure)
          .message()
          .containsAnyOf("not running", "only create exec sessions on running");
    }

    @Test
    void tellEachStreamAsItComes() {
      String[] command = {"sh", "-c", "printf 'eins\nzw'; printf 'drei\nvier' >&2; printf ei"};
      commandAnswers(List.of(command), new CommandResult(4, "eins\nzwei", "drei\nvier"));
      String id = started(sleeper("a"));
      List<String> errors = new ArrayList<>();

      engine.exec(
          id, ExecCommand.asRoot(command), LineSplitter.output(lines::add, errors::add), PATIENCE);

      assertThat(lines).containsExactly("eins", "zwei");
      assertThat(errors).containsExactly("drei", "vier");
    }

    @Test
    void handOnBytesAsTheyAre() {
      String[] command = {"sh", "-c", "printf 'a\\nb'; printf c >&2; exit 9"};
      commandAnswers(List.of(command), new CommandResult(9, "a\nb", "c"));
      String id = started(sleeper("a"));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      List<String> ends = new ArrayList<>();

      int exitCode =
          engine.exec(
              id,
              ExecCommand.asRoot(command),
              new CommandOutput() {
                @Override
                public void stdout(byte[] bytes) {
                  out.writeBytes(bytes);
                }

                @Override
                public void stderr(byte[] bytes) {
                  err.writeBytes(bytes);
                }

                @Override
                public void end() {
                  ends.add(out + "/" + err);
                }
              },
              PATIENCE);

      assertThat(exitCode).isEqualTo(9);
      assertThat(ends).containsExactly("a\nb/c");
    }

    @Test
    void endWithWhatTheirListenerThrows() {
      String[] command = {"echo", "eins"};
      commandAnswers(List.of(command), new CommandResult(0, "eins\n", ""));
      String id = started(sleeper("a"));
      RuntimeException full = new UncheckedIOException(new IOException("no space left"));

      assertThatThrownBy(
              () ->
                  engine.exec(
                      id,
                      ExecCommand.asRoot(command),
                      line -> {
                        throw full;
                      },
                      PATIENCE))
          .isSameAs(full);
    }
  }

  @Nested
  @DisplayName("Commands with a terminal")
  class Terminals {

    private final TestTerminal terminal = new TestTerminal();

    @Test
    void areTypedToAndShown() throws Exception {
      terminalSession(
          fake -> {
            try {
              fake.output().write(fake.input().readNBytes(4));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            return 7;
          });
      String id = started(sleeper("a"));
      terminal.type("hey\n");

      int exitCode =
          engine.terminal(
              id, ExecCommand.asRoot("sh", "-c", "read word; echo $word; exit 7"), terminal);

      assertThat(exitCode).isEqualTo(7);
      assertThat(terminal.text()).contains("hey");
      assertThat(terminal.isClosed()).isFalse();
    }

    @Test
    void needARunningContainer() {
      String id = engine.createContainer(sleeper("a").build());

      EngineException failure =
          failure(() -> engine.terminal(id, ExecCommand.asRoot("true"), terminal));

      assertThat(failure.kind()).isEqualTo(Kind.OTHER);
      assertThat(failure)
          .message()
          .containsAnyOf("not running", "only create exec sessions on running");
    }
  }

  @Nested
  @DisplayName("Copies")
  class Copies {

    private final Map<String, byte[]> files =
        Map.of(
            "dir/", new byte[0],
            "dir/ü.txt", "größe".getBytes(UTF_8),
            "dir/sub/", new byte[0],
            "dir/sub/large", new byte[300_000]);

    private String filled(String id) throws IOException {
      engine.copyTo(id, "/var/tmp", Archives.tar(files));
      return id;
    }

    private Map<String, byte[]> copy(String id, String path) throws IOException {
      Map<String, byte[]> entries = new TreeMap<>();
      engine.copyFrom(id, path, tar -> entries.putAll(Archives.entries(tar)));
      return entries;
    }

    @Test
    void ofADirectoryComeBackAsTheyWent() throws Exception {
      String id = filled(started(sleeper("a")));

      assertThat(copy(id, "/var/tmp/dir")).containsExactlyInAnyOrderEntriesOf(files);
    }

    @Test
    void ofAFileHoldItAlone() throws Exception {
      String id = filled(engine.createContainer(sleeper("a").build()));

      assertThat(copy(id, "/var/tmp/dir/ü.txt"))
          .containsOnly(Map.entry("ü.txt", "größe".getBytes(UTF_8)));
    }

    @Test
    void ofAFileDoNotReplaceADirectory() throws Exception {
      String id = filled(started(sleeper("a")));

      EngineException failure =
          failure(() -> engine.copyTo(id, "/var/tmp", Archives.tar(Map.of("dir", new byte[] {1}))));

      assertThat(failure.kind()).isEqualTo(Kind.OTHER_TYPE);
      assertThat(copy(id, "/var/tmp/dir")).containsExactlyInAnyOrderEntriesOf(files);
    }

    @Test
    void ofNothingAreNotFound() {
      String id = started(sleeper("a"));

      EngineException failure = failure(() -> copy(id, "/no/such"));

      assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(failure).hasMessageContaining("/no/such");
    }

    @Test
    void needNotBeReadToTheEnd() throws Exception {
      String id = filled(started(sleeper("a")));
      byte[] first = new byte[1];

      engine.copyFrom(id, "/var/tmp/dir", tar -> first[0] = (byte) tar.read());

      assertThat(first[0]).isEqualTo((byte) 'd');
    }

    @Test
    void endWithWhatTheirReaderThrows() throws Exception {
      String id = filled(started(sleeper("a")));
      IOException full = new IOException("no space left");

      assertThatThrownBy(
              () ->
                  engine.copyFrom(
                      id,
                      "/var/tmp/dir",
                      tar -> {
                        throw full;
                      }))
          .isSameAs(full);
    }
  }

  protected final String network(String name) {
    return engine.createNetwork(
        new NetworkDefinition(name, Optional.empty(), Optional.empty(), labels));
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

  protected final List<String> log(String id, LogRequest request) {
    List<String> lines = new CopyOnWriteArrayList<>();
    engine.logs(id, request, lines::add);
    return lines;
  }

  protected final void awaitLog(String id, String text) {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (log(id, LogRequest.last(100)).stream().noneMatch(line -> line.contains(text))) {
      assertThat(Instant.now()).as("log of %s holds %s", id, text).isBefore(deadline);
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
