/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.engine.ContainerDefinition;
import io.github.slurmmaven.engine.ContainerDefinitions;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.engine.EngineInfo;
import io.github.slurmmaven.engine.FakeContainerEngine.Operation;
import io.github.slurmmaven.engine.NetworkDefinition;
import io.github.slurmmaven.engine.NetworkSummary;
import io.github.slurmmaven.image.ClusterImages;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The façade on an engine in memory. */
@Timeout(120)
class SlurmClusterTest {

  private static final String NODE = "slurm";
  private static final String CONFIG = "config/slurm.conf";

  private final Path output;
  private final FakeBackend backend = new FakeBackend();

  SlurmClusterTest(@TempDir Path temporary) {
    output = temporary.resolve(".slurm-cluster");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private ClusterRequest.Builder builder() {
    return backend.cluster(output);
  }

  private ClusterRequest request() {
    return builder().build();
  }

  private SlurmCluster cluster() {
    return request().cluster();
  }

  private Path file(String name) {
    return cluster().directory().resolve(name);
  }

  private String read(String name) {
    try {
      return Files.readString(file(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void append(String name, String text) {
    try {
      Files.writeString(file(name), read(name) + text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All files with content, and when each was last written. */
  private Map<String, String> snapshot() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(cluster().directory())) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        files.put(
            path.toString(), Files.getLastModifiedTime(path) + Files.readString(path, ISO_8859_1));
      }
    }
    return files;
  }

  private String variable(String name) {
    Properties variables = new Properties();
    try (InputStream in = Files.newInputStream(file(".env"))) {
      variables.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return variables.getProperty(name);
  }

  private int port() {
    return Integer.parseInt(variable("SLURM_MAVEN_SSH_PORT"));
  }

  private String subnet() {
    return variable("SLURM_MAVEN_SUBNET") + ".0/24";
  }

  private void setPort(int port) throws IOException {
    Files.writeString(file(".env"), read(".env").replaceFirst("SSH_PORT=\\d+", "SSH_PORT=" + port));
  }

  private ContainerSummary container() {
    List<ContainerSummary> containers = backend.engine.listContainers(Map.of());
    assertThat(containers).hasSize(1);
    return containers.get(0);
  }

  private boolean running() {
    return backend.engine.inspectContainer(container().id()).running();
  }

  private ContainerDefinition definition() {
    return backend.engine.definitionOf(container().id());
  }

  private long count(Operation operation) {
    return backend.engine.calls().stream().filter(call -> call.operation() == operation).count();
  }

  private long nodeImagesBuilt() {
    return backend.engine.builds().stream()
        .filter(build -> build.tag().startsWith(ClusterImages.REPOSITORY + ":"))
        .count();
  }

  private static ServerSocket take(int port) throws IOException {
    return new ServerSocket(port, 5, InetAddress.getLoopbackAddress());
  }

  /** A free port that the system does not assign to a request for any port. */
  private static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
      try (ServerSocket socket = take(port)) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Taken: another one, then.
        continue;
      }
    }
  }

  private static EngineException refusal() {
    return new EngineException(Kind.OTHER, "the engine says no", null);
  }

  /** Commands in nodes never end, as when Slurm does not come up. */
  private void neverReady() {
    backend.engine.onExec(
        (node, command) -> {
          if (command.command().contains("node")) {
            return new CommandResult(0, "NodeName=slurm State=UNKNOWN CfgTRES=cpu=4\n", "");
          }
          return untilInterrupted();
        });
  }

  private static CommandResult untilInterrupted() {
    try {
      Thread.sleep(TimeUnit.MINUTES.toMillis(5));
      throw new AssertionError("nobody interrupted the command");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException(Kind.OTHER, "interrupted", e);
    }
  }

  private SlurmClusterException startFails(ClusterRequest request) {
    SlurmClusterException failure =
        catchThrowableOfType(SlurmClusterException.class, request::start);
    assertThat(failure).as("SlurmClusterException").isNotNull();
    return failure;
  }

  @Nested
  @DisplayName("Parameters")
  class Parameters {

    @Test
    void areCheckedBeforeAnythingIsTouched() {
      assertThatThrownBy(() -> builder().name("a/b").build())
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageStartingWith("name: 'a/b' is not a name");
      assertThatThrownBy(() -> builder().preset("none").build())
          .isInstanceOf(InvalidParameterException.class);
      assertThat(output).doesNotExist();
      assertThat(backend.engine.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1})
    void timeoutIsPositive(long seconds) {
      assertThatThrownBy(() -> builder().timeout(Duration.ofSeconds(seconds)).build())
          .isInstanceOf(InvalidParameterException.class)
          .hasMessage("timeout: '" + seconds + "' is too small: use 1 second or more");
    }

    @Test
    void directoryIsAbsoluteAndBearsTheName() {
      ClusterRequest clusterRequest =
          builder().outputDirectory(Path.of("a/../target/clusters")).name("mine").build();
      SlurmCluster cluster = clusterRequest.cluster();

      assertThat(cluster.name()).isEqualTo("mine");
      assertThat(cluster.directory())
          .isEqualTo(Path.of("target/clusters/mine").toAbsolutePath().normalize());
    }
  }

  @Nested
  @DisplayName("create")
  class Create {

    @Test
    void writesTheFilesAndRunsNothing() {
      assertThat(request().create()).isTrue();

      assertThat(cluster().directory())
          .isDirectoryRecursivelyContaining("glob:**/docker-compose.yml")
          .isDirectoryRecursivelyContaining("glob:**/cluster.yaml")
          .isDirectoryRecursivelyContaining("glob:**/config/slurm.conf")
          .isDirectoryRecursivelyContaining("glob:**/ssh/id_ed25519");
      assertThat(file(".gitignore")).hasContent("*");
      assertThat(backend.engine.isEmpty()).isTrue();
      assertThat(cluster().connection()).isEmpty();
      assertThat(nodeImagesBuilt()).isEqualTo(1);
    }

    @Test
    void twiceIsOnce() throws IOException {
      request().create();
      Map<String, String> before = snapshot();

      assertThat(request().create()).isFalse();

      assertThat(snapshot().keySet()).isEqualTo(before.keySet());
      for (String name : List.of("docker-compose.yml", ".env", CONFIG, "cluster.yaml")) {
        String path = file(name).toString();
        assertThat(snapshot().get(path)).isEqualTo(before.get(path));
      }
      assertThat(snapshot().get(file("ssh/id_ed25519").toString()))
          .isEqualTo(before.get(file("ssh/id_ed25519").toString()));
      assertThat(nodeImagesBuilt()).isEqualTo(1);
    }

    @Test
    void otherParametersRenderAnewAndKeepTheKeys() throws IOException {
      request().create();
      String key = read("ssh/id_ed25519");

      assertThat(builder().nodes(nodes -> nodes.cpusPerNode(2)).build().create()).isTrue();

      assertThat(read(CONFIG)).contains("CPUs=2 ");
      assertThat(read("cluster.yaml")).contains("cpus: 2");
      assertThat(read("ssh/id_ed25519")).isEqualTo(key);
    }

    @Test
    void reusedIsTakenAsItIs() throws IOException {
      builder().preset("gpu").build().create();
      Map<String, String> before = snapshot();

      assertThat(builder().reuse(true).build().create()).isFalse();
      assertThatThrownBy(
              () -> builder().reuse(true).nodes(nodes -> nodes.cpusPerNode(2)).build().create())
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageStartingWith("cpusPerNode: '2' is not what the existing cluster has (4)");

      assertThat(snapshot()).isEqualTo(before);
    }

    @Test
    void editByHandStaysWhileParametersStay() {
      request().create();
      append(CONFIG, "# mine\n");

      assertThat(request().create()).isFalse();

      assertThat(read(CONFIG)).endsWith("# mine\n");
    }

    @Test
    void editByHandStaysWhenOnlyOtherFilesChange() {
      request().create();
      append("config/gres.conf", "# mine\n");

      assertThat(builder().nodes(nodes -> nodes.cpusPerNode(2)).build().create()).isTrue();

      assertThat(read("config/gres.conf")).endsWith("# mine\n");
      assertThat(read(CONFIG)).contains("CPUs=2 ");
    }

    @Test
    void editByHandAndOtherParametersAreRefusedNamingTheFiles() throws IOException {
      request().create();
      append(CONFIG, "# mine\n");
      append("docker-compose.yml", "# mine\n");
      Map<String, String> before = snapshot();

      assertThatThrownBy(() -> builder().nodes(nodes -> nodes.cpusPerNode(2)).build().create())
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining(cluster().directory().toString())
          .hasMessageContaining(CONFIG)
          .hasMessageContaining("docker-compose.yml")
          .hasMessageContaining("were edited by hand")
          .hasMessageContaining("-Dslurm.force");

      assertThat(snapshot()).isEqualTo(before);
    }

    @Test
    void forceOverwritesTheEdit() {
      request().create();
      append(CONFIG, "# mine\n");

      assertThat(builder().nodes(nodes -> nodes.cpusPerNode(2)).force(true).build().create())
          .isTrue();

      assertThat(read(CONFIG)).contains("CPUs=2 ").doesNotContain("# mine");
    }

    @Test
    void forceTakesAnEditBackUnderTheSameParametersToo() {
      request().create();
      String rendered = read(CONFIG);
      append(CONFIG, "# mine\n");

      assertThat(builder().force(true).build().create()).isTrue();

      assertThat(read(CONFIG)).isEqualTo(rendered);
    }

    @Test
    void fileRemovedByHandComesBack() throws IOException {
      request().create();
      Files.delete(file(CONFIG));

      assertThat(request().create()).isTrue();

      assertThat(file(CONFIG)).exists();
    }

    @Test
    void portEditedByHandStaysAnEdit() throws IOException {
      request().create();
      int mine = freePort();
      setPort(mine);

      request().create();
      assertThat(port()).isEqualTo(mine);
      try (ServerSocket foreign = take(mine)) {
        assertThatThrownBy(() -> request().start())
            .isInstanceOf(UserMistakeException.class)
            .hasMessageContaining(".env was edited by hand");
      }

      assertThat(port()).isEqualTo(mine);
    }

    @Test
    void foreignDirectoryIsNeitherOverwrittenNorDeleted() throws IOException {
      Path thesis = file("thesis.tex");
      Files.createDirectories(thesis.getParent());
      Files.writeString(thesis, "years of work");
      Files.writeString(file("cluster.yaml"), "of another program");

      assertThatThrownBy(() -> request().create())
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining(cluster().directory() + " contains files that are not a cluster's");
      assertThatThrownBy(() -> request().start()).isInstanceOf(UserMistakeException.class);
      assertThatThrownBy(() -> cluster().destroy())
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining("so nothing was removed");

      assertThat(thesis).hasContent("years of work");
      assertThat(file("cluster.yaml")).hasContent("of another program");
      assertThat(cluster().directory().toFile().list()).hasSize(2);
    }

    @Test
    void emptyDirectoryIsTaken() throws IOException {
      Files.createDirectories(cluster().directory());

      assertThat(request().create()).isTrue();
    }

    @Test
    void fileInPlaceOfTheDirectoryIsNamed() throws IOException {
      Files.writeString(output, "a file");

      assertThatThrownBy(() -> request().create())
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith("outputDirectory: ")
          .hasMessageContaining(cluster().directory().toString());
      assertThat(output).hasContent("a file");
    }

    @Test
    void directoryThatCannotBeWrittenIsNamed() throws IOException {
      Files.createDirectories(output);
      Files.setPosixFilePermissions(output, PosixFilePermissions.fromString("r-xr-xr-x"));
      try {
        assumeFalse(Files.isWritable(output), "root may write everywhere");

        assertThatThrownBy(() -> request().create())
            .isInstanceOf(UserMistakeException.class)
            .hasMessageStartingWith("outputDirectory: ")
            .hasMessageContaining(output.toString())
            .hasMessageContaining("permission denied (");
      } finally {
        Files.setPosixFilePermissions(output, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }

    @Test
    void imageIsPulledWhereOneIsNamed() {
      backend.engine.withPullableImage("registry.example.org/slurm:1");

      builder().image("registry.example.org/slurm:1").build().create();

      assertThat(count(Operation.BUILD_IMAGE)).isZero();
      assertThat(backend.engine.findImage("registry.example.org/slurm:1")).isPresent();
    }

    @Test
    void imageThatCannotBeBuiltIsTheEnginesWords() {
      backend.engine.failNext(
          Operation.BUILD_IMAGE,
          new EngineException(Kind.BUILD_FAILED, "Step 3/9 : RUN false: exit code 1", null));

      assertThatThrownBy(() -> request().create())
          .isInstanceOf(SlurmClusterException.class)
          .hasMessageContaining("Step 3/9");
      assertThat(backend.engine.isEmpty()).isTrue();
      assertThat(cluster().directory()).doesNotExist();
      assertThat(request().create()).isTrue();
    }

    @Test
    void moreNodesThanTheEngineHasMemoryForAreRefusedBeforeAnythingIsMade() {
      backend.engine.withInfo(
          new EngineInfo("Fake Engine 1.0", "1.44", "memory", "127.0.0.1", "amd64", 2, 128L << 20));
      ClusterRequest clusterRequest = builder().nodes(nodes -> nodes.cpuNodes(4)).build();
      SlurmCluster cluster = clusterRequest.cluster();

      assertThatThrownBy(clusterRequest::create)
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining("5 nodes need about 160 MB")
          .hasMessageContaining("128 MB");
      assertThat(cluster.directory()).doesNotExist();
      assertThat(backend.engine.isEmpty()).isTrue();
    }

    @Test
    void limitsAreClampedWithOneWarning() {
      backend.engine.withInfo(
          new EngineInfo("Fake Engine 1.0", "1.44", "memory", "127.0.0.1", "amd64", 2, 1L << 30));

      request().start();

      assertThat(backend.progress.warnings())
          .singleElement()
          .asString()
          .contains("4 CPUs to 2", "4096 MB of memory to 1024 MB");
      assertThat(definition().cpus()).hasValue(2);
      assertThat(definition().memory()).hasValue(1L << 30);
      assertThat(read(CONFIG)).contains("CPUs=4 RealMemory=4096");
    }
  }

  @Nested
  @DisplayName("Secrets")
  class Secrets {

    @Test
    void areForTheirOwnerOnly() throws IOException {
      request().create();

      Set<PosixFilePermission> ownerOnly = PosixFilePermissions.fromString("rw-------");
      for (String secret :
          List.of(
              "secrets/munge.key",
              "secrets/ssh_host_ed25519_key",
              "secrets/ssh_host_ecdsa_key",
              "ssh/id_ed25519")) {
        assertThat(Files.getPosixFilePermissions(file(secret))).as(secret).isEqualTo(ownerOnly);
      }
      for (String directory : List.of("", "secrets", "ssh")) {
        assertThat(Files.getPosixFilePermissions(file(directory)))
            .as("directory %s", directory)
            .isEqualTo(PosixFilePermissions.fromString("rwx------"));
      }
      assertThat(Files.size(file("secrets/munge.key"))).isEqualTo(128);
    }

    @Test
    void hostKeyMayHaveTheCommentOfAnotherProgram() throws IOException {
      request().create();
      Path hostKey = file("secrets/ssh_host_ed25519_key.pub");
      String key = Files.readString(hostKey).strip();
      Files.writeString(hostKey, key + " root@machine-of-an-administrator\n");

      request().start();

      assertThat(read("ssh/known_hosts").lines()).anyMatch(line -> line.endsWith(" " + key));
    }

    @Test
    void invalidHostKeyIsAMistake() throws IOException {
      request().create();
      Path hostKey = Files.writeString(file("secrets/ssh_host_ed25519_key.pub"), "none\n");

      assertThatThrownBy(() -> request().start())
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith(hostKey + " contains no public key");
      assertThat(backend.engine.listContainers(Map.of())).isEmpty();
    }

    @Test
    void areNeverTold() {
      Connection connection = request().start();

      List<String> secrets = new ArrayList<>();
      for (String name :
          List.of("secrets/ssh_host_ed25519_key", "secrets/ssh_host_ecdsa_key", "ssh/id_ed25519")) {
        secrets.add(read(name).lines().skip(2).findFirst().orElseThrow());
      }
      List<String> told = backend.progress.everything();
      told.add(connection.toString());
      assertThat(told).isNotEmpty();
      for (String secret : secrets) {
        assertThat(told).noneMatch(line -> line.contains(secret));
      }
    }

    @Test
    void differFromClusterToCluster() throws IOException {
      request().create();
      builder().name("other").build().create();

      for (String name : List.of("secrets/munge.key", "ssh/id_ed25519")) {
        assertThat(file(name))
            .content(ISO_8859_1)
            .isNotEqualTo(
                new String(Files.readAllBytes(output.resolve("other").resolve(name)), ISO_8859_1));
      }
    }
  }

  @Nested
  @DisplayName("start")
  class Start {

    @Test
    void createsWhatIsMissingAndReturnsTheConnection() {
      Connection connection = request().start();

      assertThat(running()).isTrue();
      assertThat(connection.clusterName()).isEqualTo("slurm-test");
      assertThat(connection.directory()).isEqualTo(cluster().directory());
      assertThat(connection.partition()).isEqualTo("debug");
      assertThat(connection.slurmVersion()).isEqualTo("24.11");
      assertThat(connection.sshHost()).isEqualTo("127.0.0.1");
      assertThat(connection.sshPort()).isEqualTo(port());
      assertThat(connection.sshUser()).isEqualTo("slurm");
      assertThat(connection.sshPassword()).hasValue("slurm");
      assertThat(connection.sshPrivateKey()).isRegularFile();
      assertThat(connection.sshKnownHosts()).isRegularFile();
      assertThat(cluster().connection()).hasValue(connection);
    }

    @Test
    void asksAgainWhereTwoNodesGotInEachOthersWay() {
      backend.engine.failNext(
          Operation.CREATE_CONTAINER, new EngineException(Kind.RACE, "mkdir: file exists", null));

      request().start();

      assertThat(running()).isTrue();
      assertThat(count(Operation.CREATE_CONTAINER)).isEqualTo(2);
    }

    @Test
    void leavesFilesForOtherPrograms() throws IOException {
      Connection connection = builder().ssh(ssh -> ssh.passwordLogin(false)).build().start();

      assertThat(connection.sshPassword()).isEmpty();
      Properties properties = new Properties();
      try (InputStream in = Files.newInputStream(file("connection.properties"))) {
        properties.load(in);
      }
      assertThat(properties).containsExactlyInAnyOrderEntriesOf(connection.properties());
      assertThat(read("ssh/config"))
          .contains("Host slurm slurm-test\n", "Port " + connection.sshPort() + "\n");
      String address = "[127.0.0.1]:" + connection.sshPort() + " ";
      assertThat(read("ssh/known_hosts"))
          .isEqualTo(
              address
                  + read("secrets/ssh_host_ed25519_key.pub")
                  + address
                  + read("secrets/ssh_host_ecdsa_key.pub"));
    }

    @Test
    void clusterOfAnEarlierVersionHasOneHostKey() throws IOException {
      request().create();
      Files.delete(file("secrets/ssh_host_ecdsa_key"));
      Files.delete(file("secrets/ssh_host_ecdsa_key.pub"));

      Connection connection = request().start();

      assertThat(read("ssh/known_hosts"))
          .isEqualTo(
              "[127.0.0.1]:"
                  + connection.sshPort()
                  + " "
                  + read("secrets/ssh_host_ed25519_key.pub"));
      assertThat(file("secrets/ssh_host_ecdsa_key")).doesNotExist();
    }

    @Test
    void labelsSayWhatItIs() {
      builder().owner(new Owner("build:7:8:host")).build().start();

      Map<String, String> identity =
          Map.of(
              "io.github.slurmmaven.cluster",
              "slurm-test",
              "io.github.slurmmaven.directory",
              cluster().directory().toString(),
              "io.github.slurmmaven.owner",
              "build:7:8:host");
      assertThat(definition().labels())
          .containsAllEntriesOf(identity)
          .containsEntry("io.github.slurmmaven.node", NODE)
          .containsEntry("io.github.slurmmaven.role", "all-in-one")
          .containsEntry("com.docker.compose.service", NODE)
          .containsKeys("io.github.slurmmaven.created-at", "com.docker.compose.project");
      assertThat(backend.engine.listNetworks())
          .singleElement()
          .satisfies(
              network ->
                  assertThat(network.labels())
                      .containsAllEntriesOf(identity)
                      .containsEntry("com.docker.compose.network", "default"));
      assertThat(backend.engine.listVolumes(identity))
          .isNotEmpty()
          .allSatisfy(
              volume -> assertThat(volume.labels()).containsKey("com.docker.compose.volume"));
    }

    @Test
    void twiceIsOnce() {
      Connection first = request().start();
      String id = container().id();

      assertThat(request().start()).isEqualTo(first);

      assertThat(container().id()).isEqualTo(id);
      assertThat(count(Operation.CREATE_CONTAINER)).isEqualTo(1);
      assertThat(count(Operation.CREATE_NETWORK)).isEqualTo(1);
      assertThat(backend.progress.steps())
          .filteredOn(step -> step.contains("node"))
          .satisfiesExactly(
              step -> assertThat(step).startsWith("1 node started in "),
              step -> assertThat(step).isEqualTo("1 node already ran"));
    }

    @Test
    void correctedDefinitionIsRenderedAnewAfterAStartThatFailed() throws IOException {
      Files.createDirectories(output);
      Path definition = Files.writeString(output.resolve("my.yaml"), "preset: gpu\n");
      backend.engine.failNext(Operation.START_CONTAINER, refusal());
      startFails(builder().definition(definition).build());
      Files.writeString(definition, "preset: gpu\nslurm_conf: [MaxJobCount=7]\n");

      builder().definition(definition).build().start();

      assertThat(read(CONFIG)).contains("MaxJobCount=7");
      // One that runs stays what it is.
      Files.writeString(definition, "preset: gpu\nslurm_conf: [MaxJobCount=8]\n");
      assertThatThrownBy(() -> builder().definition(definition).build().start())
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageContaining("is not what the existing cluster has (another definition)");
    }

    @Test
    void otherPresetIsRenderedAnewWhereNothingRanYet() {
      builder().preset("gpu").build().create();

      builder().preset("cpu").build().start();

      assertThat(read("cluster.yaml")).contains("preset: cpu");
    }

    @Test
    void aReleaseThatIsNewerThanAllKnownIsTakenForTheNewestWithAWarning() {
      backend.engine.withImage("own/slurm:27");
      ClusterRequest request = builder().slurmVersion("27.05.1").image("own/slurm:27").build();

      request.create();

      assertThat(backend.progress.warnings())
          .anyMatch(line -> line.startsWith("Slurm 27.05.1 is newer than 26.05, the newest that"));
      assertThat(request.directory().resolve("docker-compose.yml"))
          .content()
          .contains("image: \"own/slurm:27\"", "SLURM_RELEASE: \"27.05.1\"");
      assertThat(request.directory().resolve("config/cgroup.conf"))
          .content()
          .contains("CgroupPlugin=disabled");
    }

    @Test
    void aReleaseLineThatUpstreamHasNoArchiveOfIsRefused() {
      ClusterRequest request = builder().slurmVersion("25.11").build();

      assertThatThrownBy(request::create)
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageContaining("slurmVersion: '25.11' is a release line")
          .hasMessageContaining("name one, for example 25.11.1, or an archive with slurmSource");
      assertThat(request.directory()).doesNotExist();
    }

    @Test
    void parametersThatContradictTheExistingClusterAreRefused() {
      request().create();

      assertThatThrownBy(() -> builder().slurmVersion("22.05").build().start())
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageContaining("slurmVersion: '22.05'")
          .hasMessageContaining("(24.11)");
      assertThat(backend.engine.isEmpty()).isTrue();
      assertThatCode(() -> builder().slurmVersion("24.11").build().start())
          .doesNotThrowAnyException();
    }

    @Test
    void editedConfigurationIsReadWithoutANewContainer() throws IOException {
      request().start();
      String id = container().id();
      append(CONFIG, "# mine\n");
      long commands = count(Operation.EXEC);

      request().start();

      assertThat(container().id()).isEqualTo(id);
      assertThat(count(Operation.EXEC)).isEqualTo(2 * commands + 1);
    }

    @Test
    void configurationEditedWhileItWasStoppedGetsANewContainerAndTheSameVolumes()
        throws IOException {
      request().start();
      String id = container().id();
      cluster().stop();
      append(CONFIG, "# mine\n");

      request().start();

      assertThat(container().id()).isNotEqualTo(id);
      assertThat(running()).isTrue();
      assertThat(count(Operation.REMOVE_VOLUME)).isZero();
    }

    @Test
    void overrideIsHonoured() throws IOException {
      request().create();
      Files.writeString(
          file("docker-compose.override.yml"),
          """
          services:
            slurm:
              environment:
                EXTRA: "1"
            helper:
              image: helper:1
              depends_on: [slurm]
          """);
      backend.engine.withPullableImage("helper:1");

      request().start();

      assertThat(backend.engine.listContainers(Map.of("io.github.slurmmaven.node", NODE)))
          .singleElement()
          .satisfies(
              node ->
                  assertThat(backend.engine.definitionOf(node.id()).environment())
                      .containsEntry("EXTRA", "1"));
      assertThat(backend.engine.listContainers(Map.of("com.docker.compose.service", "helper")))
          .singleElement()
          .satisfies(
              helper ->
                  assertThat(helper.labels())
                      .containsEntry("io.github.slurmmaven.cluster", "slurm-test"));
      cluster().destroy();
      assertThat(backend.engine.isEmpty()).isTrue();
    }

    @Test
    void serviceThatLeftTheFilesGoesAway() throws IOException {
      request().create();
      Path override = file("docker-compose.override.yml");
      Files.writeString(override, "services:\n  helper:\n    image: helper:1\n");
      backend.engine.withImage("helper:1");
      request().start();
      assertThat(backend.engine.listContainers(Map.of())).hasSize(2);

      Files.delete(override);
      request().start();

      assertThat(container().labels()).containsEntry("io.github.slurmmaven.node", NODE);
    }

    @Test
    void brokenComposeFileIsNamedAndNothingIsStarted() throws IOException {
      request().create();
      Files.writeString(
          file("docker-compose.yml"), read("docker-compose.yml").replace("image:", "imag:"));

      assertThatThrownBy(() -> request().start())
          .isInstanceOf(UserMistakeException.class)
          .hasMessageContaining("docker-compose.yml, line ")
          .hasMessageContaining("imag");
      assertThat(backend.engine.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "dollar $HOME $$",
          "quotes ' \" `",
          "two  words",
          "ünï-ço∂é-漢字",
          "back\\slash",
          "#hash: colon",
          "percent%20"
        })
    void directoryWithAHostileNameWorks(String folder) throws IOException {
      Path hostile = output.resolveSibling(folder);
      ClusterRequest clusterRequest = backend.cluster(hostile).build();
      SlurmCluster cluster = clusterRequest.cluster();

      Connection connection = clusterRequest.start();

      assertThat(connection.directory()).isEqualTo(hostile.resolve("slurm-test"));
      String config = hostile.resolve("slurm-test/ssh/config").toString();
      assertThat(backend.progress.steps())
          .last(InstanceOfAssertFactories.STRING)
          .endsWith(": " + SshFiles.command(Path.of(config)));
      assertThat(cluster.connection()).hasValue(connection);
      assertThat(definition().mounts())
          .extracting(ContainerDefinition.Mount::source)
          .contains(hostile.resolve("slurm-test/config").toString());
      Properties properties = new Properties();
      try (InputStream in =
          Files.newInputStream(cluster.directory().resolve("connection.properties"))) {
        properties.load(in);
      }
      assertThat(properties)
          .containsEntry("slurm.cluster.directory", cluster.directory().toString());
      cluster.destroy();
      assertThat(backend.engine.isEmpty()).isTrue();
      assertThat(hostile).doesNotExist();
    }
  }

  @Nested
  @DisplayName("stop and destroy")
  class StopAndDestroy {

    @Test
    void stopKeepsTheStateAndStartGoesOnWithIt() {
      Connection connection = request().start();
      String id = container().id();

      cluster().stop();
      assertThat(running()).isFalse();
      assertThat(cluster().connection()).isEmpty();
      cluster().stop();
      Connection again = request().start();

      assertThat(container().id()).isEqualTo(id);
      assertThat(running()).isTrue();
      assertThat(again).isEqualTo(connection);
      assertThat(count(Operation.REMOVE_VOLUME)).isZero();
    }

    @Test
    void stopOfNothingIsNoError() {
      cluster().stop();
      request().create();
      cluster().stop();

      assertThat(backend.progress.steps()).contains("Cluster slurm-test does not run");
    }

    @Test
    void destroyLeavesNothing() {
      request().start();

      cluster().destroy();

      assertThat(backend.engine.isEmpty()).isTrue();
      assertThat(output).doesNotExist();
      cluster().destroy();
      assertThat(output).doesNotExist();
    }

    @Test
    void destroyRemovesAnEmptyDirectoryOfAKilledBuild() throws IOException {
      Files.createDirectories(cluster().directory());

      cluster().destroy();

      assertThat(output).doesNotExist();
    }

    @Test
    void destroyWithTheDirectoryGone() throws IOException {
      request().start();
      try (Stream<Path> paths = Files.walk(output)) {
        paths.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
      assertThat(output).doesNotExist();

      cluster().destroy();

      assertThat(backend.engine.isEmpty()).isTrue();
      assertThat(output).doesNotExist();
    }

    @Test
    void destroyLeavesOtherClustersAlone() {
      ClusterRequest otherRequest = builder().name("other").build();
      SlurmCluster other = otherRequest.cluster();
      ClusterRequest sameNameElsewhereRequest =
          backend.cluster(output.resolveSibling("elsewhere")).build();
      SlurmCluster sameNameElsewhere = sameNameElsewhereRequest.cluster();
      request().start();
      otherRequest.start();
      sameNameElsewhereRequest.start();

      cluster().destroy();

      assertThat(backend.engine.listContainers(Map.of()))
          .extracting(container -> container.labels().get("io.github.slurmmaven.directory"))
          .containsExactlyInAnyOrder(
              other.directory().toString(), sameNameElsewhere.directory().toString());
      assertThat(other.directory()).exists();
      assertThat(backend.engine.listNetworks()).hasSize(2);
    }

    @Test
    void destroyRemovesLinksAndNotWhatTheyPointTo() throws IOException {
      request().create();
      Path precious = Files.createDirectories(output.resolveSibling("precious"));
      Files.writeString(precious.resolve("file"), "kept");
      Files.createSymbolicLink(file("link"), precious);

      cluster().destroy();

      assertThat(precious.resolve("file")).hasContent("kept");
      assertThat(output).doesNotExist();
    }

    @Test
    void afterAnInterruptedCreateDestroyAndCreateWork() throws IOException {
      request().create();
      Files.delete(file("cluster.yaml"));

      assertThat(request().create()).isTrue();
      Files.delete(file("cluster.yaml"));
      cluster().destroy();

      assertThat(output).doesNotExist();
    }
  }

  @Nested
  @DisplayName("Port and network")
  class PortAndNetwork {

    @Test
    void defaultPortThatIsTakenGivesWayToTheNext() throws IOException {
      try (ServerSocket taken = takeDefault()) {
        builder().ssh(ssh -> ssh.port(null)).build().create();

        assertThat(port()).isGreaterThan(2222);
      }
    }

    /** The default port, which another program of this machine may have. */
    private ServerSocket takeDefault() throws IOException {
      try {
        return take(2222);
      } catch (BindException e) {
        return new ServerSocket();
      }
    }

    @Test
    void namedPortThatIsTakenByAProcessNamesIt() throws IOException {
      try (ServerSocket taken = take(0)) {
        InvalidParameterException refusal =
            catchThrowableOfType(
                InvalidParameterException.class,
                () -> builder().ssh(ssh -> ssh.port(taken.getLocalPort())).build().create());

        assertThat(refusal).isNotNull();
        assertThat(refusal.parameter()).isEqualTo("port");
        assertThat(refusal.problem())
            .contains("is taken by the process ")
            .contains("with id " + ProcessHandle.current().pid())
            .contains("0 for any free one");
        assertThat(cluster().directory()).doesNotExist();
      }
    }

    @Test
    void namedPortThatIsTakenByAContainerNamesIt() {
      Connection connection = request().start();

      assertThatThrownBy(
              () ->
                  builder()
                      .name("other")
                      .ssh(ssh -> ssh.port(connection.sshPort()))
                      .build()
                      .create())
          .isInstanceOf(InvalidParameterException.class)
          .hasMessageContaining("is taken by the container " + container().name());
    }

    @Test
    void ownPortIsNotTaken() {
      Connection connection = request().start();
      int port = connection.sshPort();
      cluster().destroy();
      ClusterRequest namedRequest = builder().ssh(ssh -> ssh.port(port)).build();
      SlurmCluster named = namedRequest.cluster();

      assertThat(namedRequest.start().sshPort()).isEqualTo(port);
      assertThat(namedRequest.create()).isFalse();
      assertThat(namedRequest.start().sshPort()).isEqualTo(port);
    }

    @Test
    void namedPortTakenBetweenCreateAndStartNamesTheHolder() throws IOException {
      int port = freePort();
      ClusterRequest namedRequest = builder().ssh(ssh -> ssh.port(port)).build();
      SlurmCluster named = namedRequest.cluster();
      namedRequest.create();
      try (ServerSocket foreign = take(port)) {
        assertThatThrownBy(namedRequest::start)
            .isInstanceOf(InvalidParameterException.class)
            .hasMessageContaining("port: '" + port + "' is taken by the process ");
      }

      assertThat(backend.engine.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void portTakenBetweenCreateAndStartIsReplaced(boolean anyFree) throws IOException {
      ClusterRequest clusterRequest = builder().ssh(ssh -> ssh.port(anyFree ? 0 : null)).build();
      SlurmCluster cluster = clusterRequest.cluster();
      clusterRequest.create();
      int before = port();
      String network = subnet();
      try (ServerSocket foreign = take(before)) {
        Connection connection = clusterRequest.start();

        assertThat(connection.sshPort()).isNotEqualTo(before).isEqualTo(port());
        assertThat(subnet()).isEqualTo(network);
      }
      assertThat(running()).isTrue();
      assertThat(backend.progress.steps())
          .contains(
              "Another process has taken a port or network in the meantime: SSH is on port "
                  + port());
      assertThat(clusterRequest.create()).isFalse();
    }

    @Test
    void networkTakenBetweenCreateAndStartIsReplacedAndAnAskedForPortStays() {
      int port = freePort();
      ClusterRequest clusterRequest = builder().ssh(ssh -> ssh.port(port)).build();
      SlurmCluster cluster = clusterRequest.cluster();
      clusterRequest.create();
      String before = subnet();
      backend.engine.createNetwork(
          new NetworkDefinition("foreign", Optional.of(before), Optional.empty(), Map.of()));

      Connection connection = clusterRequest.start();

      assertThat(subnet()).isNotEqualTo(before);
      assertThat(backend.progress.steps())
          .contains(
              "Another process has taken a port or network in the meantime: the network is "
                  + subnet());
      assertThat(connection.sshPort()).isEqualTo(port);
      assertThat(backend.engine.listNetworks())
          .extracting(NetworkSummary::subnets)
          .contains(List.of(subnet()));
      assertThat(definition().networks())
          .singleElement()
          .satisfies(
              network ->
                  assertThat(network.ipv4Address().orElseThrow())
                      .startsWith(variable("SLURM_MAVEN_SUBNET") + "."));
    }

    @Test
    void networkThatIsTakenWhenCreatedIsNotChosen() {
      request().create();
      String chosen = subnet();
      cluster().destroy();
      backend.engine.createNetwork(
          new NetworkDefinition("foreign", Optional.of(chosen), Optional.empty(), Map.of()));

      request().create();

      assertThat(subnet()).isNotEqualTo(chosen);
    }

    @Test
    void portEditedByHandIsHonoured() throws IOException {
      request().create();
      int mine = freePort();
      setPort(mine);

      assertThat(request().start().sshPort()).isEqualTo(mine);
    }

    @Test
    void networkEditedByHandIsHonouredByARunningCluster() throws IOException {
      ClusterRequest clusterRequest = builder().ssh(ssh -> ssh.port(freePort())).build();
      SlurmCluster cluster = clusterRequest.cluster();
      clusterRequest.start();
      String mine = "198.19.250";
      Files.writeString(
          file(".env"), read(".env").replaceFirst("SUBNET=[0-9.]+", "SUBNET=" + mine));

      clusterRequest.start();

      assertThat(backend.engine.listNetworks())
          .extracting(NetworkSummary::subnets)
          .containsExactly(List.of(mine + ".0/24"));
      assertThat(running()).isTrue();
    }

    @Test
    void editedPortThatIsTakenIsAnError() throws IOException {
      request().create();
      try (ServerSocket foreign = take(0)) {
        setPort(foreign.getLocalPort());

        assertThatThrownBy(() -> request().start())
            .isInstanceOf(UserMistakeException.class)
            .hasMessageContaining(file(".env") + " was edited by hand")
            .hasMessageContaining("taken");
        assertThat(port()).isEqualTo(foreign.getLocalPort());
      }
      assertThat(backend.engine.isEmpty()).isTrue();
    }
  }

  @Nested
  @DisplayName("A start that fails")
  class Failure {

    @ParameterizedTest
    @EnumSource(
        value = Operation.class,
        names = {
          "CREATE_NETWORK",
          "CREATE_VOLUME",
          "CREATE_CONTAINER",
          "START_CONTAINER",
          "WATCH_EXIT",
          "EXEC"
        })
    void leavesNothing(Operation operation) {
      request().create();
      backend.engine.failNext(operation, refusal());

      assertThat(startFails(request())).hasMessageContaining("the engine says no");

      assertThat(backend.engine.isEmpty()).isTrue();
      assertThat(cluster().connection()).isEmpty();
      request().start();
      assertThat(running()).isTrue();
    }

    @Test
    void onlyStopsWhatExistedBefore() {
      request().start();
      cluster().stop();
      String id = container().id();
      backend.engine.failNext(Operation.EXEC, refusal());

      startFails(request());

      assertThat(container().id()).isEqualTo(id);
      assertThat(running()).isFalse();
      assertThat(count(Operation.REMOVE_VOLUME)).isZero();
    }

    @Test
    void leavesNoConnectionOfAnEarlierStart() {
      request().start();
      backend.engine.stopContainer(container().id(), Duration.ZERO);
      backend.engine.failNext(Operation.EXEC, refusal());

      startFails(request());

      assertThat(running()).isFalse();
      assertThat(cluster().connection()).isEmpty();
    }

    @Test
    void leavesAloneWhatRanBefore() {
      request().start();
      backend.engine.failNext(Operation.EXEC, refusal());

      startFails(request());

      assertThat(running()).isTrue();
      assertThat(cluster().connection()).isPresent();
      assertThat(backend.progress.warnings()).anyMatch(line -> line.contains("ran before"));
    }

    @Test
    void keepsWhatItStartedWhenTold() {
      backend.engine.failNext(Operation.EXEC, refusal());

      startFails(builder().keep(true).build());

      assertThat(running()).isTrue();
      assertThat(backend.progress.warnings())
          .anyMatch(line -> line.contains("kept") && line.contains("slurm:destroy"));
    }

    @Test
    void failsWhenTheRegistryEnds() {
      ClusterRequest clusterRequest =
          builder()
              .registry(registry -> registry.withRegistry(true))
              .registry(registry -> registry.registryPort(0))
              .build();
      SlurmCluster cluster = clusterRequest.cluster();
      backend.engine.withImage("registry:2");
      backend.engine.exitOnStart(
          new ClusterId(cluster.name(), cluster.directory()).project() + "-registry-1", 3);

      SlurmClusterException failure = startFails(clusterRequest);

      assertThat(failure).hasMessageContaining("registry").hasMessageContaining("code 3");
      assertThat(backend.engine.isEmpty()).isTrue();
    }

    @Test
    void whatWasAskedOfTheEngineIsWaitedForWhenInterrupted() throws InterruptedException {
      backend.engine.onExec((node, command) -> untilInterrupted());
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread start =
          new Thread(
              () -> failure.set(catchThrowable(() -> request().start())), "interrupted-start");
      start.start();
      while (backend.engine.isEmpty()) {
        Thread.sleep(5);
      }
      start.interrupt();
      start.join(Duration.ofSeconds(60).toMillis());

      assertThat(start.isAlive()).isFalse();
      assertThat(failure.get()).isInstanceOf(SlurmClusterException.class);
      assertThat(backend.engine.isEmpty()).isTrue();
    }

    @Test
    void failsAtOnceWhenANodeEndsAndSaysWhy() {
      backend.engine.onExec(
          (node, command) -> {
            backend.engine.withLog(
                node.name(),
                "starting\n".repeat(30)
                    + "fatal: Unable to determine this slurmd's NodeName\nlast words\n");
            backend.engine.exit(node.name(), 1);
            return untilInterrupted();
          });

      assertThat(startFails(request()))
          .hasMessageContaining("Cluster slurm-test: ")
          .hasMessageNotContaining("(timeout)")
          .hasMessageContaining("slurm  exited with code 1")
          .hasMessageContaining("Likely cause: ")
          .hasMessageContaining("fatal: Unable to determine this slurmd's NodeName")
          .hasMessageContaining("last words")
          .hasMessageContaining("All logs: " + file("logs"));
      assertThat(file("logs/slurm.log")).content().endsWith("last words\n").hasLineCount(32);
      assertThat(backend.engine.isEmpty()).isTrue();
    }

    @Test
    void saysWhenTheKernelEndedANodeForMemory() {
      backend.engine.onExec(
          (node, command) -> {
            backend.engine.exitOutOfMemory(node.name());
            return untilInterrupted();
          });

      assertThat(startFails(request()))
          .hasMessageContaining("exited with code 137")
          .hasMessageContaining("Likely cause: the kernel ended node slurm for memory")
          .hasMessageContaining("memoryPerNode");
    }

    @Test
    void saysWhatItWaitedForAfterTheTimeout() {
      neverReady();

      assertThat(startFails(builder().timeout(Duration.ofSeconds(1)).build()))
          .hasMessageContaining(
              "Cluster slurm-test: not ready within 1 s (timeout), still waiting for ")
          .hasMessageContaining("slurm  running")
          .hasMessageContaining("slurm  unknown  none");
      assertThat(backend.engine.isEmpty()).isTrue();
    }

    @Test
    void saysThatSshDoesNotGreet() {
      backend.greetingWith("HTTP/1.1 400 Bad Request");

      assertThat(startFails(builder().timeout(Duration.ofSeconds(1)).build()))
          .hasMessageContaining("still waiting for SSH on 127.0.0.1:" + port())
          .hasMessageContaining("not an SSH server");
      assertThat(backend.engine.isEmpty()).isTrue();
    }

    @Test
    void saysThatTheEngineWentAway() {
      backend.engine.onExec(
          (node, command) -> {
            backend.engine.vanish();
            throw new EngineException(Kind.UNREACHABLE, "the engine does not answer", null);
          });

      SlurmClusterException failure = startFails(request());

      assertThat(failure).hasMessageContaining("engine does not answer");
      assertThat(backend.progress.warnings())
          .anyMatch(line -> line.contains("could not be removed"));
    }

    @Test
    void rollBackThatFailsTooHidesNothing() {
      backend.engine.failNext(Operation.EXEC, refusal());
      backend.engine.failNext(
          Operation.REMOVE_CONTAINER, new EngineException(Kind.OTHER, "stuck", null));

      SlurmClusterException failure = startFails(request());

      assertThat(failure).hasMessageContaining("the engine says no");
      assertThat(failure.getSuppressed())
          .anyMatch(suppressed -> String.valueOf(suppressed.getMessage()).contains("stuck"));
      assertThat(backend.progress.warnings()).anyMatch(line -> line.contains("stuck"));
      cluster().destroy();
      assertThat(backend.engine.isEmpty()).isTrue();
    }

    @Test
    void leavesForeignThingsAlone() {
      backend.engine.withImage("foreign:1");
      backend.engine.createContainer(
          ContainerDefinitions.container("foreign", "foreign:1").build());
      backend.engine.createVolume("foreign", Map.of());
      backend.engine.failNext(Operation.EXEC, refusal());

      startFails(request());

      assertThat(backend.engine.listContainers(Map.of()))
          .extracting(ContainerSummary::name)
          .containsExactly("foreign");
      assertThat(backend.engine.listVolumes(Map.of())).hasSize(1);
    }
  }

  @Nested
  @DisplayName("Two at once")
  class TwoAtOnce {

    private void together(List<Runnable> works) throws Exception {
      ExecutorService threads = Executors.newFixedThreadPool(works.size());
      try {
        List<Future<?>> running = works.stream().<Future<?>>map(threads::submit).toList();
        for (Future<?> each : running) {
          each.get(60, TimeUnit.SECONDS);
        }
      } finally {
        threads.shutdownNow();
      }
    }

    @Test
    void startsOfOneClusterMakeOne() throws Exception {
      together(List.of(() -> request().start(), () -> request().start()));

      assertThat(running()).isTrue();
      assertThat(count(Operation.CREATE_CONTAINER)).isEqualTo(1);
    }

    @Test
    void clustersSideBySideDiffer() throws Exception {
      ClusterRequest oneRequest = builder().name("one").ssh(ssh -> ssh.port(null)).build();
      SlurmCluster one = oneRequest.cluster();
      ClusterRequest twoRequest = builder().name("two").ssh(ssh -> ssh.port(null)).build();
      SlurmCluster two = twoRequest.cluster();

      together(List.of(oneRequest::start, twoRequest::start));

      assertThat(one.connection().orElseThrow().sshPort())
          .isNotEqualTo(two.connection().orElseThrow().sshPort());
      assertThat(backend.engine.listNetworks())
          .flatExtracting(NetworkSummary::subnets)
          .hasSize(2)
          .doesNotHaveDuplicates();
    }

    @Test
    void clustersComeAndGoInOneDirectory() throws Exception {
      Runnable oneLife =
          () -> {
            for (int i = 0; i < 20; i++) {
              request().create();
              cluster().destroy();
            }
          };
      Runnable otherLife =
          () -> {
            for (int i = 0; i < 20; i++) {
              builder().name("other").build().create();
              builder().name("other").build().cluster().destroy();
            }
          };

      together(List.of(oneLife, oneLife, otherLife));

      assertThat(output).doesNotExist();
    }
  }

  @Test
  void engineThatCannotBeReachedLeavesNoTrace() {
    ClusterRequest request =
        builder()
            .backend(
                () -> {
                  throw new SlurmClusterException("no engine");
                })
            .build();

    assertThat(catchThrowable(request::create)).hasMessage("no engine");
    assertThat(catchThrowable(request.cluster()::destroy)).hasMessage("no engine");
    assertThat(output).doesNotExist();
  }

  @Test
  void destroyThatTheEngineDoesNotAnswerKeepsTheFiles() {
    request().create();
    backend.engine.vanish();

    assertThatThrownBy(() -> cluster().destroy()).isInstanceOf(SlurmClusterException.class);
    assertThat(cluster().directory()).exists();
  }
}
