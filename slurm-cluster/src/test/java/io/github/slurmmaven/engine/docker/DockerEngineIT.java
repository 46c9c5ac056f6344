/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static io.github.slurmmaven.engine.ContainerDefinitions.container;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Image;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerDefinition.HealthCheck;
import io.github.slurmmaven.engine.ContainerDefinition.Mount;
import io.github.slurmmaven.engine.ContainerDefinition.NetworkAttachment;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerEngine.Subscription;
import io.github.slurmmaven.engine.ContainerEngineContract;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.ExecCommand;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.NetworkDefinition;
import io.github.slurmmaven.engine.TestTerminal;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.terminal.Terminal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("docker")
class DockerEngineIT extends ContainerEngineContract {

  private static final String LABEL = "io.github.slurmmaven.contract-image";
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
  private static final String IMAGE = "slurm-engine-contract:" + RUN;

  /** Some of the kernel's numbers for them. */
  private static final Map<Capability, Integer> CAPABILITIES =
      Map.of(
          Capability.SYS_PTRACE, 19,
          Capability.SYS_NICE, 23,
          Capability.MKNOD, 27,
          Capability.AUDIT_WRITE, 29);

  private final List<ServerSocket> foreign = new ArrayList<>();
  private final CountDownLatch pushHasCome = new CountDownLatch(1);
  private final List<RegistryEnd> registries = new ArrayList<>();

  @BeforeAll
  static void buildImage() {
    try (DockerEngine engine = DockerEngine.connect(Environment.system())) {
      engine.buildImage(
          build(IMAGE, "FROM debian:12-slim\nENV FROM_IMAGE=yes\n", Map.of()), line -> {});
    }
  }

  @AfterAll
  static void removeImages() throws Exception {
    try (DockerClient raw = RawClient.connect()) {
      for (Image image : raw.listImagesCmd().withLabelFilter(Map.of(LABEL, RUN)).exec()) {
        raw.removeImageCmd(image.getId()).withForce(true).exec();
      }
    }
  }

  @AfterEach
  void freePorts() throws Exception {
    for (RegistryEnd registry : registries) {
      registry.close();
    }
    for (ServerSocket socket : foreign) {
      socket.close();
    }
  }

  @Override
  protected ContainerEngine connect() {
    return DockerEngine.connect(Environment.system());
  }

  @Override
  protected String image() {
    return IMAGE;
  }

  @Override
  protected void commandAnswers(List<String> command, CommandResult result) {}

  @Override
  protected void mainProcessWrites(String name, String log) {}

  @Override
  protected void mainProcessWritesNow(String id, String line) {
    sh(id, "echo " + line + " > /proc/1/fd/1");
  }

  @Override
  protected void terminalSession(Function<Terminal, Integer> session) {}

  @Override
  protected void mainProcessEnds(String name, int exitCode) {}

  @Override
  protected String registry() throws Exception {
    String network =
        engine.createNetwork(
            new NetworkDefinition(name("registry"), Optional.empty(), Optional.empty(), labels));
    String id =
        started(
            container(name("registry"), "registry:2")
                .labels(labels)
                .network(network)
                .port(0, 5000));
    int port = engine.inspectContainer(id).ports().get(0).hostPort();
    String address = "localhost:" + port;
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + "/v2/")).build();
    Instant deadline = Instant.now().plusSeconds(20);
    while (!answers(client, request)) {
      assertThat(Instant.now()).as("the registry answers").isBefore(deadline);
      Thread.sleep(50);
    }
    return address;
  }

  private static boolean answers(HttpClient client, HttpRequest request)
      throws InterruptedException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  protected String refusingRegistry() throws Exception {
    RegistryEnd end = RegistryEnd.refusing();
    registries.add(end);
    return end.address();
  }

  @Override
  protected String silentRegistry() throws Exception {
    RegistryEnd end = RegistryEnd.silent(pushHasCome);
    registries.add(end);
    return end.address();
  }

  @Override
  protected void awaitPush() throws Exception {
    assertThat(pushHasCome.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Override
  protected int takeForeignPort() throws Exception {
    ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    foreign.add(socket);
    return socket.getLocalPort();
  }

  private static ImageBuild build(String tag, String dockerfile, Map<String, String> buildArgs) {
    return new ImageBuild(
        tag,
        Map.of("Dockerfile", dockerfile.getBytes(UTF_8), "sub/file", "content\n".getBytes(UTF_8)),
        "Dockerfile",
        "",
        buildArgs,
        Map.of(LABEL, RUN));
  }

  private static ImageBuild target(ImageBuild build, String target) {
    return new ImageBuild(
        build.tag(), build.files(), build.dockerfile(), target, build.buildArgs(), build.labels());
  }

  private List<Capability> capabilities(String id) {
    long mask = Long.parseLong(sh(id, "sed -n 's/CapBnd:.//p' /proc/1/status"), 16);
    return CAPABILITIES.entrySet().stream()
        .filter(each -> (mask >> each.getValue() & 1) == 1)
        .map(Map.Entry::getKey)
        .toList();
  }

  private String sh(String id, String script) {
    CommandResult result =
        engine.exec(id, ExecCommand.asRoot("sh", "-c", script), line -> {}, Duration.ofSeconds(20));
    assertThat(result.ok()).as("%s", result).isTrue();
    return result.stdout().strip();
  }

  @Test
  void buildsWithFilesArgumentsAndTargetAndFromItsCacheTheSecondTime() {
    String dockerfile =
        """
        FROM debian:12-slim AS one
        ARG WORD
        COPY sub/file /file
        RUN cat /file; stat -c 'mode %a' /file; echo word $WORD
        FROM one AS two
        RUN echo two
        """;
    ImageBuild first =
        target(build("slurm-engine-contract:x" + RUN, dockerfile, Map.of("WORD", RUN)), "one");
    List<String> output = new ArrayList<>();
    engine.buildImage(first, output::add);

    assertThat(output)
        .contains("content", "mode 644", "word " + RUN)
        .doesNotContain("two")
        .anyMatch(line -> line.startsWith("Step 1/"));

    output.clear();
    engine.buildImage(first, output::add);

    assertThat(output)
        .anyMatch(line -> line.contains("> Using cache"))
        .doesNotContain("word " + RUN);
  }

  @Test
  void failedBuildShowsTheStepAndItsLastOutput() {
    String dockerfile =
        """
        FROM debian:12-slim
        RUN echo before
        RUN for i in $(seq 1 30); do echo line $i; done; sleep 0.3; echo oops >&2; exit 7
        """;

    EngineException failure =
        failure(
            () ->
                engine.buildImage(
                    build("slurm-engine-contract:y" + RUN, dockerfile, Map.of()), line -> {}));

    assertThat(failure.kind()).isEqualTo(Kind.BUILD_FAILED);
    assertThat(failure)
        .hasMessageStartingWith("cannot build image slurm-engine-contract:y" + RUN + ": ")
        .hasMessageFindingMatch("returned a non-zero code: 7|exit status 7")
        .hasMessageContaining("Step 3/")
        .hasMessageContaining("\n  line 30")
        .hasMessageContaining("\n  oops")
        .hasMessageNotContaining("line 5\n")
        .hasMessageNotContaining("Removing intermediate container")
        .hasMessageNotContaining("before");
  }

  @Test
  void dockerfileThatCannotBeParsedIsABuildFailure() {
    EngineException failure =
        failure(
            () ->
                engine.buildImage(
                    build(
                        "slurm-engine-contract:z" + RUN, "FROM debian:12-slim\nJUMP 1\n", Map.of()),
                    line -> {}));

    assertThat(failure.kind()).isEqualTo(Kind.BUILD_FAILED);
    assertThat(failure).hasMessageContaining("JUMP");
  }

  @Test
  void missingBindSourceIsAnError() {
    assumeMissingSourcesAreRefused();
    ContainerDefinition definition =
        withMount(sleeper("a").build(), new Mount(Mount.Kind.BIND, "/no/such/path", "/x", true));

    EngineException failure = failure(() -> engine.createContainer(definition));

    assertThat(failure).hasMessageContaining("/no/such/path");
  }

  @Test
  void contentOfVolumesOutlivesContainers() {
    engine.createVolume(name("volume"), labels);
    String first = started(sleeper("a").volume(name("volume"), "/data"));
    sh(first, "echo kept > /data/file");
    engine.removeContainer(first);

    String second = started(sleeper("b").volume(name("volume"), "/data"));

    assertThat(sh(second, "cat /data/file")).isEqualTo("kept");
  }

  @Test
  void commandThatDoesNotEndIsGivenUp() {
    String id = started(sleeper("a"));
    Instant before = Instant.now();

    EngineException failure =
        failure(
            () ->
                engine.exec(
                    id, ExecCommand.asRoot("sleep", "600"), line -> {}, Duration.ofMillis(500)));

    assertThat(failure.kind()).isEqualTo(Kind.OTHER);
    assertThat(failure).hasMessageContaining("'sleep 600'").hasMessageContaining("within 0.5 s");
    assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(100));
  }

  @Test
  void commandThatDoesNotExistFails() {
    String id = started(sleeper("a"));

    CommandResult result =
        engine.exec(id, ExecCommand.asRoot("no-such"), line -> {}, Duration.ofSeconds(10));

    assertThat(result.exitCode()).isIn(126, 127);
    assertThat(result.stdout() + result.stderr()).contains("no-such");
  }

  @Test
  void manyWatchesAndRequestsAtOnce() {
    String id = started(sleeper("a"));
    List<Subscription> watches = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      watches.add(engine.watchExit(id, code -> {}));
    }
    List<String> answers = new ArrayList<>();
    try {
      java.util.stream.IntStream.range(0, 40)
          .parallel()
          .mapToObj(i -> sh(id, "echo " + i))
          .forEachOrdered(answers::add);
    } finally {
      watches.forEach(Subscription::close);
    }

    assertThat(answers).hasSize(40).contains("0", "39");
  }

  @Test
  void leavesNoThreadBehind() throws Exception {
    String id = started(sleeper("a"));
    awaitLog(id, "up");
    TestTerminal terminal = new TestTerminal();
    try (ContainerEngine other = connect()) {
      other.info();
      other.watchExit(id, code -> {});
      other.watchExit(id, code -> {}).close();
      other.exec(id, ExecCommand.asRoot("true"), line -> {}, Duration.ofSeconds(10));
      other.terminal(id, ExecCommand.asRoot("true"), terminal);
      other.copyFrom(id, "/etc", tar -> tar.read());
      Thread.currentThread().interrupt();
      other.logs(id, LogRequest.all().following(), line -> {});
      assertThat(Thread.interrupted()).isTrue();
    }
    // Only now: a keyboard cannot be interrupted, and its reader waits for a key.
    terminal.hangUp();
    engine.close();

    try {
      Instant deadline = Instant.now().plusSeconds(30);
      List<String> left;
      do {
        Thread.sleep(50);
        left =
            Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("docker-java") || name.startsWith("engine-request"))
                .toList();
      } while (!left.isEmpty() && Instant.now().isBefore(deadline));
      assertThat(left).isEmpty();
    } finally {
      engine = connect();
    }
  }

  @Test
  void everyFieldOfASpecificationArrives(@TempDir Path directory) throws Exception {
    Files.writeString(directory.resolve("hello"), "from the host");
    String subnet = freeSubnet();
    engine.createNetwork(
        new io.github.slurmmaven.engine.NetworkDefinition(
            name("one"),
            Optional.of(subnet),
            Optional.of(subnet.replace(".0/24", ".254")),
            labels));
    network(name("two"));
    ContainerDefinition definition =
        new ContainerDefinition(
            name("all"),
            image(),
            Optional.of("headnode"),
            Optional.of(List.of("sh", "-c")),
            Optional.of(List.of("trap 'exit 0' USR1; echo up; sleep 600 & wait")),
            Optional.of("daemon"),
            Optional.of("/var"),
            Map.of("A", "b=c d"),
            labels,
            List.of(
                new Mount(Mount.Kind.BIND, directory.toString(), "/host", true),
                new Mount(Mount.Kind.VOLUME, name("volume"), "/volume", false),
                new Mount(Mount.Kind.TMPFS, "", "/scratch", false),
                new Mount(Mount.Kind.TMPFS, "size=8m,mode=1777", "/small", false)),
            List.of(
                new PortBinding("127.0.0.1", 0, 22, "tcp"),
                new PortBinding("127.0.0.1", 0, 53, "udp")),
            List.of(
                new NetworkAttachment(
                    name("one"), List.of("head"), Optional.of(subnet.replace(".0/24", ".9"))),
                new NetworkAttachment(name("two"), List.of("second"), Optional.empty())),
            Map.of("any4", "0.0.0.0"),
            List.of("192.0.2.1"),
            List.of("SYS_NICE", "CAP_SYS_PTRACE"),
            List.of("MKNOD"),
            List.of("no-new-privileges:true"),
            List.of("/dev/null:/dev/fake:rw"),
            OptionalDouble.of(0.5),
            OptionalLong.of(64L << 20),
            OptionalLong.of(100),
            OptionalLong.of(16L << 20),
            Optional.of("SIGUSR1"),
            OptionalInt.of(7),
            Optional.of("on-failure:3"),
            false,
            false,
            Optional.of(
                new HealthCheck(
                    List.of("CMD", "true"), 2_000_000_000L, 1_000_000_000L, 4, 3_000_000_000L)));

    String id = engine.createContainer(definition);
    engine.startContainer(id);
    awaitLog(id, "up");

    InspectContainerResponse seen;
    try (DockerClient raw = RawClient.connect()) {
      seen = raw.inspectContainerCmd(id).exec();
    }
    HostConfig host = seen.getHostConfig();
    assertThat(host.getNanoCPUs()).isEqualTo(500_000_000L);
    assertThat(host.getMemory()).isEqualTo(64L << 20);
    assertThat(host.getPidsLimit()).isEqualTo(100);
    assertThat(host.getShmSize()).isEqualTo(16L << 20);
    assertThat(host.getSecurityOpts()).singleElement(as(STRING)).startsWith("no-new-privileges");
    assertThat(host.getRestartPolicy()).hasToString("on-failure:3");
    assertThat(host.getPrivileged()).isFalse();
    assertThat(host.getInit()).isNull();
    JsonNode config = RawClient.inspect(id).path("Config");
    assertThat(config.path("StopSignal").textValue()).isIn("SIGUSR1", "10");
    assertThat(config.path("StopTimeout").intValue()).isEqualTo(7);
    assertThat(seen.getConfig().getHealthcheck())
        .returns(List.of("CMD", "true"), check -> check.getTest())
        .returns(2_000_000_000L, check -> check.getInterval())
        .returns(1_000_000_000L, check -> check.getTimeout())
        .returns(4, check -> check.getRetries())
        .returns(3_000_000_000L, check -> check.getStartPeriod());
    assertThat(RawClient.inspect(id).path("NetworkSettings").path("Networks"))
        .hasSize(2)
        .anyMatch(network -> network.path("Aliases").toString().contains("\"head\""))
        .anyMatch(network -> network.path("Aliases").toString().contains("\"second\""));

    assertThat(engine.inspectContainer(id).addresses())
        .containsEntry(name("one"), subnet.replace(".0/24", ".9"))
        .containsKey(name("two"));
    assertThat(engine.inspectContainer(id).ports())
        .extracting(PortBinding::protocol)
        .containsExactlyInAnyOrder("tcp", "udp");
    assertThat(sh(id, "hostname; pwd; echo $A $FROM_IMAGE")).isEqualTo("headnode\n/var\nb=c d yes");
    assertThat(
            sh(id, "stat -c %U /proc/1; cat /host/hello; grep any4 /etc/hosts | tr -s '\\t' ' '"))
        .isEqualTo("daemon\nfrom the host0.0.0.0 any4");
    assertThat(sh(id, "grep -E ' (/host|/volume|/scratch|/small) ' /proc/mounts").lines())
        .hasSize(4)
        .anyMatch(line -> line.contains(" /host ") && line.contains(" ro"))
        .anyMatch(line -> line.startsWith("tmpfs /scratch tmpfs rw"))
        .anyMatch(line -> line.contains(" /small ") && line.contains("size=8192k"));
    assertThat(sh(id, "test -c /dev/fake && cat /sys/class/net/*/address | wc -l")).isEqualTo("3");
    assertThat(engine.listVolumes(Map.of())).anyMatch(v -> v.name().equals(name("volume")));

    // The actual values, not the reported ones: Podman has other defaults.
    assertThat(capabilities(id))
        .contains(Capability.SYS_NICE, Capability.SYS_PTRACE, Capability.AUDIT_WRITE)
        .doesNotContain(Capability.MKNOD);

    engine.stopContainer(id, Duration.ofSeconds(10));
    assertThat(engine.inspectContainer(id).exitCode()).isZero();
    engine.removeContainer(id);
    engine.removeVolume(name("volume"));
  }

  @Test
  void initAndPrivilegedArrive() throws Exception {
    ContainerDefinition plain = sleeper("a").build();
    ContainerDefinition definition =
        new ContainerDefinition(
            plain.name(),
            plain.image(),
            plain.hostname(),
            plain.entrypoint(),
            plain.command(),
            plain.user(),
            plain.workingDir(),
            plain.environment(),
            plain.labels(),
            plain.mounts(),
            plain.ports(),
            plain.networks(),
            plain.extraHosts(),
            List.of("192.0.2.1"),
            plain.capAdd(),
            plain.capDrop(),
            plain.securityOpt(),
            plain.devices(),
            plain.cpus(),
            plain.memory(),
            plain.pidsLimit(),
            plain.shmSize(),
            plain.stopSignal(),
            plain.stopTimeout(),
            Optional.of("unless-stopped"),
            true,
            true,
            plain.healthcheck());

    String id = engine.createContainer(definition);

    try (DockerClient raw = RawClient.connect()) {
      HostConfig host = raw.inspectContainerCmd(id).exec().getHostConfig();
      assertThat(host.getInit()).isTrue();
      assertThat(host.getPrivileged()).isTrue();
      assertThat(host.getDns()).containsExactly("192.0.2.1");
      assertThat(host.getRestartPolicy()).hasToString("unless-stopped");
    }
  }

  private static ContainerDefinition withMount(ContainerDefinition definition, Mount mount) {
    definition.mounts().add(mount);
    return definition;
  }
}
