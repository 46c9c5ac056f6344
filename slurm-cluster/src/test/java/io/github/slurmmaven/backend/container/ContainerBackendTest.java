/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.slurmmaven.backend.AllocationTakenException;
import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.Inventory.ClusterSummary;
import io.github.slurmmaven.backend.Inventory.Watch;
import io.github.slurmmaven.backend.LocalAddresses;
import io.github.slurmmaven.backend.LocalPorts;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.Taken;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.TestParameters;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.ContainerDefinitions;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineInfo;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.FakeContainerEngine;
import io.github.slurmmaven.engine.FakeContainerEngine.Call;
import io.github.slurmmaven.engine.FakeContainerEngine.Operation;
import io.github.slurmmaven.files.Allocation;
import io.github.slurmmaven.files.ClusterFiles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compose projects of several services on an engine in memory. */
@Timeout(120)
class ContainerBackendTest {

  private static final String PROJECT =
      """
      name: pair
      services:
        n1:
          image: node:1
          labels:
            io.github.slurmmaven.node: n1
            io.github.slurmmaven.role: compute
          depends_on: [head]
        head:
          image: node:1
          labels:
            io.github.slurmmaven.node: head
            io.github.slurmmaven.role: controller
          ports: ["127.0.0.1:40222:22", "127.0.0.1:40080:80"]
        helper:
          image: helper:1
          depends_on: [n1]
          volumes: ["data:/data", "shared:/shared"]
      volumes:
        data:
        shared:
          external: true
      """;

  private final FakeContainerEngine engine =
      new FakeContainerEngine().withImage("node:1").withImage("helper:1");
  private final ContainerBackend backend = new ContainerBackend(engine, Map.of());
  private final ClusterId id;

  ContainerBackendTest(@TempDir Path directory) throws IOException {
    id = new ClusterId("pair", directory);
    write(PROJECT);
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private void write(String compose) throws IOException {
    Files.writeString(id.directory().resolve("docker-compose.yml"), compose);
  }

  private void up() {
    backend.provisioner().up(new ClusterFiles(id), Owner.byHand(), Progress.SILENT);
  }

  private String container(String service) {
    return engine.listContainers(Map.of("com.docker.compose.service", service)).stream()
        .map(ContainerSummary::id)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void servicesStartAfterThoseTheyDependOn() {
    up();

    assertThat(engine.calls())
        .filteredOn(call -> call.operation() == Operation.START_CONTAINER)
        .extracting(Call::subject)
        .containsExactly("pair-head-1", "pair-n1-1", "pair-helper-1");
  }

  @Test
  void refusesPackagesBesideAnImageOfTheUsers(@TempDir Path elsewhere) throws IOException {
    Path definition =
        Files.writeString(
            elsewhere.resolve("cluster.yaml"),
            "preset: cpu\nimage: site/slurm:1\npackages: [gcc, make]\n");

    assertThatThrownBy(
            () ->
                backend
                    .planner()
                    .check(new TestParameters().with("definition", definition).toDefinition()))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "packages: 'gcc, make' cannot be added to an image of your own (site/slurm:1): install"
                + " them in that image, or leave image out");
  }

  @Test
  void refusesPbsCommandsOfAReleaseThatDebianDoesNotPackage() {
    ClusterDefinition compiled =
        new TestParameters()
            .with("pbsCommands", true)
            .with("slurmVersion", "25.11.4")
            .with("slurmSource", "/srv/slurm.tar.bz2")
            .toDefinition();

    assertThatThrownBy(() -> backend.planner().check(compiled))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "pbsCommands: 'true' cannot be combined with a compiled Slurm (25.11.4): Debian"
                + " packages the PBS commands only for its own releases. Set slurmVersion to one"
                + " of them (22.05 or 24.11 or 26.05), or leave pbsCommands out");
  }

  @Test
  void refusesTheClusterClockForJobsInContainers() {
    ClusterDefinition pyxis =
        new TestParameters().with("withPyxis", true).with("jobClock", true).toDefinition();

    assertThatThrownBy(() -> backend.planner().check(pyxis))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "jobClock: 'true' cannot be combined with jobs in containers (withPyxis), whose images lack the library that it needs: leave one of the two out");
  }

  @Test
  void refusesToCompileSlurmIntoAnImageOfTheUsers() {
    assertThatThrownBy(
            () ->
                backend
                    .planner()
                    .check(
                        new TestParameters()
                            .with("slurmSource", "/srv/slurm.tar.bz2")
                            .with("image", "site/slurm:1")
                            .toDefinition()))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessage(
            "slurmSource: '/srv/slurm.tar.bz2' cannot be compiled into an image of your own"
                + " (site/slurm:1), which has its Slurm: leave one of them out");
  }

  @Test
  void nodesAreThoseWithTheLabelAndTheControllerIsFirst() {
    up();
    engine.exit("pair-n1-1", 3);

    assertThat(backend.inventory().nodes(id))
        .containsExactly(
            new BackendNode("head", "controller", true, "running"),
            new BackendNode("n1", "compute", false, "exited with code 3"));
  }

  @Test
  void commandsAndLogsAreOfTheNodeNamed() {
    engine
        .onExec(
            (node, command) ->
                new CommandResult(4, node.name() + " " + command.user() + "\n", "oh"))
        .withLog("pair-n1-1", "one\ntwo\nthree\n");
    up();
    List<String> lines = new ArrayList<>();

    assertThat(
            backend
                .nodeAccess()
                .run(id, "n1", "slurm", List.of("true"), lines::add, Duration.ofSeconds(5)))
        .returns(4, result -> result.exitCode())
        .returns("pair-n1-1 slurm\n", result -> result.stdout())
        .returns("oh", result -> result.stderr())
        .returns(false, result -> result.ok());
    assertThat(lines).containsExactly("pair-n1-1 slurm");
    assertThat(backend.nodeAccess().logs(id, "n1", 2)).isEqualTo("two\nthree\n");
    assertThatThrownBy(() -> backend.nodeAccess().logs(id, "n9", 2))
        .isInstanceOf(SlurmClusterException.class)
        .hasMessage("Cluster pair has no node 'n9' on this engine");
  }

  @Test
  void sshIsWhatTheControllerPublishes() {
    up();

    assertThat(backend.endpoints().ssh(id)).isEqualTo(new Address("127.0.0.1", 40222));
  }

  @Test
  void controllerWithoutSshPortIsRefusedWithTheLineThatIsMissing() throws IOException {
    write(PROJECT.replace("\"127.0.0.1:40222:22\", ", ""));
    up();

    assertThatThrownBy(() -> backend.endpoints().ssh(id))
        .isInstanceOf(UserMistakeException.class)
        .hasMessageStartingWith(id.directory().resolve("docker-compose.yml").toString())
        .hasMessageContaining("'127.0.0.1:2222:22'");
  }

  @Test
  void watchHearsOfNodesOnlyAndUntilItIsClosed() throws InterruptedException {
    up();
    BlockingQueue<BackendNode> ended = new ArrayBlockingQueue<>(5);
    Watch watch = backend.inventory().watch(id, ended::add);

    engine.exit("pair-helper-1", 1);
    engine.exit("pair-n1-1", 7);

    assertThat(ended.poll(60, TimeUnit.SECONDS))
        .isEqualTo(new BackendNode("n1", "compute", false, "exited with code 7"));
    watch.close();
    engine.exit("pair-head-1", 1);
    assertThat(ended.poll(300, TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void watchHearsThatTheEngineIsGone() throws InterruptedException {
    up();
    BlockingQueue<BackendNode> ended = new ArrayBlockingQueue<>(5);
    try (Watch watch = backend.inventory().watch(id, ended::add)) {
      engine.vanish();

      BackendNode lost = ended.poll(60, TimeUnit.SECONDS);
      assertThat(lost).isNotNull();
      assertThat(lost.running()).isFalse();
      assertThat(lost.detail()).startsWith("lost: ").contains("does not answer");
    }
  }

  @Test
  void changedServiceGetsANewContainerAndTheOthersStay() throws IOException {
    up();
    String head = container("head");
    String helper = container("helper");
    write(PROJECT.replace("  helper:\n", "  helper:\n    environment: {A: b}\n"));

    up();

    assertThat(container("head")).isEqualTo(head);
    assertThat(container("helper")).isNotEqualTo(helper);
    assertThat(engine.definitionOf("pair-helper-1").environment()).containsEntry("A", "b");
  }

  @Test
  void changedMountedFileGetsANewContainer() throws IOException {
    Path secrets = Files.createDirectories(id.directory().resolve("secrets"));
    Files.writeString(secrets.resolve("munge.key"), "a");
    write(PROJECT.replace("  head:\n", "  head:\n    volumes: ['./secrets:/run/secrets:ro']\n"));
    up();
    String head = container("head");
    String n1 = container("n1");
    up();
    assertThat(container("head")).isEqualTo(head);

    Files.writeString(secrets.resolve("munge.key"), "b");
    up();

    assertThat(container("head")).isNotEqualTo(head);
    assertThat(container("n1")).isEqualTo(n1);
  }

  @ParameterizedTest
  @CsvSource({"true, start-rest", "false,"})
  void aStartOfARunningClusterStartsASlurmrestdThatWasStopped(
      boolean rest, @Nullable String disruption) throws IOException {
    List<String> commands = new ArrayList<>();
    engine.onExec(
        (container, command) -> {
          commands.add(container.name());
          commands.add(command.command().get(command.command().size() - 1));
          return new CommandResult(0, "", "");
        });
    Files.writeString(
        id.directory().resolve("cluster.yaml"),
        ClusterYaml.write(new TestParameters().with("rest", rest).toDefinition()));

    up();
    assertThat(commands).as("of the first start").isEmpty();
    up();

    assertThat(commands)
        .isEqualTo(disruption == null ? List.of() : List.of("pair-head-1", disruption));
  }

  @Nested
  @DisplayName("A changed configuration of Slurm")
  class Configuration {

    private final List<String> reloads = new ArrayList<>();

    private void change(String configuration, String hosts) throws IOException {
      Path config = Files.createDirectories(id.directory().resolve("config"));
      Files.writeString(config.resolve("slurm.conf"), configuration);
      String common = "    volumes: ['./config:/etc/slurm:ro']\n    extra_hosts: {" + hosts + "}\n";
      write(
          PROJECT
              .replace("  head:\n", "  head:\n" + common)
              .replace("  n1:\n", "  n1:\n" + common));
    }

    private BiFunction<ContainerDefinition, ExecCommand, CommandResult> answering(int exitCode) {
      return (container, command) -> {
        reloads.add(container.name() + ": " + String.join(" ", command.command()));
        return new CommandResult(exitCode, "", "no such file");
      };
    }

    @Test
    void isReadByNodesThatRunTheControllerFirst() throws IOException {
      change("a", "n1: 198.18.7.51");
      up();
      String head = container("head");
      engine.onExec(answering(0));

      change("b", "n1: 198.18.7.51, n2: 198.18.7.52");
      up();

      assertThat(container("head")).isEqualTo(head);
      assertThat(reloads)
          .containsExactly(
              "pair-head-1: slurm-entrypoint reload n1=198.18.7.51 n2=198.18.7.52",
              "pair-n1-1: slurm-entrypoint reload n1=198.18.7.51 n2=198.18.7.52");
    }

    @Test
    void leavesTheAddressOfTheHostAsTheEngineWroteIt() throws IOException {
      change("a", "host.docker.internal: host-gateway");
      up();
      String head = container("head");
      engine.onExec(answering(0));

      change("b", "host.docker.internal: host-gateway, n2: 198.18.7.52");
      up();

      assertThat(container("head")).isEqualTo(head);
      assertThat(reloads)
          .containsExactly(
              "pair-head-1: slurm-entrypoint reload n2=198.18.7.52",
              "pair-n1-1: slurm-entrypoint reload n2=198.18.7.52");
    }

    @Test
    void withTheHostsAddressNewInItGetsNewContainersWhichTheEngineTellsIt() throws IOException {
      change("a", "n2: 198.18.7.52");
      up();
      String head = container("head");
      engine.onExec(answering(0));

      change("a", "n2: 198.18.7.52, host.docker.internal: host-gateway");
      up();

      assertThat(container("head")).isNotEqualTo(head);
      assertThat(reloads).isEmpty();
    }

    @Test
    void getsStoppedNodesNewContainers() throws IOException {
      change("a", "");
      up();
      String head = container("head");
      backend.provisioner().stop(id);
      engine.onExec(answering(0));

      change("b", "");
      up();

      assertThat(container("head")).isNotEqualTo(head);
      assertThat(reloads).isEmpty();
    }

    @Test
    void thatANodeEndsOverIsForItsReadinessToTell() throws IOException {
      change("a", "");
      up();
      engine.onExec(
          (container, command) -> {
            engine.exit(container.name(), 1);
            return new CommandResult(137, "", "");
          });
      change("b", "");

      up();

      assertThat(backend.inventory().nodes(id))
          .extracting(BackendNode::detail)
          .contains("exited with code 1");
    }

    @Test
    void thatANodeCannotReadIsAFailure() throws IOException {
      change("a", "");
      up();
      engine.onExec(answering(127));
      change("b", "");

      assertThatThrownBy(ContainerBackendTest.this::up)
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContaining("pair-head-1")
          .hasMessageContaining("no such file");
    }
  }

  /** The engine is another machine's, with an address of its own. */
  private void isAt(String host) {
    engine.withInfo(
        new EngineInfo("Fake 1", "1.44", "tcp://" + host + ":2375", host, "amd64", 4, 1L << 30));
  }

  @Nested
  @DisplayName("The address of what is published")
  class Published {

    @ParameterizedTest(name = "{1}, where the engine is at {0}, is reached at {2}")
    @CsvSource({
      "127.0.0.1, 127.0.0.1,  127.0.0.1",
      "127.0.0.1, 0.0.0.0,    127.0.0.1",
      "127.0.0.1, 127.0.0.3,  127.0.0.3",
      "127.0.0.1, 192.0.2.44, 192.0.2.44",
      "192.0.2.7, 0.0.0.0,    192.0.2.7",
      "192.0.2.7, 192.0.2.44, 192.0.2.44",
      // The end of a tunnel.
      "127.0.0.2, 127.0.0.1,  127.0.0.2",
      "127.0.0.2, 0.0.0.0,    127.0.0.2",
    })
    void isOneThatThisMachineReaches(String host, String binding, String reached)
        throws IOException {
      isAt(host);
      write(PROJECT.replace("127.0.0.1:40222", binding + ":40222"));
      up();

      assertThat(backend.endpoints().ssh(id)).isEqualTo(new Address(reached, 40222));
      assertThat(backend.inventory().clusters())
          .singleElement()
          .returns(Optional.of(new Address(reached, 40222)), ClusterSummary::ssh);
    }

    @Test
    void isNoLoopbackInterfaceOfAnotherMachine() {
      isAt("192.0.2.7");
      up();

      assertThatThrownBy(() -> backend.endpoints().ssh(id))
          .isInstanceOf(UserMistakeException.class)
          .hasMessage(
              id.directory().resolve("docker-compose.yml")
                  + " publishes the port for SSH on 127.0.0.1, which can be reached only from the"
                  + " engine's own machine, tcp://192.0.2.7:2375, and not from this one: set"
                  + " bindAddress, or change the address");
    }

    @Test
    void isAskedForBeforeAnythingIsMade() {
      isAt("192.0.2.7");

      assertThatThrownBy(() -> backend.planner().check(new TestParameters().toDefinition()))
          .isInstanceOf(InvalidParameterException.class)
          .hasMessage(
              "bindAddress: '127.0.0.1' can be reached only from the engine's own machine,"
                  + " tcp://192.0.2.7:2375, and not from this one: use an address of that machine"
                  + " that this one reaches, or 0.0.0.0 for all of its addresses, and set"
                  + " passwordLogin to false, because others may reach them too");
      backend
          .planner()
          .check(
              new TestParameters()
                  .with("bindAddress", "0.0.0.0")
                  .with("passwordLogin", false)
                  .toDefinition());
      isAt("127.0.0.2");
      backend.planner().check(new TestParameters().toDefinition());
    }

    @Test
    void isNoneThatAContainerOfAnotherMachineHas() throws IOException {
      isAt("127.0.0.2");
      write(PROJECT.replace(":40222:", ":2222:").replace(":40080:", ":2223:"));
      up();
      ClusterId other = new ClusterId("other", id.directory().resolve("other"));

      Allocation allocation =
          backend
              .planner()
              .allocate(
                  other, new TestParameters().toDefinition(), Optional.empty(), Taken.NOTHING);

      assertThat(choice(allocation).sshPort()).isEqualTo(2224);
      assertThatThrownBy(
              () ->
                  backend
                      .planner()
                      .allocate(
                          other,
                          new TestParameters().with("port", 2222).toDefinition(),
                          Optional.empty(),
                          Taken.NOTHING))
          .hasMessageContaining("is taken by the container pair-head-1");
    }
  }

  @Nested
  @DisplayName("An engine that does not see this machine's files")
  class Elsewhere {

    private static final String OWN_FILES =
        "    volumes: ['./config:/etc/slurm:ro', './key:/run/key:ro', 'data:/data']\n";

    @TempDir private Path temporary;

    private void write(String volumes) throws IOException {
      Files.createDirectories(id.directory().resolve("config"));
      Files.writeString(id.directory().resolve("config/slurm.conf"), "one\n");
      Files.writeString(id.directory().resolve("key"), "secret\n");
      ContainerBackendTest.this.write(PROJECT.replace("  head:\n", "  head:\n" + volumes));
    }

    private String fileInHead(String path) throws IOException {
      Path copy = temporary.resolve("copy");
      backend.nodeAccess().copyBack(id, "head", path, copy);
      return Files.readString(copy);
    }

    private List<ContainerDefinition.Mount.Kind> mountsOfHead() {
      return engine.definitionOf("pair-head-1").mounts().stream()
          .map(ContainerDefinition.Mount::kind)
          .toList();
    }

    @Test
    void getsCopiesOfTheClusterBeforeItStarts() throws IOException {
      isAt("192.0.2.7");
      write(OWN_FILES);
      up();

      assertThat(mountsOfHead()).containsExactly(ContainerDefinition.Mount.Kind.VOLUME);
      assertThat(fileInHead("/etc/slurm/slurm.conf")).isEqualTo("one\n");
      assertThat(fileInHead("/run/key")).isEqualTo("secret\n");
      assertThat(engine.calls())
          .filteredOn(call -> call.operation() != Operation.LIST_CONTAINERS)
          .filteredOn(call -> call.subject().equals("pair-head-1"))
          .extracting(Call::operation)
          .startsWith(
              Operation.CREATE_CONTAINER,
              Operation.COPY_TO,
              Operation.COPY_TO,
              Operation.START_CONTAINER);
    }

    @Test
    void isNoticedByItsRefusalWhenItsAddressDoesNotTell() throws IOException {
      write(OWN_FILES);
      engine.failNext(
          Operation.CREATE_CONTAINER,
          new EngineException(
              EngineException.Kind.NO_SUCH_SOURCE, "bind source path does not exist", null));
      up();

      assertThat(mountsOfHead()).containsExactly(ContainerDefinition.Mount.Kind.VOLUME);
      assertThat(fileInHead("/etc/slurm/slurm.conf")).isEqualTo("one\n");
    }

    /** As the engine refuses to mount the files of a build that runs in a container beside it. */
    private void upInAContainer(String bindAddress) throws IOException {
      write(OWN_FILES);
      Path compose = id.directory().resolve("docker-compose.yml");
      Files.writeString(
          compose,
          Files.readString(compose)
              .replace("127.0.0.1:40222", bindAddress + ":" + LocalPorts.anyFree("127.0.0.1")));
      engine.failNext(
          Operation.CREATE_CONTAINER,
          new EngineException(
              EngineException.Kind.NO_SUCH_SOURCE, "bind source path does not exist", null));
      up();
    }

    @Test
    void isNotReachedByItsLoopbackInterface() throws IOException {
      upInAContainer("127.0.0.1");

      assertThatThrownBy(() -> backend.endpoints().ssh(id))
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageStartingWith(
              "bindAddress: '127.0.0.1' is the loopback interface of the engine's own machine,"
                  + " which this build does not reach: it runs in a container beside the engine at")
          .hasMessageContaining(LocalAddresses.gateway().orElse("an address"))
          .hasMessageContaining("passwordLogin to false");
    }

    @Test
    void isReachedByTheGatewayWhereItPublishesOnAllAddresses() throws IOException {
      upInAContainer("0.0.0.0");

      String gateway = LocalAddresses.gateway().orElse("127.0.0.1");
      assertThat(backend.endpoints().ssh(id).host()).isEqualTo(gateway);
      assertThat(backend.inventory().clusters())
          .singleElement()
          .satisfies(cluster -> assertThat(cluster.ssh().orElseThrow().host()).isEqualTo(gateway));
    }

    @Test
    void isReachedByLoopbackWhereSomebodyForwardsThePort() throws IOException {
      try (ServerSocket forwarder = new ServerSocket()) {
        upInAContainer("127.0.0.1");
        int port =
            engine.inspectContainer(container("head")).ports().stream()
                .filter(binding -> binding.containerPort() == 22)
                .mapToInt(PortBinding::hostPort)
                .findFirst()
                .orElseThrow();
        forwarder.bind(new InetSocketAddress("127.0.0.1", port));

        assertThat(backend.endpoints().ssh(id)).isEqualTo(new Address("127.0.0.1", port));
      }
    }

    @Test
    void publishesOnAnAddressThatThisMachineDoesNotHave() throws IOException {
      ClusterDefinition cluster =
          new TestParameters()
              .with("bindAddress", "192.0.2.44")
              .with("passwordLogin", false)
              .with("port", 0)
              .toDefinition();

      assertThat(backend.planner().allocate(id, cluster, Optional.empty(), Taken.NOTHING))
          .isNotNull();
    }

    @Test
    void saysWhenItsMachineDoesNotHaveTheAddressEither() throws IOException {
      write(OWN_FILES);
      engine.failNext(
          Operation.START_CONTAINER,
          new EngineException(
              EngineException.Kind.NO_SUCH_ADDRESS, "cannot assign requested address", null));

      assertThatThrownBy(ContainerBackendTest.this::up)
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageStartingWith("bindAddress: ")
          .hasMessageContaining(" is not an address of the engine's machine, ");
    }

    @Test
    void getsNewCopiesWhenTheConfigurationHasChanged() throws IOException {
      isAt("192.0.2.7");
      write(OWN_FILES);
      up();
      String head = container("head");
      List<String> seen = new ArrayList<>();
      engine.onExec(
          (node, command) -> {
            seen.add(String.join(" ", command.command()));
            return new CommandResult(0, "", "");
          });
      Files.writeString(id.directory().resolve("config/slurm.conf"), "two\n");

      // Another process, which has not seen how the containers were made.
      isAt("127.0.0.1");
      up();

      assertThat(container("head")).isEqualTo(head);
      assertThat(seen).containsExactly("slurm-entrypoint reload");
      assertThat(fileInHead("/etc/slurm/slurm.conf")).isEqualTo("two\n");
    }

    @Test
    void isNotAskedForMountsOfTheDefinition() throws IOException {
      isAt("127.0.0.2");
      Path definition =
          Files.writeString(
              temporary.resolve("cluster.yaml"),
              "preset: cpu\nmounts: [{source: " + temporary + ", target: /here}]\n");

      assertThatThrownBy(
              () ->
                  backend
                      .planner()
                      .check(new TestParameters().with("definition", definition).toDefinition()))
          .isInstanceOf(InvalidParameterException.class)
          .hasMessage(
              "mounts: '%s' is a path of this machine, whose files the engine on another machine,"
                      .formatted(temporary)
                  + " tcp://127.0.0.2:2375, does not see: use files, which are copied");
    }

    @ParameterizedTest
    @ValueSource(strings = {"./config:/data", "/:/host:ro"})
    void cannotHaveTheUsersOwnMounts(String mount) throws IOException {
      isAt("192.0.2.7");
      write("    volumes: ['" + mount + "']\n");

      assertThatThrownBy(ContainerBackendTest.this::up)
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith(id.directory().resolve("docker-compose.yml").toString())
          .hasMessageContaining("services.head.volumes: '")
          .hasMessageContaining("the engine does not see this machine's files")
          .hasMessageContaining("with files in the cluster's definition");
      assertThat(engine.isEmpty()).isTrue();
    }
  }

  @Test
  void externalVolumesAndNetworksAreNeitherMadeNorRemoved() throws IOException {
    engine.createVolume("shared", Map.of("of", "others"));
    up();

    backend.provisioner().destroy(id);

    assertThat(engine.listVolumes(Map.of("of", "others"))).hasSize(1);
    assertThat(engine.listContainers(Map.of())).isEmpty();
    assertThat(engine.listNetworks()).isEmpty();
  }

  @Test
  void externalNetworkThatIsMissingIsNamed() throws IOException {
    write(PROJECT + "networks:\n  default:\n    name: office\n    external: true\n");

    assertThatThrownBy(this::up)
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("docker-compose.yml")
        .hasMessageContaining("networks.default")
        .hasMessageContaining("'office'")
        .hasMessageContaining("create it first");
  }

  @Test
  void conditionThatIsNotRunIsRefused() throws IOException {
    write(
        PROJECT.replace(
            "depends_on: [n1]", "depends_on: {n1: {condition: service_completed_successfully}}"));

    assertThatThrownBy(this::up)
        .isInstanceOf(UserMistakeException.class)
        .hasMessageContaining("docker-compose.yml")
        .hasMessageContaining("services.helper.depends_on.n1.condition");
    assertThat(engine.isEmpty()).isTrue();
  }

  @Test
  void takenPortAndNetworkAreToldApart() throws IOException {
    engine.withForeignPort(40222);
    assertThatThrownBy(this::up)
        .isInstanceOfSatisfying(
            AllocationTakenException.class,
            e -> assertThat(e.what()).isEqualTo(new Taken(Set.of(), Set.of(40222, 40080))));

    write(PROJECT + "networks:\n  default:\n    ipam: {config: [{subnet: 198.18.9.0/24}]}\n");
    engine.createNetwork(
        new io.github.slurmmaven.engine.NetworkDefinition(
            "foreign", Optional.of("198.18.9.0/24"), Optional.empty(), Map.of()));
    assertThatThrownBy(this::up)
        .isInstanceOfSatisfying(
            AllocationTakenException.class,
            e -> assertThat(e.what()).isEqualTo(new Taken(Set.of("198.18.9.0/24"), Set.of())));
  }

  @Test
  void allocationKeepsWhatItHadAndAvoidsWhatIsTaken() {
    Allocation first =
        backend
            .planner()
            .allocate(
                id,
                new TestParameters().with("port", 0).toDefinition(),
                Optional.empty(),
                Taken.NOTHING);

    assertThat(
            backend
                .planner()
                .allocate(
                    id,
                    new TestParameters().with("port", 0).toDefinition(),
                    Optional.of(first),
                    Taken.NOTHING))
        .isEqualTo(first);
    Allocation next =
        backend
            .planner()
            .allocate(
                id,
                new TestParameters().with("port", 0).toDefinition(),
                Optional.of(first),
                Taken.NOTHING.and(new Taken(Set.of(choice(first).subnet() + ".0/24"), Set.of())));
    assertThat(choice(next).subnet()).isNotEqualTo(choice(first).subnet());
    assertThat(choice(next).sshPort()).isEqualTo(choice(first).sshPort());
  }

  private static Allocation.Containers choice(Allocation allocation) {
    return (Allocation.Containers) allocation;
  }

  @Test
  void sshAndRegistryNeverGetTheSamePort() {
    // On another machine, where nothing of this one's ports matters.
    engine.withInfo(
        new EngineInfo("Fake 1", "1.44", "tcp (test)", "192.0.2.7", "amd64", 4, 1L << 30));
    Allocation sshNamed =
        backend
            .planner()
            .allocate(
                id,
                new TestParameters().with("withRegistry", true).with("port", 5000).toDefinition(),
                Optional.empty(),
                Taken.NOTHING);
    assertThat(choice(sshNamed).sshPort()).isEqualTo(5000);
    assertThat(choice(sshNamed).registryPort()).isNotEqualTo(5000);

    Allocation registryNamed =
        backend
            .planner()
            .allocate(
                id,
                new TestParameters()
                    .with("withRegistry", true)
                    .with("registryPort", 2222)
                    .toDefinition(),
                Optional.empty(),
                Taken.NOTHING);
    assertThat(choice(registryNamed).registryPort()).isEqualTo(2222);
    assertThat(choice(registryNamed).sshPort()).isNotEqualTo(2222);

    assertThatThrownBy(
            () ->
                backend
                    .planner()
                    .allocate(
                        id,
                        new TestParameters()
                            .with("withRegistry", true)
                            .with("port", 3333)
                            .with("registryPort", 3333)
                            .toDefinition(),
                        Optional.empty(),
                        Taken.NOTHING))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("registryPort: '3333'")
        .hasMessageContaining("SSH");
  }

  @Test
  void clustersAreFoundInAnyDirectory() {
    up();
    ClusterId other = new ClusterId("other", id.directory().resolveSibling("gone"));
    engine.createContainer(
        ContainerDefinitions.container("left-over", "node:1")
            .labels(
                Map.of(
                    "io.github.slurmmaven.cluster", "other",
                    "io.github.slurmmaven.directory", other.directory().toString(),
                    "io.github.slurmmaven.node", "n1",
                    "io.github.slurmmaven.role", "compute"))
            .build());

    assertThat(backend.inventory().clusters())
        .extracting(ClusterSummary::id)
        .containsExactlyInAnyOrder(id, other);
    assertThat(backend.inventory().clusters())
        .filteredOn(cluster -> cluster.id().equals(id))
        .singleElement()
        .satisfies(
            cluster -> {
              assertThat(cluster.owner()).isEqualTo(Owner.byHand());
              assertThat(cluster.createdAt()).isPresent();
              assertThat(cluster.nodes())
                  .extracting(BackendNode::name)
                  .containsExactly("head", "n1");
            });
  }

  @Test
  void ownersAreToldWithoutALookAtStoppedNodes() {
    up();
    backend.provisioner().stop(id);
    long looks = looks();

    assertThat(backend.inventory().owners()).containsExactly(Map.entry(id, Owner.byHand()));
    assertThat(looks()).isEqualTo(looks);
  }

  private long looks() {
    return engine.calls().stream()
        .filter(call -> call.operation() == Operation.INSPECT_CONTAINER)
        .count();
  }

  @Test
  void placeIsDescribed() {
    assertThat(backend.description()).isEqualTo("Fake Engine 1.0 (API 1.44) at memory (test)");
  }
}
