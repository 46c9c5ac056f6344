/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.engine.ContainerDefinition.Mount;
import io.github.slurmmaven.engine.ContainerDefinition.NetworkAttachment;
import io.github.slurmmaven.engine.ContainerDefinition.PortBinding;
import io.github.slurmmaven.engine.ContainerEngine.Subscription;
import io.github.slurmmaven.engine.ContainerState.Status;
import io.github.slurmmaven.engine.EngineException.Kind;
import io.github.slurmmaven.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A container engine in memory, with the refusals of a real one: names, ports, subnets and static
 * addresses are unique, what is in use cannot be removed, what is missing is not found.
 *
 * <p>Processes do nothing by themselves: a container runs until it is stopped, killed or made to
 * end with {@link #exit}, and commands answer as {@link #onExec} and {@link #onTerminal} say (exit
 * code 0 and silence when nothing was said). Its files are those that were copied to it. It passes
 * {@link ContainerEngineContract}, as the real engine does.
 */
public final class FakeContainerEngine implements ContainerEngine {

  /** The methods that can be made to fail, by name. */
  public enum Operation {
    INFO,
    FIND_IMAGE,
    LIST_IMAGES,
    REMOVE_IMAGE,
    TAG_IMAGE,
    PULL_IMAGE,
    BUILD_IMAGE,
    LOAD_IMAGES,
    SAVE_IMAGE,
    PUSH_IMAGE,
    CREATE_NETWORK,
    LIST_NETWORKS,
    REMOVE_NETWORK,
    LEAVE_NETWORK,
    JOIN_NETWORK,
    CREATE_VOLUME,
    LIST_VOLUMES,
    REMOVE_VOLUME,
    CREATE_CONTAINER,
    START_CONTAINER,
    STOP_CONTAINER,
    REMOVE_CONTAINER,
    INSPECT_CONTAINER,
    LIST_CONTAINERS,
    WATCH_EXIT,
    EXEC,
    TERMINAL,
    COPY_TO,
    COPY_FROM,
    LOGS
  }

  /**
   * A call that was made.
   *
   * @param operation what
   * @param subject the name of the object it was about, empty for none
   */
  public record Call(Operation operation, String subject) {
    @Override
    public String toString() {
      return subject.isEmpty() ? operation.name() : operation + " " + subject;
    }
  }

  private record PlannedFailure(Operation operation, String subject, EngineException failure) {}

  private record StoredNetwork(String id, NetworkDefinition definition, String subnet) {}

  private record LogLine(Instant at, String text) {}

  private record Watch(Consumer<Integer> onExit, AtomicBoolean open) {}

  private static final class StoredContainer {
    final String id;
    final ContainerDefinition definition;
    final List<Watch> watches = new ArrayList<>();
    final Instant createdAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    final List<LogLine> log = new ArrayList<>();
    final NavigableMap<String, byte[]> files = new TreeMap<>();
    Status status = Status.CREATED;
    int exitCode;
    boolean outOfMemory;
    String error = "";
    @Nullable Instant startedAt;
    List<PortBinding> ports = List.of();
    Map<String, String> addresses = Map.of();

    StoredContainer(String id, ContainerDefinition definition) {
      this.id = id;
      this.definition = definition;
    }
  }

  /** A registry that denies every push. */
  public static final String REFUSING_REGISTRY = "refusing.fake:5000";

  /** A registry that takes what comes and never answers. */
  public static final String SILENT_REGISTRY = "silent.fake:5000";

  private final CountDownLatch silentPush = new CountDownLatch(1);
  private final Map<String, String> images = new LinkedHashMap<>();
  private final List<ImageBuild> builds = new ArrayList<>();
  private final List<String> pushed = new ArrayList<>();
  private final Set<String> pullable = new HashSet<>();
  private final Map<String, StoredNetwork> networks = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> volumes = new LinkedHashMap<>();
  private final Map<String, StoredContainer> containers = new LinkedHashMap<>();
  private final Set<Integer> foreignPorts = new HashSet<>();
  private final List<PlannedFailure> plannedFailures = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private Consumer<Call> beforeCalls = call -> {};
  private final Map<String, Integer> immediateExits = new HashMap<>();
  private final Map<String, String> logsOfStarted = new HashMap<>();
  private final Map<String, List<String>> buildOutput = new HashMap<>();
  private BiFunction<ContainerDefinition, ExecCommand, CommandResult> execAnswers =
      (container, command) -> new CommandResult(0, "", "");
  private BiFunction<ExecCommand, Terminal, Integer> terminalSessions = (command, terminal) -> 0;
  private EngineInfo info =
      new EngineInfo(
          "Fake Engine 1.0", "1.44", "memory (test)", "127.0.0.1", "amd64", 8, 16L << 30);
  private long nextId = 1;
  private int nextPort = 40_000;
  private boolean reachable = true;
  private boolean closed;

  // ---- What tests say ----

  /** Makes an image present. */
  public synchronized FakeContainerEngine withImage(String reference) {
    images.put(reference, "sha256:" + newId());
    return this;
  }

  /** Makes an image exist in its registry. */
  public synchronized FakeContainerEngine withPullableImage(String reference) {
    pullable.add(reference);
    return this;
  }

  /** Replaces what the engine says of itself. */
  public synchronized FakeContainerEngine withInfo(EngineInfo newInfo) {
    info = newInfo;
    return this;
  }

  /** Takes a port of the host, as a process outside of the engine does. */
  public synchronized FakeContainerEngine withForeignPort(int port) {
    foreignPorts.add(port);
    return this;
  }

  /** Says how commands in containers answer; runs on the thread that calls {@link #exec}. */
  public synchronized FakeContainerEngine onExec(
      BiFunction<ContainerDefinition, ExecCommand, CommandResult> answers) {
    execAnswers = answers;
    return this;
  }

  /**
   * Says what commands do with a person's terminal, and how they end; runs on the thread that calls
   * {@link #terminal}.
   */
  public synchronized FakeContainerEngine onTerminal(
      BiFunction<ExecCommand, Terminal, Integer> sessions) {
    terminalSessions = sessions;
    return this;
  }

  /** The next call of {@code operation} fails, once. */
  public FakeContainerEngine failNext(Operation operation, EngineException failure) {
    return failNext(operation, "", failure);
  }

  /**
   * The next call of {@code operation} about the object {@code subject} fails, once.
   *
   * @param subject name of the container, network, volume or image; empty for any
   */
  public synchronized FakeContainerEngine failNext(
      Operation operation, String subject, EngineException failure) {
    plannedFailures.add(new PlannedFailure(operation, subject, failure));
    return this;
  }

  /**
   * Before each call from now on, something is done, which may throw what the call then throws;
   * calls wait for each other there.
   */
  public synchronized FakeContainerEngine beforeCalls(Consumer<Call> something) {
    beforeCalls = something;
    return this;
  }

  /** From now on a container of that name ends as soon as it is started. */
  public synchronized FakeContainerEngine exitOnStart(String name, int exitCode) {
    immediateExits.put(name, exitCode);
    return this;
  }

  /** Sets the output of a build with that tag, whether it succeeds or fails. */
  public synchronized FakeContainerEngine withBuildOutput(String tag, String... lines) {
    buildOutput.put(tag, List.of(lines));
    return this;
  }

  /** What a container of that name has written once it is started. */
  public synchronized FakeContainerEngine withLog(String name, String log) {
    logsOfStarted.put(name, log);
    containers.values().stream()
        .filter(container -> container.definition.name().equals(name))
        .forEach(container -> writeLog(container, log));
    return this;
  }

  /** What the main process of a running container writes now. */
  public synchronized void appendLog(String idOrName, String text) {
    text.lines().forEach(line -> running(idOrName).log.add(new LogLine(Instant.now(), line)));
    notifyAll();
  }

  private static void writeLog(StoredContainer container, String log) {
    container.log.clear();
    log.lines().forEach(line -> container.log.add(new LogLine(Instant.now(), line)));
  }

  /** Ends the main process of a running container. */
  public synchronized void exit(String idOrName, int exitCode) {
    end(running(idOrName), exitCode, false);
  }

  /** Lets the kernel kill the main process of a running container for memory. */
  public synchronized void exitOutOfMemory(String idOrName) {
    end(running(idOrName), 137, true);
  }

  /** Makes the engine unreachable: every later call fails with {@code UNREACHABLE}. */
  public synchronized void vanish() {
    reachable = false;
    for (StoredContainer container : containers.values()) {
      notifyWatches(container, -1);
    }
    notifyAll();
  }

  /** All calls so far, in order. */
  public synchronized List<Call> calls() {
    return List.copyOf(calls);
  }

  /** The specification of a container that exists. */
  public synchronized ContainerDefinition definitionOf(String idOrName) {
    return container(idOrName).definition;
  }

  /** Whether no container, network or volume is left. */
  public synchronized boolean isEmpty() {
    return containers.isEmpty() && networks.isEmpty() && volumes.isEmpty();
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  // ---- The port ----

  @Override
  public synchronized EngineInfo info() {
    enter(Operation.INFO, "");
    return info;
  }

  @Override
  public synchronized Optional<String> findImage(String reference) {
    enter(Operation.FIND_IMAGE, reference);
    return Optional.ofNullable(images.get(reference));
  }

  @Override
  public synchronized List<String> listImages(String repository) {
    enter(Operation.LIST_IMAGES, repository);
    return images.keySet().stream().filter(name -> name.startsWith(repository + ":")).toList();
  }

  @Override
  public synchronized void removeImage(String reference) {
    enter(Operation.REMOVE_IMAGE, reference);
    images.remove(reference);
  }

  @Override
  public synchronized void tagImage(String reference, String target) {
    enter(Operation.TAG_IMAGE, target);
    requireImage(reference, "cannot tag image " + reference + " as " + target);
    images.put(target, images.get(reference));
  }

  @Override
  public synchronized void pullImage(String reference, EngineProgress progress) {
    enter(Operation.PULL_IMAGE, reference);
    if (!pullable.contains(reference) && !pushed.contains(reference)) {
      throw new EngineException(
          Kind.NOT_FOUND, "cannot pull image " + reference + ": manifest unknown", null);
    }
    progress.now("0 of 1 layers");
    progress.line("Pulling " + reference);
    images.put(reference, "sha256:" + newId());
  }

  /** What was built, in its order. */
  public synchronized List<ImageBuild> builds() {
    return List.copyOf(builds);
  }

  @Override
  public synchronized void buildImage(ImageBuild build, EngineProgress progress) {
    buildOutput.getOrDefault(build.tag(), List.of()).forEach(progress::line);
    enter(Operation.BUILD_IMAGE, build.tag());
    byte[] dockerfile = build.files().get(build.dockerfile());
    if (dockerfile == null) {
      throw new EngineException(
          Kind.BUILD_FAILED,
          "cannot build image "
              + build.tag()
              + ": the build context has no file "
              + build.dockerfile(),
          null);
    }
    builds.add(build);
    progress.now("Step 1/1");
    progress.line("Built " + build.tag());
    images.put(build.tag(), "sha256:" + newId());
  }

  @Override
  public synchronized void buildImage(ProjectBuild build, EngineProgress progress) {
    enter(Operation.BUILD_IMAGE, build.tag());
    for (String step : lines(build.dockerfile())) {
      String[] words = step.split(" ");
      if (words[0].equals("COPY") && !Files.exists(build.context().resolve(words[1]))) {
        throw new EngineException(
            Kind.BUILD_FAILED,
            "cannot build image " + build.tag() + ": COPY failed: no file " + words[1],
            null);
      }
      progress.line("Step " + step);
    }
    images.put(build.tag(), "sha256:" + newId());
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An archive here is its images' names, one a line. */
  @Override
  public synchronized List<String> loadImages(InputStream archive) {
    enter(Operation.LOAD_IMAGES, "");
    String doing = "cannot load the images of an archive: ";
    try {
      List<String> names = new String(archive.readAllBytes(), UTF_8).lines().toList();
      if (names.stream().anyMatch(name -> name.contains(" "))) {
        throw new EngineException(Kind.OTHER, doing + "invalid tar header", null);
      }
      names.forEach(name -> images.put(name, "sha256:" + newId()));
      return names;
    } catch (IOException e) {
      throw new EngineException(Kind.OTHER, doing + e.getMessage(), e);
    }
  }

  @Override
  public synchronized void saveImage(String reference, OutputStream archive) {
    enter(Operation.SAVE_IMAGE, reference);
    requireImage(reference, "cannot save image " + reference);
    try {
      archive.write(reference.getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void pushImage(String reference, String target, EngineProgress progress) {
    enter(Operation.PUSH_IMAGE, target);
    String doing = "cannot push image " + reference + " as " + target;
    requireImage(reference, doing);
    if (target.startsWith(REFUSING_REGISTRY)) {
      throw new EngineException(Kind.OTHER, doing + ": denied: not here", null);
    }
    if (target.startsWith(SILENT_REGISTRY)) {
      silentPush.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new EngineException(Kind.OTHER, doing + ": interrupted", e);
      }
    }
    progress.line("Layer 1 pushed");
    pushed.add(target);
  }

  private void requireImage(String reference, String doing) {
    if (!images.containsKey(reference)) {
      throw new EngineException(Kind.NOT_FOUND, doing + ": no such image", null);
    }
  }

  /** Waits until a push has come to the silent registry. */
  public void awaitSilentPush() throws InterruptedException {
    silentPush.await();
  }

  /** What was pushed, in its order. */
  public synchronized List<String> pushed() {
    return List.copyOf(pushed);
  }

  @Override
  public synchronized String createNetwork(NetworkDefinition network) {
    enter(Operation.CREATE_NETWORK, network.name());
    String doing = "cannot create network " + network.name();
    for (StoredNetwork other : networks.values()) {
      if (other.definition.name().equals(network.name())) {
        throw new EngineException(
            Kind.NAME_IN_USE, doing + ": network with name already exists", null);
      }
      if (network.subnet().filter(subnet -> overlap(subnet, other.subnet)).isPresent()) {
        throw new EngineException(
            Kind.SUBNET_IN_USE,
            doing + ": Pool overlaps with other one on this address space",
            null);
      }
    }
    String id = newId();
    networks.put(id, new StoredNetwork(id, network, network.subnet().orElseGet(this::freeSubnet)));
    return id;
  }

  @Override
  public synchronized List<NetworkSummary> listNetworks() {
    enter(Operation.LIST_NETWORKS, "");
    return networks.values().stream()
        .map(
            network ->
                new NetworkSummary(
                    network.id,
                    network.definition.name(),
                    List.of(network.subnet),
                    network.definition.labels()))
        .toList();
  }

  @Override
  public synchronized void removeNetwork(String idOrName) {
    Optional<StoredNetwork> network = findNetwork(idOrName);
    String name = network.map(found -> found.definition.name()).orElse(idOrName);
    enter(Operation.REMOVE_NETWORK, name);
    if (network.isEmpty()) {
      return;
    }
    for (StoredContainer container : containers.values()) {
      if (container.status == Status.RUNNING && container.addresses.containsKey(name)) {
        throw new EngineException(
            Kind.OTHER, "cannot remove network " + name + ": it has active endpoints", null);
      }
    }
    networks.remove(network.get().id);
  }

  @Override
  public synchronized void leaveNetwork(String id, String network) {
    StoredContainer container = enterFor(Operation.LEAVE_NETWORK, id);
    Map<String, String> addresses = new LinkedHashMap<>(container.addresses);
    addresses.remove(network);
    container.addresses = addresses;
  }

  @Override
  public synchronized void joinNetwork(String id, NetworkAttachment attachment) {
    StoredContainer container = enterFor(Operation.JOIN_NETWORK, id);
    Map<String, String> addresses = new LinkedHashMap<>(container.addresses);
    addresses.putAll(
        attach("cannot connect container " + container.definition.name(), List.of(attachment)));
    container.addresses = addresses;
  }

  @Override
  public synchronized void createVolume(String name, Map<String, String> labels) {
    enter(Operation.CREATE_VOLUME, name);
    volumes.putIfAbsent(name, Map.copyOf(labels));
  }

  @Override
  public synchronized List<VolumeSummary> listVolumes(Map<String, String> labels) {
    enter(Operation.LIST_VOLUMES, "");
    return volumes.entrySet().stream()
        .filter(volume -> carries(volume.getValue(), labels))
        .map(volume -> new VolumeSummary(volume.getKey(), volume.getValue()))
        .toList();
  }

  @Override
  public synchronized void removeVolume(String name) {
    enter(Operation.REMOVE_VOLUME, name);
    for (StoredContainer container : containers.values()) {
      for (Mount mount : container.definition.mounts()) {
        if (mount.kind() == Mount.Kind.VOLUME && mount.source().equals(name)) {
          throw new EngineException(
              Kind.OTHER, "cannot remove volume " + name + ": volume is in use", null);
        }
      }
    }
    volumes.remove(name);
  }

  @Override
  public synchronized String createContainer(ContainerDefinition container) {
    enter(Operation.CREATE_CONTAINER, container.name());
    String doing = "cannot create container " + container.name();
    if (!images.containsKey(container.image()) && !images.containsValue(container.image())) {
      throw new EngineException(
          Kind.NOT_FOUND, doing + ": No such image: " + container.image(), null);
    }
    if (find(container.name()).isPresent()) {
      throw new EngineException(
          Kind.NAME_IN_USE, doing + ": Conflict. The container name is already in use", null);
    }
    for (Mount mount : container.mounts()) {
      if (mount.kind() == Mount.Kind.VOLUME) {
        volumes.putIfAbsent(mount.source(), Map.of());
      } else if (mount.kind() == Mount.Kind.BIND && !Files.exists(Path.of(mount.source()))) {
        throw new EngineException(
            Kind.NO_SUCH_SOURCE,
            doing + ": bind source path does not exist: " + mount.source(),
            null);
      }
    }
    String id = newId();
    containers.put(id, new StoredContainer(id, container));
    return id;
  }

  @Override
  public synchronized void startContainer(String id) {
    StoredContainer container = enterFor(Operation.START_CONTAINER, id);
    if (container.status == Status.RUNNING) {
      return;
    }
    String doing = "cannot start container " + container.definition.name();
    try {
      Map<String, String> addresses = attach(doing, container.definition.networks());
      List<PortBinding> ports = publish(doing, container.definition);
      container.addresses = addresses;
      container.ports = ports;
    } catch (EngineException e) {
      container.error = String.valueOf(e.getMessage());
      throw e;
    }
    container.status = Status.RUNNING;
    container.exitCode = 0;
    container.outOfMemory = false;
    container.error = "";
    container.startedAt = Instant.now();
    writeLog(container, logsOfStarted.getOrDefault(container.definition.name(), ""));
    Integer exitCode = immediateExits.get(container.definition.name());
    if (exitCode != null) {
      end(container, exitCode, false);
    }
  }

  @Override
  public synchronized void stopContainer(String id, Duration grace) {
    StoredContainer container = enterFor(Operation.STOP_CONTAINER, id);
    if (container.status == Status.RUNNING) {
      end(container, 0, false);
    }
  }

  @Override
  public synchronized void removeContainer(String id) {
    Optional<StoredContainer> container = find(id);
    enter(Operation.REMOVE_CONTAINER, container.map(found -> found.definition.name()).orElse(id));
    if (container.isPresent()) {
      if (container.get().status == Status.RUNNING) {
        end(container.get(), 137, false);
      }
      containers.remove(container.get().id);
    }
  }

  @Override
  public synchronized ContainerState inspectContainer(String id) {
    StoredContainer container = enterFor(Operation.INSPECT_CONTAINER, id);
    return new ContainerState(
        container.id,
        container.definition.name(),
        container.status,
        container.exitCode,
        container.outOfMemory,
        container.error,
        Optional.ofNullable(container.startedAt),
        container.ports,
        container.addresses,
        container.definition.labels());
  }

  @Override
  public synchronized List<ContainerSummary> listContainers(Map<String, String> labels) {
    enter(Operation.LIST_CONTAINERS, "");
    return containers.values().stream()
        .filter(container -> carries(container.definition.labels(), labels))
        .map(
            container ->
                new ContainerSummary(
                    container.id,
                    container.definition.name(),
                    container.definition.image(),
                    container.status,
                    container.createdAt,
                    container.ports,
                    container.definition.labels()))
        .toList();
  }

  private static boolean carries(Map<String, String> labels, Map<String, String> wanted) {
    return wanted.entrySet().stream()
        .allMatch(
            label ->
                label.getValue().isEmpty()
                    ? labels.containsKey(label.getKey())
                    : label.getValue().equals(labels.get(label.getKey())));
  }

  @Override
  public synchronized Subscription watchExit(String id, Consumer<Integer> onExit) {
    Optional<StoredContainer> container = find(id);
    enter(Operation.WATCH_EXIT, container.map(found -> found.definition.name()).orElse(id));
    Watch watch = new Watch(onExit, new AtomicBoolean(true));
    if (container.isEmpty()) {
      notifyWatch(watch, -1);
    } else if (container.get().status == Status.RUNNING) {
      container.get().watches.add(watch);
    } else {
      notifyWatch(watch, container.get().exitCode);
    }
    return () -> watch.open.set(false);
  }

  @Override
  public int exec(String id, ExecCommand command, CommandOutput output, Duration timeout) {
    ContainerDefinition definition;
    BiFunction<ContainerDefinition, ExecCommand, CommandResult> answers;
    synchronized (this) {
      definition = runningFor(Operation.EXEC, id, command);
      answers = execAnswers;
    }
    CommandResult result = answers.apply(definition, command);
    output.stdout(result.stdout().getBytes(UTF_8));
    output.stderr(result.stderr().getBytes(UTF_8));
    output.end();
    return result.exitCode();
  }

  @Override
  public int terminal(String id, ExecCommand command, Terminal terminal) {
    BiFunction<ExecCommand, Terminal, Integer> sessions;
    synchronized (this) {
      runningFor(Operation.TERMINAL, id, command);
      sessions = terminalSessions;
    }
    return sessions.apply(command, terminal);
  }

  private ContainerDefinition runningFor(Operation operation, String id, ExecCommand command) {
    StoredContainer container = enterFor(operation, id);
    if (container.status != Status.RUNNING) {
      throw new EngineException(
          Kind.OTHER,
          "cannot run "
              + command.command()
              + " in container "
              + container.definition.name()
              + ": it is not running",
          null);
    }
    return container.definition;
  }

  @Override
  public synchronized void copyTo(String id, String directory, InputStream tar) {
    StoredContainer container = enterFor(Operation.COPY_TO, id);
    try {
      Map<String, byte[]> entries = Archives.entries(tar);
      for (String name : entries.keySet()) {
        String file = path(directory, name);
        if (container.files.keySet().stream()
            .anyMatch(other -> other.startsWith(file + "/") || file.startsWith(other + "/"))) {
          throw new EngineException(
              Kind.OTHER_TYPE,
              "cannot copy into " + directory + ": cannot overwrite directory with non-directory",
              null);
        }
      }
      entries.forEach((name, content) -> container.files.put(path(directory, name), content));
      tar.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void copyFrom(String id, String path, ArchiveReader reader) throws IOException {
    Map<String, byte[]> found = new TreeMap<>();
    synchronized (this) {
      StoredContainer container = enterFor(Operation.COPY_FROM, id);
      String parent = path.substring(0, path.lastIndexOf('/') + 1);
      container.files.forEach(
          (name, content) -> {
            if (name.equals(path) || name.startsWith(path + "/")) {
              found.put(name.substring(parent.length()), content);
            }
          });
      if (found.isEmpty()) {
        throw new EngineException(
            Kind.NOT_FOUND,
            "cannot copy "
                + path
                + " from container "
                + container.definition.name()
                + ": no such file",
            null);
      }
    }
    reader.read(Archives.tar(found));
  }

  private static String path(String directory, String name) {
    return directory.endsWith("/") ? directory + name : directory + "/" + name;
  }

  @Override
  public void logs(String id, LogRequest request, Consumer<String> lines) {
    StoredContainer container;
    List<LogLine> written;
    synchronized (this) {
      container = enterFor(Operation.LOGS, id);
      written = List.copyOf(container.log);
    }
    Instant since = request.since().orElse(Instant.MIN);
    int first = Math.max(0, written.size() - request.tail().orElse(Integer.MAX_VALUE));
    written.subList(first, written.size()).stream()
        .filter(line -> !line.at.isBefore(since))
        .forEach(line -> lines.accept(line.text));
    if (request.follow()) {
      try {
        follow(container, written.size(), lines);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void follow(StoredContainer container, int heard, Consumer<String> lines)
      throws InterruptedException {
    for (int next = heard; ; next++) {
      String line;
      synchronized (this) {
        while (container.log.size() <= next) {
          if (container.status != Status.RUNNING) {
            return;
          }
          if (!reachable || closed) {
            throw new EngineException(
                Kind.UNREACHABLE, "the container engine does not answer any more", null);
          }
          wait();
        }
        line = container.log.get(next).text;
      }
      lines.accept(line);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }

  // ---- Inside ----

  private void enter(Operation operation, String subject) {
    Call call = new Call(operation, subject);
    calls.add(call);
    beforeCalls.accept(call);
    if (closed) {
      throw new EngineException(Kind.OTHER, operation + ": the connection was closed", null);
    }
    if (!reachable) {
      throw new EngineException(
          Kind.UNREACHABLE, operation + ": the container engine does not answer any more", null);
    }
    Optional<PlannedFailure> planned =
        plannedFailures.stream()
            .filter(each -> each.operation == operation)
            .filter(each -> each.subject.isEmpty() || each.subject.equals(subject))
            .findFirst();
    if (planned.isPresent()) {
      plannedFailures.remove(planned.get());
      throw planned.get().failure;
    }
  }

  private StoredContainer enterFor(Operation operation, String idOrName) {
    enter(operation, find(idOrName).map(container -> container.definition.name()).orElse(idOrName));
    return container(idOrName);
  }

  private Optional<StoredContainer> find(String idOrName) {
    return containers.values().stream()
        .filter(
            container ->
                container.id.equals(idOrName) || container.definition.name().equals(idOrName))
        .findFirst();
  }

  private StoredContainer container(String idOrName) {
    return find(idOrName)
        .orElseThrow(
            () -> new EngineException(Kind.NOT_FOUND, "No such container: " + idOrName, null));
  }

  private StoredContainer running(String idOrName) {
    StoredContainer container = container(idOrName);
    if (container.status != Status.RUNNING) {
      throw new IllegalStateException(idOrName + " is not running but " + container.status);
    }
    return container;
  }

  private Optional<StoredNetwork> findNetwork(String idOrName) {
    return networks.values().stream()
        .filter(
            network -> network.id.equals(idOrName) || network.definition.name().equals(idOrName))
        .findFirst();
  }

  private Map<String, String> attach(String doing, List<NetworkAttachment> attachments) {
    Map<String, String> addresses = new LinkedHashMap<>();
    for (NetworkAttachment attachment : attachments) {
      StoredNetwork network =
          findNetwork(attachment.network())
              .orElseThrow(
                  () ->
                      new EngineException(
                          Kind.NOT_FOUND,
                          doing + ": network " + attachment.network() + " not found",
                          null));
      String name = network.definition.name();
      Set<String> taken = new HashSet<>();
      for (StoredContainer other : containers.values()) {
        String address = other.addresses.get(name);
        if (other.status == Status.RUNNING && address != null) {
          taken.add(address);
        }
      }
      String address = attachment.ipv4Address().orElseGet(() -> freeAddress(network.subnet, taken));
      if (taken.contains(address)) {
        throw new EngineException(Kind.OTHER, doing + ": Address already in use", null);
      }
      addresses.put(name, address);
    }
    return addresses;
  }

  private List<PortBinding> publish(String doing, ContainerDefinition definition) {
    List<PortBinding> published = new ArrayList<>();
    for (PortBinding port : definition.ports()) {
      int hostPort = port.hostPort();
      if (hostPort == 0) {
        do {
          hostPort = nextPort++;
        } while (isTaken(hostPort, port.protocol()));
      } else if (isTaken(hostPort, port.protocol())) {
        throw new EngineException(
            Kind.PORT_IN_USE,
            doing
                + ": Bind for "
                + port.hostAddress()
                + ":"
                + hostPort
                + " failed: port is already allocated",
            null);
      }
      published.add(
          new PortBinding(port.hostAddress(), hostPort, port.containerPort(), port.protocol()));
    }
    return published;
  }

  private boolean isTaken(int port, String protocol) {
    return foreignPorts.contains(port)
        || containers.values().stream()
            .flatMap(container -> container.ports.stream())
            .anyMatch(other -> other.hostPort() == port && other.protocol().equals(protocol));
  }

  private void end(StoredContainer container, int exitCode, boolean outOfMemory) {
    container.status = Status.EXITED;
    container.exitCode = exitCode;
    container.outOfMemory = outOfMemory;
    container.ports = List.of();
    container.addresses = Map.of();
    notifyWatches(container, exitCode);
    notifyAll();
  }

  private static void notifyWatches(StoredContainer container, int exitCode) {
    container.watches.forEach(watch -> notifyWatch(watch, exitCode));
    container.watches.clear();
  }

  private static void notifyWatch(Watch watch, int exitCode) {
    Thread thread =
        new Thread(
            () -> {
              if (watch.open.compareAndSet(true, false)) {
                watch.onExit.accept(exitCode);
              }
            },
            "fake-engine-exit");
    thread.setDaemon(true);
    thread.start();
  }

  private String newId() {
    return String.format("%064x", nextId++);
  }

  private String freeSubnet() {
    for (int second = 18; second < 32; second++) {
      String candidate = "172." + second + ".0.0/16";
      if (networks.values().stream().noneMatch(other -> overlap(candidate, other.subnet))) {
        return candidate;
      }
    }
    throw new EngineException(
        Kind.OTHER, "all predefined address pools have been fully subnetted", null);
  }

  private static String freeAddress(String subnet, Set<String> taken) {
    long base = first(subnet);
    // The first address of a subnet is the network's own, the second the gateway's.
    for (long address = base + 2; ; address++) {
      String text =
          String.format(
              "%d.%d.%d.%d",
              address >> 24 & 255, address >> 16 & 255, address >> 8 & 255, address & 255);
      if (!taken.contains(text)) {
        return text;
      }
    }
  }

  private static boolean overlap(String a, String b) {
    return first(a) <= last(b) && first(b) <= last(a);
  }

  private static long first(String subnet) {
    long address =
        Arrays.stream(subnet.substring(0, subnet.indexOf('/')).split("\\.", -1))
            .mapToLong(Long::parseLong)
            .reduce(0, (sum, octet) -> sum << 8 | octet);
    return address & -size(subnet);
  }

  private static long last(String subnet) {
    return first(subnet) + size(subnet) - 1;
  }

  private static long size(String subnet) {
    return 1L << (32 - Integer.parseInt(subnet.substring(subnet.indexOf('/') + 1)));
  }
}
