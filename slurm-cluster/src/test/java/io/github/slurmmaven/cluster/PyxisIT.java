/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Capability;
import com.sun.net.httpserver.HttpServer;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.container.ContainerBackend;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmShell.Result;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.definition.PyxisParameters;
import io.github.slurmmaven.definition.Releases;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.engine.ContainerEngine;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.ImageBuild;
import io.github.slurmmaven.engine.docker.DockerEngine;
import io.github.slurmmaven.engine.docker.RawClient;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.image.PyxisStandIn;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Jobs in containers, on real Slurm, with a stand-in for Pyxis and enroot that comes through the
 * same parameters as they would.
 */
@Tag("docker")
@Timeout(600)
class PyxisIT {

  private static final Path OUTPUT =
      Path.of("target", "it", "pyxis-" + UUID.randomUUID().toString().substring(0, 8))
          .toAbsolutePath();

  private static final String DEFINITION =
      """
      nodes:
        - {name: head, role: controller, cpus: 1, memory: 512}
        - {name: "cpu-[0-1]", role: compute, cpus: 4, memory: 1024}
      partitions:
        - {name: cpu, default: true, nodes: ["cpu-[0-1]"]}
      services: {registry: {port: 0}, pyxis: true}
      users: [alice]
      """;

  /** A small image, whose layers remove, replace and hide what is below them. */
  private static final String DOCKERFILE =
      """
      FROM %s AS parts
      RUN for program in sh cat chmod id ln ls mkdir rm sleep stat; do \\
            path=$(readlink -f "$(command -v $program)"); \\
            install -D "$path" /small/bin/$program; \\
            ldd "$path" | grep -o '/[^ ]*' | while read -r library; do \\
              install -D "$library" "/small$library"; \\
            done; \\
          done; \\
          mkdir -p /small/etc /small/root /small/tmp && cp /etc/group /etc/passwd /small/etc

      FROM scratch
      COPY --from=parts /small/ /
      RUN mkdir /d /o /l && echo below > /d/gone && echo kept > /d/kept && echo below > /o/below \\
          && echo below > /d/changed && ln /d/kept /d/twin && ln -s /d /l/link
      RUN rm /d/gone && rm -r /o /l && mkdir /o /l && echo above > /o/above && echo file > /l/link \\
          && echo above > /d/changed && chmod 0750 /d/changed && mkdir -m 0555 /closed
      ENV GREETING=%s
      """;

  private static final Map<SlurmVersion, SlurmCluster> CLUSTERS = new TreeMap<>();

  private static final Set<SlurmVersion> PUSHED = new TreeSet<>();

  private static ContainerEngine engine;
  private static HttpServer upstream;
  private static Consumer<PyxisParameters> standIn;

  @BeforeAll
  static void startClusters() throws IOException {
    engine = DockerEngine.connect(Environment.system());
    Files.createDirectories(OUTPUT);
    Files.writeString(OUTPUT.resolve("cluster.yaml"), DEFINITION);
    upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    serve("/pyxis.tar.gz", PyxisStandIn.source());
    serve("/" + engine.info().architecture() + "/enroot.deb", PyxisStandIn.enroot());
    upstream.start();
    String site = "http://127.0.0.1:" + upstream.getAddress().getPort();
    standIn =
        pyxis -> pyxis.pyxisUrl(site + "/pyxis.tar.gz").enrootUrl(site + "/{arch}/enroot.deb");

    List<CompletableFuture<Void>> starts = new ArrayList<>();
    for (SlurmVersion version : Releases.one()) {
      ClusterRequest clusterRequest =
          builder("pyxis-" + version.release().replace('.', '-'))
              .slurmVersion(version.release())
              .build();
      SlurmCluster cluster = clusterRequest.cluster();
      CLUSTERS.put(version, cluster);
      starts.add(CompletableFuture.runAsync(clusterRequest::start));
    }
    starts.forEach(CompletableFuture::join);
  }

  private static void serve(String path, byte[] content) {
    upstream.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
          exchange.close();
        });
  }

  private static ClusterRequest.Builder builder(String name) {
    return ClusterRequest.builder()
        .outputDirectory(OUTPUT)
        .name(name)
        .definition(OUTPUT.resolve("cluster.yaml"))
        .pyxis(standIn)
        .ssh(ssh -> ssh.port(0))
        .ownedByThisBuild(true)
        .backend(
            () ->
                new ContainerBackend(
                    DockerEngine.connect(Environment.system()),
                    Map.of("XDG_CACHE_HOME", OUTPUT.resolve("cache").toString())));
  }

  @AfterAll
  static void removeClusters() throws IOException {
    try (ContainerEngine closing = engine) {
      upstream.stop(0);
      CLUSTERS.values().forEach(SlurmCluster::destroy);
      try (Stream<Path> paths = Files.walk(OUTPUT)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  @Nested
  @DisplayName("A cluster with Pyxis")
  @ParameterizedClass(name = "{0}")
  @Releases.One
  class Running {

    private final SlurmVersion version;

    Running(SlurmVersion version) {
      this.version = version;
    }

    private SlurmCluster cluster() {
      return Objects.requireNonNull(CLUSTERS.get(version));
    }

    private Connection connection() {
      return cluster().connection().orElseThrow();
    }

    private SlurmShell login() throws IOException {
      return SlurmShell.withKey(connection());
    }

    /** What a host pushes to the cluster's registry, and calls it. */
    private String push(String name, String greeting) throws InterruptedException {
      String reference = connection().registry().orElseThrow() + "/test/" + name;
      build(reference, greeting);
      try (DockerClient docker = RawClient.connect()) {
        docker.pushImageCmd(reference).exec(new ResultCallback.Adapter<>()).awaitCompletion();
        docker.removeImageCmd(reference).withForce(true).exec();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      return reference;
    }

    /** An image for all tests that do not count how often it was imported. */
    private String common() throws InterruptedException {
      if (PUSHED.add(version)) {
        push("common:1", "hello");
      }
      return connection().registry().orElseThrow() + "/test/common:1";
    }

    /** How often any node turned layers into a file system. */
    private long imports(String name) {
      return Stream.of("cpu-0", "cpu-1")
          .flatMap(node -> log(node).lines())
          .filter(line -> line.contains("slurm-image-cache: imported test/" + name + "@"))
          .count();
    }

    private String log(String node) {
      StringBuilder log = new StringBuilder();
      cluster()
          .logs(
              Optional.of(node),
              new LogRequest(OptionalInt.empty(), Optional.empty(), false),
              (name, line) -> log.append(line).append('\n'));
      return log.toString();
    }

    @Test
    void runsAJobInsideItsImageByBothNames() throws Exception {
      String host = common();
      String path = host.substring(host.indexOf('/'));
      String probe = " sh -c 'echo $PYXIS_STAND_IN $GREETING $(cat /d/kept)'";

      try (SlurmShell shell = login()) {
        for (String name :
            List.of(host, "registry:5000" + path, "registry:5000#" + path.substring(1))) {
          assertThat(shell.ok("srun --quiet --container-image=" + name + probe))
              .isEqualTo((PyxisStandIn.isUsed() ? "yes " : "") + "hello kept");
        }
        assertThat(shell.ok("srun sh -c 'echo out $PYXIS_STAND_IN; ls /d' || true"))
            .isEqualTo("out");
      }
    }

    @Test
    void runsAnImageThatAsksForGpus() throws Exception {
      String image = push("cuda:1", "hello NVIDIA_VISIBLE_DEVICES=all");

      try (SlurmShell shell = login()) {
        assertThat(shell.ok("srun --quiet --container-image=" + image + " cat /d/kept"))
            .isEqualTo("kept");
      }
    }

    @Test
    void mergesLayersAsTheyWereMeant() throws Exception {
      String image = common();

      try (SlurmShell shell = login()) {
        assertThat(
                shell.ok(
                    "srun --container-image="
                        + image
                        + " sh -c 'cd /; ls d o l closed; cat d/changed l/link;"
                        + " stat -c %a d/changed o; stat -c %h d/twin'"))
            .isEqualToIgnoringWhitespace(
                "closed: d: changed kept twin l: link o: above above file 750 755 2");
      }
    }

    @Test
    void importsAnImageOnceForAllNodesAndUsers() throws Exception {
      String image = push("once:1", "hello");
      String job = "srun --quiet --container-image=" + image;

      try (SlurmShell shell = login();
          SlurmShell alice = SlurmShell.withKey(as("alice"))) {
        // Eight jobs on two nodes at the same time.
        assertThat(shell.ok("for i in 1 2 3 4 5 6 7 8; do " + job + " cat /d/kept & done; wait"))
            .isEqualToIgnoringWhitespace("kept ".repeat(8));
        assertThat(alice.ok(job + " cat /d/kept")).isEqualTo("kept");
      }
      assertThat(imports("once")).isEqualTo(1);
    }

    private Connection as(String user) {
      Connection own = connection();
      return new Connection(
          own.clusterName(),
          own.directory(),
          own.slurmVersion(),
          own.partition(),
          own.sshHost(),
          own.sshPort(),
          user,
          own.sshPassword(),
          Objects.requireNonNull(own.userKeys().get(user)),
          own.sshKnownHosts(),
          own.userKeys(),
          own.registry(),
          own.registryInternal(),
          own.images(),
          own.rest());
    }

    @Test
    void noticesATagThatMoved() throws Exception {
      try (SlurmShell shell = login()) {
        for (String greeting : List.of("first", "second")) {
          assertThat(
                  shell.ok(
                      "srun --container-image="
                          + push("moved:1", greeting)
                          + " sh -c 'echo $GREETING'"))
              .isEqualTo(greeting);
        }
      }
      assertThat(imports("moved")).isEqualTo(2);
    }

    @Test
    void keepsUsersOutOfEachOthersImages() throws Exception {
      common();

      try (SlurmShell shell = login()) {
        Result result =
            shell.run(
                "srun --quiet --container-image=registry:5000/test/common:1 cat /d/kept;"
                    + " srun sh -c 'for file in /var/lib/enroot/images/*.sqsh; do"
                    + " echo x >> $file || rm -f $file; done;"
                    + " touch /var/lib/enroot/images/new; ls /var/lib/enroot/images/*.sqsh'");
        assertThat(result.stderr()).contains("Permission denied").doesNotContain("No such file");
        assertThat(result.stdout()).contains(".sqsh");
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"test/nothing:1", "test/nothing"})
    void failsWithTheRegistrysWordsWhenThereIsNoImage(String name) throws IOException {
      try (SlurmShell shell = login()) {
        Result result = shell.run("srun --container-image=registry:5000/" + name + " true");

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.stderr())
            .contains("registry:5000/test/nothing", "the registry says: manifest unknown (404)");
      }
    }

    @Test
    void runsABatchScriptInsideAndReturnsItsExitCode() throws Exception {
      String image = common();
      try (SlurmShell shell = login()) {
        shell.upload(
            "inside.sh",
            """
            #!/bin/sh
            #SBATCH --container-image=%s
            #SBATCH --output=/home/slurm/inside-%%j
            cat /d/kept
            exit 7
            """
                .formatted(image));
        String job = shell.ok("sbatch --parsable inside.sh");

        assertThat(shell.awaitState(job, "COMPLETED|FAILED")).isEqualTo("FAILED");
        assertThat(shell.ok("scontrol show job " + job)).contains("ExitCode=7:0");
        assertThat(shell.ok("cat inside-" + job)).contains("kept");
      }
    }

    @Test
    void runsAnArrayOfFive() throws Exception {
      String image = push("array:1", "hello");
      try (SlurmShell shell = login()) {
        String job =
            shell.ok(
                "sbatch --parsable --array=1-5 --output=array-%a --wrap="
                    + "'srun --container-image="
                    + image
                    + " sh -c \"echo \\$((SLURM_ARRAY_TASK_ID * 2)) in \\$(cat /d/kept)\"'");
        for (int task = 1; task <= 5; task++) {
          assertThat(shell.awaitState(job + "_" + task, "COMPLETED|FAILED")).isEqualTo("COMPLETED");
          assertThat(shell.ok("cat array-" + task)).contains(task * 2 + " in kept");
        }
      }
      assertThat(imports("array")).isEqualTo(1);
    }

    @Test
    void runsOnTwoNodesAtOnceAndOthersBesides() throws Exception {
      String image = common();
      try (SlurmShell shell = login()) {
        assertThat(
                shell
                    .ok(
                        "srun --quiet -N2 --ntasks-per-node=2 --container-image="
                            + image
                            + " sh -c 'echo $SLURMD_NODENAME-$(cat /d/kept)'")
                    .lines())
            .containsExactlyInAnyOrder("cpu-0-kept", "cpu-0-kept", "cpu-1-kept", "cpu-1-kept");
        assertThat(shell.ok("srun -N2 sh -c 'test -e /d || echo outside'"))
            .isEqualToIgnoringWhitespace("outside outside");
      }
    }

    @Test
    void mountsForWritingAndForReading() throws Exception {
      String image = common();
      try (SlurmShell shell = login()) {
        shell.ok("mkdir -p in out && echo input > in/file");
        Result result =
            shell.run(
                "srun --container-image="
                    + image
                    + " --container-mounts=/home/slurm/in:/in:ro,/home/slurm/out:/out"
                    + " --container-workdir=/out"
                    + " sh -c 'cat /in/file > file; echo no > /in/file; echo no > /d/no'");

        assertThat(shell.ok("cat out/file in/file")).isEqualTo("input\ninput");
        assertThat(result.stderr())
            .contains("/in/file: Read-only file system", "/d/no: Read-only file system");
      }
    }

    @ParameterizedTest
    @CsvSource({"--container-remap-root, 0", "--no-container-remap-root, 1000"})
    void isRootInsideOrNot(String option, String uid) throws Exception {
      String image = common();
      try (SlurmShell shell = login()) {
        assertThat(shell.ok("srun --quiet --container-image=" + image + " " + option + " id -u"))
            .isEqualTo(uid);
      }
    }

    @Test
    void keepsANamedContainer() throws Exception {
      String image = common();
      String job = "srun --quiet -w cpu-0 --container-name=kept ";
      try (SlurmShell shell = login()) {
        shell.ok(
            job
                + "--container-writable --container-image="
                + image
                + " sh -c 'echo written > /d/new'");

        assertThat(shell.ok(job + "cat /d/new")).isEqualTo("written");
      }
    }

    @Test
    void removesTheContainerOfACancelledJob() throws Exception {
      String image = common();
      String containers = "srun -w cpu-1 sh -c 'ls /var/lib/enroot/nodes/cpu-1/data/user-1000/'";
      try (SlurmShell shell = login()) {
        String job =
            shell.ok(
                "sbatch --parsable -w cpu-1 --wrap='srun --container-image="
                    + image
                    + " sh -c \"echo up; sleep 300\"' --output=cancelled");
        shell.awaitState(job, "RUNNING");
        await(shell, "grep -c up cancelled", "1");
        assertThat(shell.ok(containers)).contains("pyxis_" + job + ".0");

        shell.ok("scancel " + job);

        shell.awaitState(job, "CANCELLED");
        assertThat(await(shell, containers + " | grep -c pyxis_" + job + " || true", "0"))
            .isEqualTo("0");
      }
    }

    private String await(SlurmShell shell, String command, String expected) throws Exception {
      String said = "";
      for (int attempt = 0; attempt < 100; attempt++) {
        said = shell.run(command).stdout().strip();
        if (said.equals(expected)) {
          break;
        }
        Thread.sleep(50);
      }
      return said;
    }

    @Test
    void hasNoCapabilityMoreThanDockerGives() {
      try (DockerClient docker = RawClient.connect()) {
        for (ContainerSummary container :
            engine.listContainers(
                Map.of("io.github.slurmmaven.directory", cluster().directory().toString()))) {
          var host = docker.inspectContainerCmd(container.id()).exec().getHostConfig();
          assertThat(host.getPrivileged()).isFalse();
          assertThat(host.getCapAdd()).isNullOrEmpty();
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Test
    void loadsAnImageOfTheEngine() throws Exception {
      String image = local("it-loaded");
      try (SlurmShell shell = login()) {
        Connection connection = cluster().load(List.of(new ImageSource.Local(image)));

        assertThat(connection.images()).containsEntry("it-loaded", "registry:5000/it-loaded:1");
        assertThat(cluster().connection()).hasValue(connection);
        assertThat(kept(shell, connection.images().get("it-loaded"))).isEqualTo("kept");
        assertThat(engine.findImage(connection.registry().orElseThrow() + "/it-loaded:1"))
            .isEmpty();
      } finally {
        remove(image);
      }
    }

    @Test
    void loadsAnArchive() throws Exception {
      String image = local("it/archived");
      Path archive = OUTPUT.resolve("archived-" + version + ".tar");
      try (OutputStream out = Files.newOutputStream(archive)) {
        engine.saveImage(image, out);
      }
      remove(image);

      try (SlurmShell shell = login()) {
        Connection connection =
            cluster().load(List.of(ImageSource.parse("images", archive.toString(), OUTPUT)));

        assertThat(connection.images()).containsEntry("archived", "registry:5000/it/archived:1");
        assertThat(kept(shell, "registry:5000/it/archived:1")).isEqualTo("kept");
      } finally {
        remove(image);
      }
    }

    @Test
    void refusesAFileThatIsNoImage() throws IOException {
      Path file = Files.writeString(OUTPUT.resolve("no-image.tar"), "text");

      assertThatThrownBy(() -> cluster().load(List.of(new ImageSource.Archive(file))))
          .isInstanceOf(UserMistakeException.class)
          .hasMessageStartingWith(file + " is not an archive of an image: ");
    }

    @Test
    void buildsAnImageOfTheProjectFirst() throws Exception {
      Path context = OUTPUT.resolve("context-" + version);
      Files.createDirectories(context.resolve("src"));
      Files.writeString(context.resolve(".dockerignore"), "secret\n");
      Files.writeString(context.resolve("secret"), "secret");
      Files.setPosixFilePermissions(
          Files.writeString(context.resolve("src/tool"), "#!/bin/sh\necho a tool of the project\n"),
          PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.writeString(
          context.resolve("Dockerfile"),
          dockerfile("hello") + "ARG WORD\nCOPY . /app/\nENV WORD=$WORD\n");
      try (SlurmShell shell = login()) {
        Connection connection =
            cluster()
                .load(
                    List.of(
                        ImageSource.built(
                            "images",
                            "it-built:2",
                            "Dockerfile",
                            Optional.empty(),
                            Optional.empty(),
                            Map.of("WORD", "argument"),
                            context)));

        assertThat(
                shell.ok(
                    "srun --quiet --container-image="
                        + connection.images().get("it-built")
                        + " sh -c '/app/src/tool; echo $WORD; ls /app'"))
            .isEqualTo("a tool of the project\nargument\nDockerfile\nsrc");
      } finally {
        remove("it-built:2");
      }
    }

    /** An image that the engine has, and no registry. */
    private String local(String name) {
      build(name + ":1", "hello");
      return name + ":1";
    }

    private String kept(SlurmShell shell, String image) throws IOException {
      return shell.ok("srun --quiet --container-image=" + image + " cat /d/kept");
    }

    @Test
    void startsAgainAfterAStop() throws Exception {
      String image = push("again:1", "hello");
      String job = "srun --quiet --container-image=" + image + " cat /d/kept";
      try (SlurmShell shell = login()) {
        assertThat(shell.ok(job)).isEqualTo("kept");
      }

      cluster().stop();
      cluster().start();

      String moved = image.replaceFirst("^[^/]*", connection().registry().orElseThrow());
      try (SlurmShell shell = login()) {
        assertThat(shell.ok(job.replace(image, moved))).isEqualTo("kept");
      }
      assertThat(imports("again")).isEqualTo(1);
    }
  }

  private static String dockerfile(String greeting) {
    return DOCKERFILE.formatted(SlurmVersion.V22_05.baseImage().orElseThrow(), greeting);
  }

  private static void build(String reference, String greeting) {
    engine.buildImage(
        new ImageBuild(
            reference,
            Map.of("Dockerfile", dockerfile(greeting).getBytes(StandardCharsets.UTF_8)),
            "Dockerfile",
            "",
            Map.of(),
            Map.of()),
        line -> {});
  }

  private static void remove(String image) throws IOException {
    try (DockerClient docker = RawClient.connect()) {
      docker.removeImageCmd(image).withForce(true).exec();
    } catch (NotFoundException e) {
      // It is gone, as it should be.
    }
  }

  @Nested
  @DisplayName("A cluster that Docker Compose has brought up")
  class WithCompose {

    @Test
    void mayDoTheSame() throws Exception {
      String binary = System.getenv("COMPOSE_BINARY");
      assumeTrue(binary != null, "COMPOSE_BINARY names no docker-compose");
      ClusterRequest clusterRequest = builder("pyxis-compose").owner(Owner.byHand()).build();
      SlurmCluster cluster = clusterRequest.cluster();
      try {
        clusterRequest.create();
        Process up =
            new ProcessBuilder(binary, "up", "--detach")
                .directory(cluster.directory().toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(up.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(up.waitFor()).as(output).isZero();
        Map<String, String> labels =
            Map.of("io.github.slurmmaven.directory", cluster.directory().toString());
        List<ContainerSummary> theirs = engine.listContainers(labels);
        assertThat(theirs).hasSize(4);

        clusterRequest.start(); // which runs a job in a container on every node

        assertThat(engine.listContainers(labels))
            .extracting(ContainerSummary::id)
            .containsExactlyInAnyOrderElementsOf(
                theirs.stream().map(ContainerSummary::id).toList());
      } finally {
        cluster.destroy();
      }
    }
  }

  @Nested
  @DisplayName("A cluster without a registry")
  class WithoutRegistry {

    @ParameterizedTest
    @Releases.One
    void hasLoadedImagesOnItsNodes(SlurmVersion version) throws Exception {
      build("it-placed:1", "hello");
      ClusterRequest clusterRequest =
          builder("bare")
              .slurmVersion(version.release())
              .registry(registry -> registry.withRegistry(false))
              .images(List.of(new ImageSource.Local("it-placed:1")))
              .build();
      SlurmCluster cluster = clusterRequest.cluster();
      try {
        String image = clusterRequest.start().images().get("it-placed");

        assertThat(image).isEqualTo("/var/lib/enroot/loaded/it-placed@1.sqsh");
        try (SlurmShell shell = SlurmShell.withKey(cluster.connection().orElseThrow())) {
          assertThat(
                  shell.ok(
                      "srun --quiet -N2 --container-image="
                          + image
                          + " sh -c 'echo $GREETING $(cat /d/kept)'"))
              .isEqualTo("hello kept\nhello kept");
        }
      } finally {
        cluster.destroy();
        remove("it-placed:1");
      }
    }
  }

  @Nested
  @DisplayName("One node with enroot's own helpers")
  class Stock {

    @Test
    void hasTheirCapabilityAndUsesThem() throws Exception {
      build("it-stock:1", "hello");
      ClusterRequest clusterRequest =
          builder("stock")
              .definition(null)
              .registry(registry -> registry.withRegistry(true))
              .registry(registry -> registry.registryPort(0))
              .pyxis(pyxis -> pyxis.withPyxis(true).pyxisHelpers("stock"))
              .pyxis(standIn)
              .build();
      SlurmCluster cluster = clusterRequest.cluster();
      try {
        Connection connection = clusterRequest.start();
        cluster.load(List.of(new ImageSource.Local("it-stock:1")));

        try (SlurmShell shell = SlurmShell.withKey(connection);
            DockerClient docker = RawClient.connect()) {
          String id =
              engine
                  .listContainers(
                      Map.of(
                          "io.github.slurmmaven.directory",
                          cluster.directory().toString(),
                          "io.github.slurmmaven.node",
                          "slurm"))
                  .get(0)
                  .id();
          assertThat(docker.inspectContainerCmd(id).exec().getHostConfig().getCapAdd())
              .containsExactly(Capability.SYS_ADMIN);
          Result result =
              shell.run("srun --quiet --container-image=registry:5000/it-stock:1 cat /d/kept");
          // The stand-in has none that work, and says so.
          if (PyxisStandIn.isUsed()) {
            assertThat(result.stderr())
                .contains("enroot-aufs2ovlfs: the stand-in for enroot has no privileged helpers");
          } else {
            assertThat(result.stdout()).isEqualToIgnoringWhitespace("kept");
          }
        }
      } finally {
        cluster.destroy();
        remove("it-stock:1");
      }
    }
  }

  @Nested
  @DisplayName("Where namespaces are forbidden")
  class Forbidden {

    @Test
    void isAStartErrorWithTheReason() throws IOException {
      ClusterRequest clusterRequest = builder("forbidden").build();
      SlurmCluster cluster = clusterRequest.cluster();
      try {
        clusterRequest.create();
        Path profile = cluster.directory().resolve("config/seccomp-pyxis.json");
        Files.writeString(
            profile, Files.readString(profile).replace("\"unshare\"]", "\"umount2\"]"));

        assertThatThrownBy(clusterRequest::start)
            .isInstanceOf(SlurmClusterException.class)
            .hasMessageContaining("jobs in containers do not run on node cpu-")
            .hasMessageContaining(
                (PyxisStandIn.isUsed() ? "no namespaces: " : "") + "Operation not permitted");
      } finally {
        cluster.destroy();
      }
    }
  }

  @Nested
  @DisplayName("A node without Pyxis")
  class Missing {

    @Test
    void isAStartError() throws IOException {
      ClusterRequest clusterRequest = builder("lacking").build();
      SlurmCluster cluster = clusterRequest.cluster();
      try {
        clusterRequest.create();
        Files.writeString(
            cluster.directory().resolve("docker-compose.override.yml"),
            """
            services:
              cpu-1:
                image: %s
            """
                .formatted(plainImage()));

        assertThatThrownBy(clusterRequest::start)
            .isInstanceOf(SlurmClusterException.class)
            .hasMessageContaining("cpu-1 exited with code 78")
            .hasMessageContaining("has no /usr/local/lib/slurm/spank_pyxis.so");
      } finally {
        cluster.destroy();
      }
    }

    /** The image of a cluster without. */
    private String plainImage() throws IOException {
      ClusterRequest plainRequest =
          ClusterRequest.builder()
              .outputDirectory(OUTPUT)
              .name("plain")
              .ssh(ssh -> ssh.port(0))
              .build();
      SlurmCluster plain = plainRequest.cluster();
      try {
        plainRequest.create();
        return Files.readString(plain.directory().resolve("docker-compose.yml"))
            .lines()
            .filter(line -> line.contains("image: "))
            .findFirst()
            .orElseThrow()
            .replaceFirst(".*image: ", "");
      } finally {
        plain.destroy();
      }
    }
  }
}
