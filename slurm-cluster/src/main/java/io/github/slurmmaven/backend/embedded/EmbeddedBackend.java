/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.ClusterBackend.Address;
import io.github.slurmmaven.backend.ClusterBackend.Allocation;
import io.github.slurmmaven.backend.ClusterBackend.ClusterSummary;
import io.github.slurmmaven.backend.ClusterBackend.Rendering;
import io.github.slurmmaven.backend.ClusterBackend.Taken;
import io.github.slurmmaven.backend.ClusterBackend.Watch;
import io.github.slurmmaven.backend.LocalPorts;
import io.github.slurmmaven.backend.PortChoice;
import io.github.slurmmaven.backend.embedded.ClusterIndex.Entry;
import io.github.slurmmaven.backend.embedded.ClusterIndex.Member;
import io.github.slurmmaven.backend.embedded.bundle.Bundle;
import io.github.slurmmaven.backend.embedded.bundle.BundleCache;
import io.github.slurmmaven.backend.embedded.bundle.BundlePlatform;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.backend.embedded.supervisor.LostSupervisor;
import io.github.slurmmaven.backend.embedded.supervisor.ProcessIdentity;
import io.github.slurmmaven.backend.embedded.supervisor.Supervisor;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorPlan;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorState;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorState.DaemonState;
import io.github.slurmmaven.backend.embedded.supervisor.ThisUser;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.FileCopy;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.ReleaseFact;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.embedded.SshServerCommand;
import io.github.slurmmaven.files.render.RenderContext;
import io.github.slurmmaven.files.render.RenderTarget;
import io.github.slurmmaven.files.render.Renderer;
import io.github.slurmmaven.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Runs a cluster as processes of this machine and this user, from a bundle of Slurm's programs. */
public final class EmbeddedBackend implements ClusterBackend {

  private static final String LOOPBACK = "127.0.0.1";

  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration DESTROY = Duration.ofMillis(500);

  private final BundleSource bundles;
  private final Map<String, String> variables;
  private final Duration timeout;
  private final ClusterIndex index;
  private final ThisUser user = ThisUser.current();

  /**
   * A backend on this machine.
   *
   * @param bundles where Slurm's programs are
   * @param variables environment variables
   * @param timeout how long its processes may take to start, and to do what they are told
   */
  public EmbeddedBackend(BundleSource bundles, Map<String, String> variables, Duration timeout) {
    this.bundles = bundles;
    this.timeout = timeout;
    this.variables = Map.copyOf(variables);
    index = index(this.variables);
  }

  /** Whether a cluster was brought up on this machine and not destroyed since. */
  public static boolean knows(ClusterId id, Map<String, String> variables) {
    try {
      return index(variables).get(id).isPresent();
    } catch (UserMistakeException e) {
      // Who has no cache has brought up none.
      return false;
    }
  }

  private static ClusterIndex index(Map<String, String> variables) {
    return new ClusterIndex(BundleCache.userDirectory(variables).resolveSibling("clusters"));
  }

  /**
   * Makes sure that there are programs for this machine.
   *
   * @throws UserMistakeException says why there are none
   */
  public void requireBundle(SlurmVersion version) {
    cache(Progress.SILENT).require(version);
  }

  private BundleCache cache(Progress progress) {
    return new BundleCache(
        BundleCache.userDirectory(variables), bundles, BundlePlatform.system(), progress);
  }

  @Override
  public String description() {
    return "embedded Slurm (processes of user %s)".formatted(user.name());
  }

  @Override
  public void check(ClusterDefinition spec) {
    UnsupportedFeatures.check(spec);
    user.check();
    Capacity.system(user).check(spec);
  }

  @Override
  public Allocation allocate(
      ClusterId id, ClusterDefinition spec, Optional<Allocation> before, Taken taken) {
    Optional<LocalChoice> previous = before.flatMap(LocalChoice::of);
    Set<Integer> own = ownPorts(id);
    IntPredicate isFree =
        port -> !taken.ports().contains(port) && (own.contains(port) || isFree(port));
    spec.ssh().port().ifPresent(port -> LocalPorts.requirePermission("port", LOOPBACK, port));
    int sshPort =
        new PortChoice(
                isFree,
                port -> LocalPorts.freeFrom(LOOPBACK, port),
                port -> LocalPorts.anyFree(LOOPBACK),
                port -> LocalPorts.holder(port).orElse("another program on " + LOOPBACK))
            .choose(
                "port",
                spec.ssh().port(),
                SshDefinition.DEFAULT_PORT,
                previous.map(LocalChoice::sshPort).orElse(0),
                taken.ports());
    int count = 1 + spec.computeNodes().size();
    int slurmPort =
        previous
            .map(LocalChoice::slurmPort)
            .filter(first -> IntStream.range(first, first + count).allMatch(isFree))
            .orElseGet(
                () ->
                    Ports.freeRow(
                        count,
                        id.directory().hashCode(),
                        port -> port != sshPort && isFree.test(port)));
    return new LocalChoice(
            sshPort,
            slurmPort,
            SymbolicLink.choose(
                id, spec, previous.flatMap(LocalChoice::shortcut), SymbolicLink.places(variables)))
        .allocation();
  }

  private static boolean isFree(int port) {
    return LocalPorts.isFree(LOOPBACK, port);
  }

  /** Ports that this cluster's own processes hold: they are as good as free for it. */
  private Set<Integer> ownPorts(ClusterId id) {
    return index
        .get(id)
        .filter(entry -> isAlive(id))
        .map(entry -> Set.copyOf(entry.ports().values()))
        .orElse(Set.of());
  }

  @Override
  public Rendering render(ClusterId id, ClusterDefinition spec, Allocation allocation) {
    LocalChoice choice =
        LocalChoice.of(allocation)
            .orElseThrow(() -> new IllegalArgumentException("not of this place: " + allocation));
    Path root = choice.shortcut().orElse(id.directory());
    RenderTarget.Processes place =
        new RenderTarget.Processes(
            root,
            user.name(),
            choice.sshPort(),
            choice.slurmPort(),
            ProcessEnvironment.of(id.directory(), root, user));
    List<String> warnings = new ArrayList<>(UnsupportedFeatures.differences(spec, user));
    ReleaseFact.warning(spec.slurmVersion()).ifPresent(warnings::add);
    return new Rendering(
        new Renderer().render(new RenderContext(spec, id.directory(), place)), warnings);
  }

  @Override
  public void prepare(ClusterId id, Progress progress) {
    bundle(spec(id), progress);
  }

  private Bundle bundle(ClusterDefinition spec, Progress progress) {
    return cache(progress).open(spec.slurmVersion());
  }

  private static ClusterDefinition spec(ClusterId id) {
    return ClusterYaml.read(id.directory().resolve("cluster.yaml"));
  }

  private static LocalChoice choice(ClusterId id) {
    return LocalChoice.read(id.directory().resolve(".env"));
  }

  @Override
  public void up(ClusterId id, String owner, Progress progress) {
    ClusterDefinition spec = spec(id);
    LocalChoice choice = choice(id);
    Layout layout = layout(id);
    Bundle bundle = bundle(spec, progress);
    Path root = choice.shortcut().orElse(id.directory());
    Optional<Entry> before = index.get(id);
    before.ifPresent(entry -> endWhatLostItsFiles(entry, progress));
    layout.make(spec, bundle, root);
    Entry entry =
        new Entry(
            id,
            owner,
            before
                .map(Entry::createdAt)
                .orElseGet(() -> Instant.now().truncatedTo(ChronoUnit.SECONDS)),
            Member.of(spec),
            choice);
    // First of all that is not in its directory: by it, what a killed build leaves is found.
    index.put(entry);
    choice.shortcut().ifPresent(path -> SymbolicLink.make(path, id.directory()));
    copyFiles(id, spec);
    SortedMap<String, String> environment = ProcessEnvironment.of(id.directory(), root, user);
    SshServerSettings.write(layout, choice, user, login(id, spec).password(), environment);
    // With its owner goes all of it, as destroy and the removal of its files would have it.
    List<Path> removals = new ArrayList<>(List.of(id.directory()));
    choice.shortcut().ifPresent(removals::add);
    removals.add(index.path(id));
    Daemons daemons = new Daemons(layout, root, environment, sshServer());
    boolean moves = before.filter(old -> entry.moves(old)).isPresent();
    new ClusterProcesses(
            layout, supervisor(id), new LocalCommand(layout.home(), environment), timeout)
        .up(
            new SupervisorPlan(owner(owner), ClusterProcesses.GRACE, removals, daemons.of(spec)),
            bundle.root() + " " + choice.allocation(),
            moves);
  }

  /** Processes do not make their files anew while they run, so they are started anew. */
  private void endWhatLostItsFiles(Entry entry, Progress progress) {
    ClusterId id = entry.id();
    List<String> lost = lost(entry);
    LostSupervisor processes = new LostSupervisor(id.directory(), user);
    if (!lost.isEmpty() && processes.isAlive()) {
      progress.warn(
          "The processes of cluster %s in %s have lost files, and are started anew: %s"
              .formatted(id.name(), id.directory(), String.join(", ", lost)));
      processes.stop(ClusterProcesses.STOP);
    }
  }

  private static List<String> lost(Entry entry) {
    ClusterId id = entry.id();
    Supervisor supervisor = supervisor(id);
    boolean mungeRuns =
        supervisor
            .state()
            .flatMap(state -> state.daemon(Daemons.MUNGED))
            .filter(munged -> munged.condition() == DaemonState.Condition.READY)
            .isPresent();
    List<String> nodes = entry.nodes().stream().map(Member::name).toList();
    return Stream.concat(supervisor.lost().stream(), layout(id).lost(nodes, mungeRuns).stream())
        .map(path -> id.directory().relativize(path).toString())
        .toList();
  }

  /** Copies the definition's files, once in the life of a node. */
  private void copyFiles(ClusterId id, ClusterDefinition spec) {
    List<FileCopy> files =
        spec.files().stream().filter(file -> file.configurationFile().isEmpty()).toList();
    for (NodeDefinition node : spec.nodes()) {
      Path done = layout(id).node(node.name()).resolve("files-copied");
      if (!files.isEmpty() && !Files.exists(done)) {
        files.stream()
            .filter(file -> file.appliesTo(node))
            .forEach(file -> copy(id, node.name(), Path.of(file.source()), file.target()));
        try {
          Files.createFile(done);
        } catch (IOException e) {
          throw new SlurmClusterException(done + " cannot be written: " + e, e);
        }
      }
    }
  }

  private SshServerCommand sshServer() {
    Path cache = BundleCache.userDirectory(variables);
    try {
      SshServerCommand server = SshServerCommand.in(cache);
      BundleCache.noteUse(server.archive());
      return server;
    } catch (IOException e) {
      throw BundleCache.unwritable(cache, "The SSH server's libraries", e);
    }
  }

  /** Ports of daemons that have ended, and that others have: no daemon can have ended for less. */
  @Override
  public Taken taken(ClusterId id) {
    Map<String, Integer> ports = index.get(id).map(Entry::ports).orElse(Map.of());
    return new Taken(
        Set.of(),
        supervisor(id).state().stream()
            .flatMap(state -> state.daemons().stream())
            .filter(DaemonState::hasEnded)
            .map(daemon -> ports.getOrDefault(daemon.name(), 0))
            .filter(port -> port != 0 && !isFree(port))
            .collect(Collectors.toSet()));
  }

  /** The process of a build that owns a cluster; nobody when it is a person. */
  private static Optional<ProcessIdentity> owner(String label) {
    String[] parts = label.split(":", 4);
    if (!parts[0].equals("build")) {
      return Optional.empty();
    }
    return ProcessIdentity.of(Long.parseLong(parts[1]));
  }

  private static Layout layout(ClusterId id) {
    return new Layout(id.directory());
  }

  private static Supervisor supervisor(ClusterId id) {
    return new Supervisor(program(id), id.directory());
  }

  private static Path program(ClusterId id) {
    return id.directory().resolve("bundle/libexec/slurm-supervisor");
  }

  private boolean isAlive(ClusterId id) {
    return Files.isDirectory(id.directory())
        ? supervisor(id).isAlive()
        : new LostSupervisor(id.directory(), user).isAlive();
  }

  @Override
  public void stop(ClusterId id) {
    end(id, ClusterProcesses.STOP);
  }

  private void end(ClusterId id, Duration timeout) {
    Supervisor supervisor = supervisor(id);
    if (supervisor.takesCommands()) {
      supervisor.stop(timeout);
    }
    // One that has lost its files takes signals. One whose owner has died removes its directory,
    // and is not to meet with what is made anew.
    new LostSupervisor(id.directory(), user).stop(timeout);
    if (Files.isExecutable(program(id))) {
      supervisor.reap();
    }
    index
        .get(id)
        .flatMap(entry -> entry.choice().shortcut())
        .ifPresent(path -> SymbolicLink.remove(path, id.directory()));
  }

  @Override
  public void stop(ClusterId id, String node) {
    Member member =
        entry(id, node).nodes().stream()
            .filter(each -> each.name().equals(node))
            .findFirst()
            .orElseThrow();
    if (isAlive(id)) {
      Supervisor supervisor = supervisor(id);
      Daemons.of(member).forEach(daemon -> supervisor.stop(daemon, endLimit()));
    }
  }

  /** How long the end of a daemon may take, which is ended by force after its grace. */
  private Duration endLimit() {
    return ClusterProcesses.GRACE.plus(timeout);
  }

  @Override
  public void stopController(ClusterId id) {
    supervisor(id).stop(Daemons.SLURMCTLD, endLimit());
  }

  @Override
  public void startController(ClusterId id) {
    stopController(id);
    supervisor(id).start(Daemons.SLURMCTLD, timeout);
  }

  /** There is no network between processes of one machine: slurmd does not answer. */
  @Override
  public void disconnect(ClusterId id, String node) {
    signal(id, node, "-STOP");
  }

  @Override
  public void reconnect(ClusterId id, String node) {
    signal(id, node, "-CONT");
  }

  private void signal(ClusterId id, String node, String signal) {
    long pid =
        supervisor(id)
            .state()
            .flatMap(state -> state.daemon(Daemons.slurmd(node)))
            .filter(daemon -> !daemon.hasEnded())
            .map(daemon -> daemon.process().pid())
            .orElseThrow(
                () ->
                    new UserMistakeException(
                        "Cluster %s has no node '%s' that runs jobs".formatted(id.name(), node)));
    CommandResult result =
        run(
            id,
            node,
            user.name(),
            List.of("bash", "-c", "kill %s %d".formatted(signal, pid)),
            line -> {},
            timeout);
    if (!result.ok()) {
      throw new SlurmClusterException(
          "slurmd of %s could not be sent %s: %s".formatted(node, signal, result.stderr().strip()));
    }
  }

  @Override
  public void dropConnections(ClusterId id) {
    Supervisor supervisor = supervisor(id);
    supervisor.kill(Daemons.SSHD, timeout);
    try {
      // By which it is known that the next one listens.
      Files.deleteIfExists(layout(id).sshPortFile());
    } catch (IOException e) {
      throw new SlurmClusterException(
          "The SSH server cannot be started again: " + FileFailure.of(e), e);
    }
    supervisor.start(Daemons.SSHD, timeout);
  }

  @Override
  public boolean destroy(ClusterId id) {
    // Nothing of it is wanted any more, so that nobody waits for its own end.
    end(id, DESTROY);
    return index.remove(id);
  }

  @Override
  public List<ClusterSummary> clusters() {
    return index.all().stream()
        .map(
            entry ->
                new ClusterSummary(
                    entry.id(),
                    entry.owner(),
                    Optional.of(entry.createdAt()),
                    nodes(entry.id()),
                    isAlive(entry.id())
                        ? Optional.of(new Address(LOOPBACK, entry.choice().sshPort()))
                        : Optional.empty()))
        .sorted(
            Comparator.comparing((ClusterSummary cluster) -> cluster.id().name())
                .thenComparing(cluster -> cluster.id().directory()))
        .toList();
  }

  @Override
  public Map<ClusterId, String> owners() {
    return index.all().stream().collect(Collectors.toMap(Entry::id, Entry::owner));
  }

  @Override
  public List<NodeStatus> nodes(ClusterId id) {
    return index.get(id).map(this::nodes).orElse(List.of());
  }

  private List<NodeStatus> nodes(Entry entry) {
    boolean alive = isAlive(entry.id());
    Optional<SupervisorState> state = supervisor(entry.id()).state();
    return entry.nodes().stream()
        .sorted(Comparator.comparing(node -> !node.role().runsController()))
        .map(node -> status(node, alive, state))
        .toList();
  }

  private static NodeStatus status(
      Member node, boolean alive, Optional<SupervisorState> supervisor) {
    List<DaemonState> daemons =
        Daemons.of(node).stream()
            .flatMap(name -> supervisor.flatMap(state -> state.daemon(name)).stream())
            .toList();
    Optional<DaemonState> ended = daemons.stream().filter(DaemonState::hasEnded).findFirst();
    String role = node.role().id();
    if (ended.isPresent()) {
      return new NodeStatus(node.name(), role, false, describe(node, ended.get()));
    }
    if (!alive) {
      return new NodeStatus(
          node.name(), role, false, daemons.isEmpty() ? "not started" : "killed by signal 9");
    }
    boolean ready =
        daemons.stream().allMatch(daemon -> daemon.condition() == DaemonState.Condition.READY);
    return new NodeStatus(node.name(), role, true, ready ? "running" : "starting");
  }

  private static String describe(Member node, DaemonState daemon) {
    String detail =
        switch (daemon.condition()) {
          case EXITED -> "exited with code " + daemon.detail();
          case KILLED -> "killed by signal " + daemon.detail();
          default -> "could not be started: " + daemon.detail();
        };
    return daemon.name().equals(Daemons.of(node).get(0)) ? detail : daemon.name() + " " + detail;
  }

  @Override
  public Optional<Instant> runningSince(ClusterId id) {
    Supervisor supervisor = supervisor(id);
    return supervisor.isAlive()
        ? supervisor
            .state()
            .flatMap(state -> state.daemon(Daemons.SLURMCTLD))
            .filter(daemon -> daemon.condition() == DaemonState.Condition.READY)
            .map(DaemonState::since)
        : Optional.empty();
  }

  @Override
  public Watch watch(ClusterId id, Consumer<NodeStatus> onExit) {
    Thread thread = new Thread(() -> watchNodes(id, onExit), "slurm-watch");
    thread.setDaemon(true);
    thread.start();
    return thread::interrupt;
  }

  private void watchNodes(ClusterId id, Consumer<NodeStatus> onExit) {
    Set<String> told = new HashSet<>();
    try {
      while (true) {
        for (NodeStatus node : nodes(id)) {
          if (!node.running() && told.add(node.name())) {
            onExit.accept(node);
          }
        }
        Thread.sleep(POLL.toMillis());
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public int run(
      ClusterId id,
      String node,
      String account,
      List<String> command,
      CommandOutput output,
      Duration timeout) {
    return commands(id, node, account).run(command, output, timeout);
  }

  @Override
  public int run(
      ClusterId id, String node, String account, List<String> command, Terminal terminal) {
    return TerminalSession.run(
        commands(id, node, account),
        id.directory().resolve("bundle/libexec/slurm-pty"),
        command,
        terminal);
  }

  private LocalCommand commands(ClusterId id, String node, String account) {
    Entry entry = entry(id, node);
    if (!List.of("root", SshDefinition.USER, user.name()).contains(account)) {
      throw new UserMistakeException(
          "user: '%s' is not a user of cluster %s, all of whose processes are %s's: only containers have others"
              .formatted(account, id.name(), user.name()));
    }
    if (!isAlive(id)) {
      throw new SlurmClusterException("Cluster " + id.name() + " does not run");
    }
    Path root = entry.choice().shortcut().orElse(id.directory());
    SortedMap<String, String> environment = ProcessEnvironment.of(id.directory(), root, user);
    // By which the supervisor's --reap knows what such a command leaves running.
    environment.put("SLURM_MAVEN_CLUSTER", id.directory().toString());
    environment.put(NODE_NAME, node);
    return new LocalCommand(layout(id).home(), environment);
  }

  private Entry entry(ClusterId id, String node) {
    return index
        .get(id)
        .filter(each -> each.nodes().stream().anyMatch(member -> member.name().equals(node)))
        .orElseThrow(
            () ->
                new SlurmClusterException(
                    "Cluster %s has no node '%s' on this machine".formatted(id.name(), node)));
  }

  @Override
  public void copy(ClusterId id, String node, Path source, String target) {
    Path here =
        HomePaths.writable(target, layout(id).home())
            .orElseThrow(
                () ->
                    new UserMistakeException(
                        "target: %s is not cluster %s's own: without containers, its nodes see this machine's files, and copies go below %s or /tmp only"
                            .formatted(target, id.name(), SshDefinition.HOME)));
    try {
      TreeCopy.copy(source, here);
    } catch (IOException e) {
      throw new UserMistakeException(
          "target: %s cannot be copied to %s: %s".formatted(source, here, FileFailure.of(e)), e);
    }
  }

  @Override
  public void copyBack(ClusterId id, String node, String source, Path target) {
    Path here = HomePaths.readable(source, layout(id).home());
    if (!Files.exists(here)) {
      throw new UserMistakeException(
          "source: node %s has no file or directory '%s'".formatted(node, source));
    }
    try {
      TreeCopy.copy(here, target);
    } catch (IOException e) {
      throw new UserMistakeException(
          "target: '%s' cannot be written: %s".formatted(target, FileFailure.of(e)), e);
    }
  }

  @Override
  public void logs(ClusterId id, String node, LogRequest request, Consumer<String> lines) {
    Layout layout = layout(id);
    // Only in Slurm's own is it said when something was.
    new LogFile(request.since().isPresent() ? layout.slurmLog(node) : layout.log(node))
        .read(request, lines, () -> isRunning(id, node));
  }

  private boolean isRunning(ClusterId id, String node) {
    return nodes(id).stream().anyMatch(each -> each.name().equals(node) && each.running());
  }

  @Override
  public String ownDirectory(ClusterId id, String node) {
    return layout(id).node(node).toString();
  }

  @Override
  public Login login(ClusterId id, ClusterDefinition spec) {
    return new Login(
        user.name(),
        spec.ssh().passwordLogin() ? Optional.of(layout(id).password()) : Optional.empty());
  }

  @Override
  public Address ssh(ClusterId id) {
    // Before it has its port, what answers there is another's.
    supervisor(id).awaitReady(Daemons.SSHD, timeout);
    return new Address(LOOPBACK, choice(id).sshPort());
  }

  @Override
  public Optional<Address> registry(ClusterId id) {
    return Optional.empty();
  }

  @Override
  public void close() {
    // Nothing is held open.
  }
}
