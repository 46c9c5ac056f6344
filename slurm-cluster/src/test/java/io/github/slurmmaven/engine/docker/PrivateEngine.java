/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine.docker;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterParameters;
import io.github.slurmmaven.engine.ContainerSummary;
import io.github.slurmmaven.engine.EngineException;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.engine.endpoint.NoEngineException;
import io.github.slurmmaven.image.ClusterImages;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A Docker engine of a test's own, to be stopped, killed and started again while the machine's goes
 * on. Its images, containers and networks are its own; the machine's firewall is left alone, so
 * that containers of one network may not reach each other there: clusters of one node work.
 */
public final class PrivateEngine implements AutoCloseable {

  private static final Duration UP_WITHIN = Duration.ofSeconds(120);
  private static final Duration DOWN_WITHIN = Duration.ofSeconds(120);

  private final Path directory;
  private final Path socket;
  private final List<String> options;
  private final Thread hook = new Thread(this::end, "private-engine-end");

  /** The processes of a killed one. */
  private final Set<ProcessHandle> helpers = ConcurrentHashMap.newKeySet();

  private Process daemon;

  private PrivateEngine(Path directory, List<String> options) {
    this.directory = directory;
    this.options = options;
    socket = directory.resolve("docker.sock");
  }

  /** Skips the test where no second engine can run. */
  public static void assumePossible() {
    assumeTrue(
        System.getProperty("os.name", "").equals("Linux"), "a second engine runs on Linux only");
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can run a second engine");
    assumeTrue(isInstalled(), "no dockerd on the PATH");
  }

  private static boolean isInstalled() {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "dockerd")));
  }

  /** Starts one, which holds no image, with further options of dockerd. */
  public static PrivateEngine start(String... options) throws IOException, InterruptedException {
    // A socket's path must be short.
    PrivateEngine engine =
        new PrivateEngine(
            Files.createTempDirectory(Path.of("/tmp"), "slurm-engine-"), List.of(options));
    Runtime.getRuntime().addShutdownHook(engine.hook);
    try {
      engine.startAgain();
      return engine;
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      engine.end();
      throw e;
    }
  }

  /** Starts the engine after {@link #stop} or {@link #kill}, and returns when it answers. */
  public void startAgain() throws IOException, InterruptedException {
    if (daemon != null) {
      // Who has killed it may have been interrupted.
      awaitEnd();
    }
    Path settings = Files.writeString(directory.resolve("daemon.json"), "{}");
    Path log = directory.resolve("dockerd.log");
    Files.deleteIfExists(directory.resolve("docker.pid"));
    // What a killed one has left would be taken for the new one's.
    Files.deleteIfExists(socket);
    Files.deleteIfExists(containerdPid());
    List<String> command =
        new ArrayList<>(
            List.of(
                "dockerd",
                "--config-file=" + settings,
                "--host=unix://" + socket,
                "--data-root=" + directory.resolve("data"),
                "--exec-root=" + directory.resolve("exec"),
                "--pidfile=" + directory.resolve("docker.pid"),
                "--bridge=" + bridge(),
                "--iptables=false",
                "--ip6tables=false",
                "--ip-forward=false",
                "--ip-masq=false"));
    command.addAll(options);
    daemon =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    long deadline = System.nanoTime() + UP_WITHIN.toNanos();
    while (!answers()) {
      if (!daemon.isAlive() || System.nanoTime() > deadline) {
        kill();
        throw new IllegalStateException("dockerd does not come up:\n" + Files.readString(log));
      }
      Thread.sleep(50);
    }
  }

  /** The machine's, without any use for it: an engine that has none removes the machine's. */
  private static String bridge() {
    return Files.exists(Path.of("/sys/class/net/docker0")) ? "docker0" : "none";
  }

  private boolean answers() {
    try (DockerEngine engine = connect()) {
      return true;
    } catch (NoEngineException | EngineException e) {
      return false;
    }
  }

  /** Ends it as a service is ended: it stops its containers. */
  public void stop() throws InterruptedException {
    daemon.destroy();
    awaitEnd();
  }

  /** Ends it as a crash does: its containers go on, until the next engine there ends them. */
  public void kill() throws InterruptedException {
    // containerd would go on too, and the next engine would wait for its files.
    daemon.children().forEach(helpers::add);
    containerd().ifPresent(helpers::add);
    daemon.destroyForcibly();
    helpers.forEach(ProcessHandle::destroyForcibly);
    awaitEnd();
  }

  private Optional<ProcessHandle> containerd() {
    try {
      return ProcessHandle.of(Long.parseLong(Files.readString(containerdPid()).strip()));
    } catch (IOException | NumberFormatException e) {
      // It is not up yet.
      return Optional.empty();
    }
  }

  private Path containerdPid() {
    return directory.resolve("exec/containerd/containerd.pid");
  }

  private void awaitEnd() throws InterruptedException {
    if (!daemon.waitFor(DOWN_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("dockerd does not end");
    }
    for (ProcessHandle helper : helpers) {
      try {
        helper.onExit().get(DOWN_WITHIN.toSeconds(), TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        throw new IllegalStateException("containerd does not end", e);
      }
    }
    helpers.clear();
  }

  /** With this a client finds it, as with {@code DOCKER_HOST}. */
  public Environment environment() {
    return new Environment(Map.of("DOCKER_HOST", host().toString()), directory, host());
  }

  /** The value of {@code DOCKER_HOST} for it. */
  public URI host() {
    return URI.create("unix://" + socket);
  }

  /** A connection to it. */
  public DockerEngine connect() {
    return DockerEngine.connect(environment());
  }

  /**
   * Starts one that holds the image of nodes, which is built when the machine has none, with
   * further options of dockerd.
   */
  public static PrivateEngine startWithNodes(String... options)
      throws IOException, InterruptedException {
    ClusterImages images = new ClusterImages(Map.of());
    ClusterDefinition nodes = ClusterParameters.builder().build().toDefinition();
    String image;
    try (DockerEngine machine = DockerEngine.connect(Environment.system())) {
      image = images.reference(nodes, machine.info().architecture());
      images.ensure(machine, image, Optional.empty(), () -> nodes, Progress.SILENT);
    }
    PrivateEngine engine = start(options);
    try {
      engine.load(image);
      return engine;
    } catch (IOException | RuntimeException | Error e) {
      engine.end();
      throw e;
    }
  }

  /** Gives it an image that the machine's engine has. */
  private void load(String reference) throws IOException {
    Path archive = directory.resolve("image.tar");
    try (DockerEngine machine = DockerEngine.connect(Environment.system());
        DockerEngine engine = connect()) {
      try (OutputStream out = Files.newOutputStream(archive)) {
        machine.saveImage(reference, out);
      }
      try (InputStream in = Files.newInputStream(archive)) {
        engine.loadImages(in);
      }
    } finally {
      Files.deleteIfExists(archive);
    }
  }

  /** Removes its containers and networks, ends it, and removes all that it kept. */
  @Override
  public void close() throws IOException, InterruptedException {
    try {
      if (!daemon.isAlive()) {
        startAgain();
      }
      try (DockerEngine engine = connect()) {
        for (ContainerSummary container : engine.listContainers(Map.of())) {
          engine.removeContainer(container.id());
        }
        engine.listNetworks().stream()
            .filter(network -> !List.of("bridge", "host", "none").contains(network.name()))
            .forEach(network -> engine.removeNetwork(network.id()));
      }
    } finally {
      end();
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }

  private void end() {
    try {
      if (daemon != null && daemon.isAlive()) {
        stop();
      }
      endContainers();
      unmount();
      delete();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Those of a killed engine, which no other has taken over: their shims name its directory. */
  private void endContainers() {
    ProcessHandle.allProcesses()
        .filter(
            process ->
                process
                    .info()
                    .commandLine()
                    .filter(line -> line.contains(directory + "/"))
                    .isPresent())
        .flatMap(shim -> Stream.concat(shim.descendants(), Stream.of(shim)))
        .toList()
        .forEach(ProcessHandle::destroyForcibly);
  }

  /** What killed engines have left mounted, the innermost first. */
  private void unmount() throws IOException, InterruptedException {
    List<String> mounts = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String where = line.split(" ", -1)[1];
      if (where.startsWith(directory + "/")) {
        mounts.add(0, where);
      }
    }
    for (String mount : mounts) {
      new ProcessBuilder("umount", "--lazy", mount).inheritIO().start().waitFor();
    }
  }

  private void delete() throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
