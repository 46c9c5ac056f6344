/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.ClusterBackend.Allocation;
import io.github.slurmmaven.backend.ClusterBackend.AllocationTakenException;
import io.github.slurmmaven.backend.ClusterBackend.NodeStatus;
import io.github.slurmmaven.backend.ClusterBackend.Rendering;
import io.github.slurmmaven.backend.ClusterBackend.Taken;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandOutput;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Job;
import io.github.slurmmaven.client.JobId;
import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.client.LogRequest;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.Reset;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.SshFiles;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.ParallelActions;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterDocument;
import io.github.slurmmaven.definition.ClusterParameters;
import io.github.slurmmaven.definition.ImageSource;
import io.github.slurmmaven.definition.PyxisDefinition;
import io.github.slurmmaven.definition.PyxisParameters;
import io.github.slurmmaven.definition.RegistryDefinition;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.files.ClusterLock;
import io.github.slurmmaven.lifecycle.BackendSelector;
import io.github.slurmmaven.lifecycle.Owner;
import io.github.slurmmaven.lifecycle.Reaper;
import io.github.slurmmaven.operations.BatchRun;
import io.github.slurmmaven.operations.LogBundle;
import io.github.slurmmaven.operations.MountRights;
import io.github.slurmmaven.operations.NodeCommands;
import io.github.slurmmaven.operations.NodeSetup;
import io.github.slurmmaven.operations.Nodes;
import io.github.slurmmaven.readiness.Readiness;
import io.github.slurmmaven.slurm.Slurm;
import io.github.slurmmaven.ssh.SshConnection;
import io.github.slurmmaven.status.ClusterStatus;
import io.github.slurmmaven.status.StatusReport;
import io.github.slurmmaven.terminal.Terminal;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Slurm cluster, from its files to its end. Every method may be called when its work is done
 * already, and then does nothing.
 *
 * <pre>{@code
 * try (SlurmCluster cluster = SlurmCluster.builder().preset("gpu").port(0).start()) {
 *   JobId id = cluster.submit(Path.of("train.sh"));
 *   JobState state = cluster.await(id, Duration.ofSeconds(30)).state();
 * }
 * }</pre>
 *
 * <p>All methods throw {@link UserMistakeException} for what the user can mend, and {@link
 * SlurmClusterException} for what broke.
 */
public final class SlurmCluster implements AutoCloseable {

  /** How long {@link #start} waits when nobody says otherwise. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(2);

  private static final int ALLOCATION_ATTEMPTS = 10;

  private final ClusterParameters parameters;
  private final ClusterDefinition asked;
  private final ClusterId id;
  private final ClusterFiles files;
  private final Duration timeout;
  private final boolean force;
  private final boolean keep;
  private final boolean reuse;
  private final Owner owner;
  private final Progress progress;
  private final BackendSelector places;
  private final List<ImageSource> images;
  private final Supplier<ClusterBackend> place;
  private final Consumer<Connection> login;

  private SlurmCluster(Builder builder) {
    parameters = builder.parameters();
    asked = parameters.toSpec();
    Path directory =
        builder.outputDirectory.toAbsolutePath().normalize().resolve(parameters.validName());
    id = new ClusterId(parameters.validName(), directory);
    files = new ClusterFiles(directory);
    timeout = builder.timeout == null ? DEFAULT_TIMEOUT : builder.timeout;
    if (timeout.isNegative() || timeout.isZero()) {
      throw new InvalidParameterException(
          "timeout", timeout.toSeconds(), "is too small: use 1 second or more");
    }
    force = builder.force;
    keep = builder.keep;
    reuse = builder.reuse;
    owner = builder.owner;
    progress = builder.progress;
    images = builder.images;
    login = builder.login;
    places =
        new BackendSelector(
            builder.engine, Environment.system(), builder.bundles, builder.progress, timeout);
    place =
        builder.place == null ? () -> places.open(id, files, asked.slurmVersion()) : builder.place;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The cluster's name. */
  public String name() {
    return id.name();
  }

  /** Absolute path of the cluster's files. */
  public Path directory() {
    return id.directory();
  }

  /**
   * Writes the cluster's files, and fetches or builds its image.
   *
   * @return whether any file was written; false when the same cluster was created before
   */
  public boolean create() {
    try (ClusterLock lock = lock();
        ClusterBackend backend = connect()) {
      Owner there = clear(backend);
      return create(backend, there);
    }
  }

  /**
   * Makes way: what killed builds have left goes, and what a running one has is refused.
   *
   * @return who answers for the cluster from now on
   */
  private Owner clear(ClusterBackend backend) {
    Map<ClusterId, String> owners = backend.owners();
    new Reaper(backend, progress).reap(owners, id);
    files.finishRemoval();
    Owner there = new Owner(owners.getOrDefault(id, ""));
    if (belongsToAPerson(owners)) {
      requireSame();
      progress.step(
          "Cluster %s was started by hand: this build uses it and leaves it running (mvn slurm:destroy removes it)"
              .formatted(id.name()));
      return Owner.byHand();
    }
    if (owner.isBuild() && !there.equals(owner)) {
      there
          .process()
          .ifPresent(
              build -> {
                throw new UserMistakeException(
                    "Cluster %s in %s belongs to another build that still runs (process %d), and each would take it down under the other: wait for its end, or use another name (-Dslurm.name)"
                        .formatted(id.name(), id.directory(), build.pid()));
              });
    }
    return owner;
  }

  /** Whether this is a build, and the cluster is there without one. */
  private boolean belongsToAPerson(Map<ClusterId, String> owners) {
    return owner.isBuild() && owners.containsKey(id) && !new Owner(owners.get(id)).isBuild();
  }

  /** Refuses a person's cluster that is not the one that this build would make. */
  private void requireSame() {
    requireFiles(", but it was started by hand and still exists: remove it with mvn slurm:destroy");
    ClusterDefinition existing = files.spec();
    String difference;
    try {
      parameters.requireMatch(existing);
      if (parameters.describe(existing)) {
        return;
      }
      difference = "it has another definition than this build asks for";
    } catch (InvalidParameterException e) {
      difference = String.valueOf(e.getMessage()).replaceFirst(": run slurm:create .*", "");
    }
    throw new UserMistakeException(
        "Cluster %s in %s was started by hand, and this build cannot use it: %s. Remove it with mvn slurm:destroy, or give the build's cluster another name (-Dslurm.name)"
            .formatted(id.name(), id.directory(), difference));
  }

  /** Leaves a person's cluster to the person when this is a build. */
  private boolean isLeftToItsOwner(ClusterBackend backend) {
    if (!belongsToAPerson(backend.owners())) {
      return false;
    }
    progress.step(
        "Cluster %s was started by hand: left as it is (mvn slurm:destroy removes it)"
            .formatted(id.name()));
    return true;
  }

  private boolean create(ClusterBackend backend, Owner there) {
    boolean existed = files.exists();
    if (existed && (reuse || !there.equals(owner))) {
      parameters.requireMatch(files.spec());
      backend.prepare(id, progress);
      return told(false);
    }
    boolean changed = write(backend);
    try {
      backend.prepare(id, progress);
    } catch (RuntimeException e) {
      if (!existed && !keep) {
        files.delete();
      }
      throw e;
    }
    return told(changed);
  }

  private boolean told(boolean changed) {
    progress.step(
        changed
            ? "Cluster %s created in %s".formatted(id.name(), id.directory())
            : "Cluster %s is as it was created in %s".formatted(id.name(), id.directory()));
    return changed;
  }

  private boolean write(ClusterBackend backend) {
    backend.check(asked);
    Allocation allocation = backend.allocate(id, asked, files.allocation(), Taken.NOTHING);
    Rendering rendering = backend.render(id, asked, allocation);
    rendering.warnings().forEach(progress::warn);
    asked
        .pyxis()
        .ifPresent(
            pyxis ->
                progress.step(
                    "Nodes run jobs in containers and may for that, beyond what Docker allows by"
                        + " default, "
                        + (pyxis.helpers() == PyxisDefinition.Helpers.STOCK
                            ? "use the capability SYS_ADMIN and "
                            : "")
                        + "make user namespaces and mounts; where the host has AppArmor, they run"
                        + " without its profile"));
    return files.write(rendering.files(), asked.users(), force);
  }

  /**
   * Brings the cluster up as its files say, creating them when they are missing, and returns when
   * jobs can be submitted. When it fails, what it brought up is gone again, unless it is to be
   * kept.
   */
  public Connection start() {
    long begin = System.nanoTime();
    SshConnection.prepare();
    try (ClusterLock lock = lock();
        ClusterBackend backend = connect()) {
      Owner there = clear(backend);
      List<NodeStatus> before = backend.nodes(id);
      // Of a cluster that never ran, as after a start that failed, nothing but files is there.
      if (!files.exists() || (before.isEmpty() && parameters.isOtherTopology(files.spec()))) {
        create(backend, there);
      } else {
        parameters.requireMatch(files.spec());
        mend(backend, before);
        prepare(backend);
      }
      // Fetching or building an image takes as long as it takes.
      long deadline = System.nanoTime() + timeout.toNanos();
      ClusterDefinition spec = files.spec();
      try {
        Connection connection = load(backend, up(backend, spec, there, before, deadline), images);
        progress.step(
            "Cluster %s is ready after %.2f s: %s"
                .formatted(
                    id.name(),
                    seconds(begin),
                    SshFiles.command(id.directory().resolve("ssh/config"))));
        return connection;
      } catch (RuntimeException | Error e) {
        rollBack(backend, before, e);
        throw e;
      }
    }
  }

  /**
   * Makes anew what was lost of the cluster's files, as a killed build or a full disk leaves it.
   */
  private void mend(ClusterBackend backend, List<NodeStatus> before) {
    ClusterDefinition spec = files.spec();
    List<String> damaged = files.damaged(spec.users());
    if (!damaged.isEmpty()) {
      progress.warn(
          "Of the files of cluster %s in %s some were missing or empty, and are made anew: %s"
              .formatted(id.name(), id.directory(), String.join(", ", damaged)));
      if (damaged.stream().anyMatch(ClusterFiles::isKey)
          && before.stream().anyMatch(NodeStatus::running)) {
        // A node reads its keys when it starts.
        backend.stop(id);
      }
      Allocation allocation = backend.allocate(id, spec, files.allocation(), Taken.NOTHING);
      files.write(backend.render(id, spec, allocation).files(), spec.users(), force);
    }
    files.requireUsableKeys(spec.users());
  }

  /** Fetches or builds what the files ask for; a mistake in one may also be damage. */
  private void prepare(ClusterBackend backend) {
    try {
      backend.prepare(id, progress);
    } catch (InvalidParameterException e) {
      throw e;
    } catch (UserMistakeException e) {
      List<String> edited = files.edited();
      if (edited.isEmpty()) {
        throw e;
      }
      throw new UserMistakeException(
          "%s%nNot as it was rendered: %s. Mend it, or render it anew with mvn slurm:create -Dslurm.force"
              .formatted(e.getMessage(), String.join(", ", edited)),
          e);
    }
  }

  /** Waits for nodes that are on their way up, sets them up, and writes how to reach them. */
  private Connection makeReady(ClusterBackend backend, ClusterDefinition spec, long deadline) {
    Readiness.Reached reached =
        new Readiness(
                backend,
                id,
                files.hostKey(),
                ssh ->
                    login.accept(
                        files.writeLogin(spec, backend.login(id, spec), ssh, Optional.empty())),
                progress)
            .await(deadline, timeout);
    new NodeSetup(backend, id, progress).run(spec, deadline);
    if (files.isForContainers()) {
      new MountRights(backend, id, progress).check(spec, deadline);
    }
    return files.writeConnection(spec, backend.login(id, spec), reached.ssh(), reached.registry());
  }

  /**
   * Makes images usable by the jobs of the running cluster.
   *
   * @return with what a job calls each of them
   */
  public Connection load(List<ImageSource> images) {
    try (ClusterLock lock = lock();
        ClusterBackend backend = connect()) {
      Connection connection =
          files
              .connection()
              .orElseThrow(
                  () ->
                      new UserMistakeException(
                          "Cluster %s does not run: start it first".formatted(id.name())));
      return load(backend, connection, images);
    }
  }

  private Connection load(ClusterBackend backend, Connection connection, List<ImageSource> images) {
    Connection loaded = connection;
    for (ImageSource image : images) {
      long begin = System.nanoTime();
      String reference = backend.load(id, image, progress);
      String name = reference.replaceFirst(".*[/+]", "").replaceFirst("[:@].*", "");
      loaded = loaded.withImage(name, reference);
      files.writeConnection(loaded);
      progress.step(
          "Jobs can use %s (slurm.image.%s) after %.2f s"
              .formatted(reference, name, seconds(begin)));
    }
    return loaded;
  }

  /**
   * Brings the nodes up and waits for them; where port or network were given away meanwhile, with
   * new ones.
   */
  private Connection up(
      ClusterBackend backend,
      ClusterDefinition spec,
      Owner there,
      List<NodeStatus> before,
      long deadline) {
    int ran =
        (int)
            before.stream()
                .filter(node -> node.running() && !node.role().equals(RegistryDefinition.HOST))
                .count();
    int nodes = spec.nodes().size();
    Taken taken = Taken.NOTHING;
    for (int attempt = 1; ; attempt++) {
      long begin = System.nanoTime();
      try {
        backend.up(id, there.value(), progress);
        progress.step(
            ran < nodes
                ? "%s started in %.2f s".formatted(count(nodes - ran, "node"), seconds(begin))
                : "%s already ran".formatted(count(nodes, "node")));
        return makeReady(backend, spec, deadline);
      } catch (AllocationTakenException e) {
        Allocation lost = files.allocation().orElseThrow(() -> e);
        if (attempt == ALLOCATION_ATTEMPTS) {
          throw e;
        }
        taken = taken.and(e.what());
        Allocation next = backend.allocate(id, spec, Optional.of(lost), taken);
        try {
          files.writeAllocation(backend.render(id, spec, next).files());
        } catch (UserMistakeException edited) {
          throw new UserMistakeException(edited.getMessage() + ": " + e.getMessage(), e);
        }
        progress.step("A port or network was taken meanwhile: " + next.describeChange(lost));
      }
    }
  }

  private void rollBack(ClusterBackend backend, List<NodeStatus> before, Throwable failure) {
    if (keep) {
      progress.warn("What was started is kept for a look; slurm:destroy removes it");
      return;
    }
    if (before.stream().anyMatch(NodeStatus::running)) {
      progress.warn("The cluster ran before this start, and is left as it is");
      return;
    }
    // What was interrupted must still be taken down.
    boolean interrupted = Thread.interrupted();
    try {
      files.removeConnection();
      if (before.isEmpty()) {
        backend.destroy(id);
      } else {
        backend.stop(id);
      }
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      progress.warn(
          "What was started could not be removed (slurm:destroy does it): " + e.getMessage());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Stops the cluster; {@link #start} goes on with the same queue of jobs. A build leaves a cluster
   * running that was started by hand.
   */
  public void stop() {
    long begin = System.nanoTime();
    try (ClusterLock lock = lock();
        ClusterBackend backend = connect()) {
      if (isLeftToItsOwner(backend)) {
        return;
      }
      boolean running = backend.nodes(id).stream().anyMatch(NodeStatus::running);
      // Also what is no node, and what hangs half-way.
      backend.stop(id);
      files.removeConnection();
      if (!running) {
        progress.step("Cluster %s does not run".formatted(id.name()));
        return;
      }
      progress.step("Cluster %s stopped in %.2f s".formatted(id.name(), seconds(begin)));
    }
  }

  /**
   * Stops the cluster or one of its nodes and starts it again, with the same queue of jobs.
   *
   * @param node which; empty for the whole cluster
   * @throws UserMistakeException when there is no such node
   */
  public Connection restart(Optional<String> node) {
    requireFiles(": slurm:destroy removes what is left of it");
    if (node.isEmpty()) {
      stop();
    } else {
      try (ClusterLock lock = lock();
          ClusterBackend backend = connect()) {
        backend.stop(id, new Nodes(backend, id).existing(node.get()));
      }
    }
    return start();
  }

  /**
   * Ends slurmctld, while nodes, jobs and SSH go on; {@link #startController} brings it back.
   * Meanwhile Slurm's commands say that they cannot contact it.
   */
  public void stopController() {
    disrupt(ClusterBackend::stopController);
  }

  /**
   * Starts slurmctld, which reads the configuration and its jobs; one that runs is ended before.
   * Returns when it answers.
   */
  public void startController() {
    disrupt(ClusterBackend::startController);
  }

  /**
   * Cuts a compute node off from the controller, while its jobs go on: its container leaves the
   * network. Where node and controller are one machine, its slurmd is paused instead.
   *
   * @throws UserMistakeException when the node runs no jobs
   */
  public void disconnect(String node) {
    disrupt((backend, cluster) -> backend.disconnect(cluster, existing(backend, node)));
  }

  /** Undoes {@link #disconnect}. Slurm may need half a minute until it uses the node again. */
  public void reconnect(String node) {
    disrupt((backend, cluster) -> backend.reconnect(cluster, existing(backend, node)));
  }

  private String existing(ClusterBackend backend, String node) {
    return new Nodes(backend, id).existing(node);
  }

  /** Breaks all SSH connections in the middle of whatever they do; new ones can be made. */
  public void dropConnections() {
    disrupt(ClusterBackend::dropConnections);
  }

  private void disrupt(BiConsumer<ClusterBackend, ClusterId> what) {
    try (ClusterLock lock = lock();
        ClusterBackend backend = connect()) {
      what.accept(backend, id);
    }
  }

  /**
   * Gives the cluster more or fewer compute nodes while it runs. What runs on a node that goes is
   * requeued by Slurm, or fails, as after a failure of the node.
   *
   * @param partition whose nodes are counted; empty for the default partition
   * @param computeNodes how many it shall have
   */
  public Connection scale(Optional<String> partition, int computeNodes) {
    long begin = System.nanoTime();
    try (ClusterLock lock = lock();
        ClusterBackend backend = connect()) {
      requireFiles(": slurm:destroy removes what is left of it");
      new Nodes(backend, id).controller();
      ClusterDefinition spec = files.spec().scaled(partition, computeNodes);
      backend.check(spec);
      Allocation allocation = backend.allocate(id, spec, files.allocation(), Taken.NOTHING);
      files.write(backend.render(id, spec, allocation).files(), spec.users(), force);
      backend.up(id, owner.value(), progress);
      Connection connection = makeReady(backend, spec, System.nanoTime() + timeout.toNanos());
      progress.step(
          "Cluster %s has %s after %.2f s"
              .formatted(
                  id.name(), count(spec.computeNodes().size(), "compute node"), seconds(begin)));
      return connection;
    }
  }

  /**
   * Removes containers, network, volumes and files of the cluster. A build leaves a cluster as it
   * is that was started by hand.
   */
  public void destroy() {
    long begin = System.nanoTime();
    try (ClusterLock lock = lock();
        ClusterBackend backend = connect()) {
      if (isLeftToItsOwner(backend)) {
        return;
      }
      boolean there = backend.destroy(id);
      boolean onDisk = files.delete();
      progress.step(
          there || onDisk
              ? "Cluster %s destroyed in %.2f s".formatted(id.name(), seconds(begin))
              : "Cluster %s does not exist".formatted(id.name()));
    }
  }

  /** Destroys it. */
  @Override
  public void close() {
    destroy();
  }

  /**
   * Writes the cluster's files as {@link #create} does, but needs no engine: what an engine would
   * say of itself is taken from this machine.
   *
   * @return whether any file was written
   */
  public boolean render() {
    try (ClusterLock lock = lock();
        ClusterBackend backend = places.withoutEngine(id, files)) {
      return told(write(backend));
    }
  }

  /** How to reach the cluster, if it was started and not stopped since. */
  public Optional<Connection> connection() {
    return files.connection();
  }

  /** What there is of the cluster, and what Slurm says of it. */
  public ClusterStatus status() {
    try (ClusterBackend backend = connect()) {
      return new StatusReport(backend, id, files).at(Instant.now());
    }
  }

  /**
   * What the nodes' daemons wrote: slurmctld, slurmd, munged, sshd and the node's entry point. With
   * follow until the nodes end or the thread is interrupted.
   *
   * @param node whose; empty for all nodes
   * @param lines hears node and line; from several threads when it follows several nodes
   * @throws UserMistakeException when there is no such node
   */
  public void logs(Optional<String> node, LogRequest request, BiConsumer<String, String> lines) {
    request
        .tail()
        .ifPresent(
            tail -> {
              if (tail < 0) {
                throw new InvalidParameterException(
                    "tail", tail, "is too small: use 0 or more lines, or leave it out for all");
              }
            });
    try (ClusterBackend backend = connect()) {
      Nodes all = new Nodes(backend, id);
      List<String> nodes = node.map(all::existing).map(List::of).orElseGet(all::all);
      Consumer<String> tell =
          each -> backend.logs(id, each, request, line -> lines.accept(each, line));
      if (request.follow()) {
        ParallelActions.forEach(nodes, "the logs of cluster " + id.name(), tell);
      } else {
        nodes.forEach(tell);
      }
    }
  }

  /**
   * Writes all that tells what the cluster is doing: the logs of its nodes, its files without
   * secrets, what Slurm says of nodes, jobs and partitions, and the state of its containers.
   *
   * @param directory made if it is missing; files of an earlier export are overwritten
   */
  public void exportLogs(Path directory) {
    try (ClusterBackend backend = connect()) {
      new LogBundle(backend, id).write(directory);
    }
  }

  /**
   * Runs a command on nodes, on all at the same time.
   *
   * @param nodes names or host lists, or roles; empty for the controller
   * @param user account to run it as; empty for the login's
   * @param command program and arguments
   * @param output where each node's output goes
   * @param timeout longest time for each node
   * @return exit status by node
   */
  public Map<String, Integer> run(
      List<String> nodes,
      Optional<String> user,
      List<String> command,
      Function<String, CommandOutput> output,
      Duration timeout) {
    requireText("user", user.stream());
    requireText("command", command.stream());
    try (ClusterBackend backend = connect()) {
      Nodes all = new Nodes(backend, id);
      Map<String, Integer> statuses = new ConcurrentSkipListMap<>();
      ParallelActions.forEach(
          nodes.isEmpty() ? List.of(all.controller()) : all.running(nodes),
          "a command on cluster " + id.name(),
          node ->
              statuses.put(
                  node,
                  backend.run(
                      id,
                      node,
                      user.orElse(SshDefinition.USER),
                      command,
                      output.apply(node),
                      timeout)));
      return statuses;
    }
  }

  /**
   * Runs a command line in bash on the controller, as the user who logs in and in that user's home.
   *
   * @param commandLine as one types it, for example {@code squeue --noheader | wc -l}
   * @return what it printed
   * @throws SlurmClusterException when its exit code is not 0, with command, exit code and standard
   *     error; {@link #tryRun(String)} returns such a result instead. Also when it has not ended in
   *     the time that {@link Builder#timeout} allows
   */
  public CommandResult run(String commandLine) {
    return requireSuccess(commandLine, tryRun(commandLine));
  }

  /**
   * Runs a program on the controller without a shell, as the user who logs in.
   *
   * @param command program and arguments
   * @return what it printed
   * @throws SlurmClusterException as {@link #run(String)} does
   */
  public CommandResult run(List<String> command) {
    return requireSuccess(String.join(" ", command), tryRun(command));
  }

  /**
   * Runs a command line as {@link #run(String)} does, and returns its result whatever the exit
   * code.
   */
  public CommandResult tryRun(String commandLine) {
    return tryRun(bash(commandLine));
  }

  /** Runs a program as {@link #run(List)} does, and returns its result whatever the exit code. */
  public CommandResult tryRun(List<String> command) {
    requireText("command", command.stream());
    try (ClusterBackend backend = connect()) {
      return backend.run(
          id,
          new Nodes(backend, id).controller(),
          SshDefinition.USER,
          command,
          line -> {},
          timeout);
    }
  }

  private CommandResult requireSuccess(String command, CommandResult result) {
    if (!result.ok()) {
      String said = (result.stderr().isBlank() ? result.stdout() : result.stderr()).strip();
      throw new SlurmClusterException(
          "On cluster %s, '%s' ended with exit code %d%s (where that is expected, use tryRun)"
              .formatted(id.name(), command, result.exitCode(), said.isEmpty() ? "" : ": " + said));
    }
    return result;
  }

  /** A command line as program and arguments, to be run in the account's home as over SSH. */
  public static List<String> bash(String commandLine) {
    return List.of("bash", "-c", "cd\n" + commandLine);
  }

  /**
   * Runs a command on one node.
   *
   * @param node its name
   * @param user account to run it as; empty for the login's
   * @return exit status
   */
  public int run(
      String node,
      Optional<String> user,
      List<String> command,
      CommandOutput output,
      Duration timeout) {
    requireText("user", user.stream());
    requireText("command", command.stream());
    try (ClusterBackend backend = connect()) {
      return backend.run(
          id,
          new Nodes(backend, id).running(node),
          user.orElse(SshDefinition.USER),
          command,
          output,
          timeout);
    }
  }

  /**
   * Copies a file or directory of this machine into nodes, as root's, with its modes.
   *
   * @param nodes names or host lists, or roles; empty for all
   * @param target path there; a relative one begins in the login's home
   */
  public void copy(Path source, List<String> nodes, String target) {
    if (!Files.exists(source)) {
      throw new InvalidParameterException("source", source, "does not exist");
    }
    String there = nodePath("target", target);
    try (ClusterBackend backend = connect()) {
      ParallelActions.forEach(
          new Nodes(backend, id).running(nodes),
          "a copy to cluster " + id.name(),
          node -> backend.copy(id, node, source.toAbsolutePath(), there));
    }
  }

  /**
   * Copies a file or directory of a node to this machine, with its modes.
   *
   * @param node name; empty for the controller
   * @param source path there; a relative one begins in the login's home
   */
  public void copyBack(Optional<String> node, String source, Path target) {
    String there = nodePath("source", source);
    try (ClusterBackend backend = connect()) {
      Nodes all = new Nodes(backend, id);
      String from = node.map(all::running).orElseGet(all::controller);
      backend.copyBack(id, from, there, target.toAbsolutePath());
    }
  }

  /** No program can be given a NUL, and no two engines do the same with one. */
  private static void requireText(String parameter, Stream<String> texts) {
    texts
        .filter(text -> text.indexOf('\0') >= 0)
        .findFirst()
        .ifPresent(
            text -> {
              throw new InvalidParameterException(
                  parameter, text, "has a NUL, which ends a text: leave it out");
            });
  }

  /** A path in the cluster, which begins in the login's home as with scp. */
  private static String nodePath(String parameter, String path) {
    requireText(parameter, Stream.of(path));
    if (path.isEmpty()) {
      throw new InvalidParameterException(
          parameter, path, "is no path in the cluster: name a file or directory after the colon");
    }
    return path.startsWith("/") ? path : SshDefinition.HOME + "/" + path;
  }

  /**
   * Opens a shell with the person's terminal.
   *
   * @param node where; empty for the controller, which is reached over SSH as everybody's tests
   *     reach it
   * @return exit status of the shell
   */
  public int shell(Optional<String> node, Optional<String> user, Supplier<Terminal> terminal) {
    if (node.isEmpty()) {
      try (SshConnection ssh = ssh(user);
          Terminal screen = terminal.get()) {
        return ssh.shell(screen);
      }
    }
    try (ClusterBackend backend = connect()) {
      String name = new Nodes(backend, id).running(node.get());
      try (Terminal screen = terminal.get()) {
        // At home, as over SSH.
        List<String> shell = List.of("bash", "-c", "cd; exec bash --login");
        return backend.run(id, name, user.orElse(SshDefinition.USER), shell, screen);
      }
    }
  }

  private SshConnection ssh(Optional<String> user) {
    requireFiles(", nor keys to log in with: a node that is named needs none");
    Connection connection = connection().orElseThrow(() -> Nodes.notRunning(id));
    return user.map(name -> SshConnection.open(connection, name))
        .orElseGet(() -> SshConnection.open(connection));
  }

  /**
   * Runs a command line over SSH on the controller, as everybody's tests do.
   *
   * @return its exit status
   */
  public int ssh(Optional<String> user, String command, OutputStream out, OutputStream err) {
    requireText("user", user.stream());
    requireText("command", Stream.of(command));
    try (SshConnection ssh = ssh(user)) {
      return ssh.run(command, out, err);
    }
  }

  /**
   * Submits a batch script of this machine.
   *
   * @throws UserMistakeException when sbatch refuses it, in its words
   */
  public JobId submit(Path script, String... arguments) {
    try (ClusterBackend backend = connect()) {
      return new BatchRun(backend, id, new Nodes(backend, id).controller(), progress)
          .submit(script, SshDefinition.USER, List.of(), List.of(arguments));
    }
  }

  /**
   * Submits a batch script of this machine, hears its output while it is written, and waits for the
   * job's end. The job is cancelled when this thread is interrupted.
   *
   * @param script file of this machine
   * @param options options of sbatch, before the script
   * @param arguments arguments of the script
   * @param timeout after which the job is cancelled
   * @return the job as it ended; of an array, the first task that did not complete, or the last;
   *     empty when options such as {@code --test-only} made sbatch submit none
   */
  public Optional<Job> submit(
      Path script,
      Optional<String> user,
      List<String> options,
      List<String> arguments,
      CommandOutput output,
      Duration timeout) {
    requireText("user", user.stream());
    requireText("options", options.stream());
    requireText("arguments", arguments.stream());
    try (ClusterBackend backend = connect()) {
      return new BatchRun(backend, id, new Nodes(backend, id).controller(), progress)
          .run(script, user.orElse(SshDefinition.USER), options, arguments, output, timeout);
    }
  }

  /**
   * Waits until jobs have ended.
   *
   * @return the jobs as they ended; each task of an array is one
   * @throws UserMistakeException when Slurm does not know one of them
   */
  public List<Job> await(Collection<JobId> jobs, Duration timeout) {
    try (ClusterBackend backend = connect()) {
      return slurm(backend)
          .await(
              jobs,
              JobState.TERMINAL,
              job -> progress.step("Job %s is %s".formatted(job.id(), job.state())),
              timeout);
    }
  }

  /**
   * Waits until a job has ended.
   *
   * @return the job as it ended; of an array, the first task that did not complete, or the last
   */
  public Job await(JobId job, Duration timeout) {
    try (ClusterBackend backend = connect()) {
      return slurm(backend).await(job, timeout);
    }
  }

  /** Waits until the cluster can be used: every node works, a job has run on every partition. */
  public void awaitReady() {
    try (ClusterBackend backend = connect()) {
      if (backend.nodes(id).isEmpty()) {
        throw Nodes.notRunning(id);
      }
      new Readiness(
              backend, id, files.hostKey(), ssh -> files.connection().ifPresent(login), progress)
          .await(System.nanoTime() + timeout.toNanos(), timeout);
    }
  }

  /**
   * Gives the next test suite a clean queue: cancels all jobs, waits for their end, and makes the
   * nodes idle.
   */
  public Reset reset() {
    long begin = System.nanoTime();
    try (ClusterLock lock = lock();
        ClusterBackend backend = connect()) {
      Reset reset = slurm(backend).reset(timeout);
      progress.step(
          "Cluster %s reset in %.2f s: %s cancelled, %s taken back"
              .formatted(
                  id.name(),
                  seconds(begin),
                  count(reset.jobs().size(), "job"),
                  count(reset.nodes().size(), "node")));
      return reset;
    }
  }

  private void requireFiles(String advice) {
    if (!files.exists()) {
      throw new UserMistakeException(
          "There are no files of cluster %s in %s%s".formatted(id.name(), id.directory(), advice));
    }
  }

  private Slurm slurm(ClusterBackend backend) {
    return new Slurm(new NodeCommands(backend, id, new Nodes(backend, id).controller()));
  }

  private ClusterLock lock() {
    return files.lock(
        () ->
            progress.step(
                "Waiting for another build that works on cluster %s in %s"
                    .formatted(id.name(), id.directory())));
  }

  private ClusterBackend connect() {
    ClusterBackend backend = place.get();
    try {
      progress.detail("Cluster " + id.name() + " on " + backend.description());
      return backend;
    } catch (RuntimeException e) {
      backend.close();
      throw e;
    }
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  /** Collects a cluster's parameters; null means the default. */
  public static final class Builder {

    private @Nullable String name;
    private Path outputDirectory = Path.of(".slurm-cluster");
    private @Nullable String preset;
    private @Nullable Path definition;
    private @Nullable ClusterDocument document;
    private @Nullable Integer cpuNodes;
    private @Nullable Integer gpuNodes;
    private @Nullable Integer gpusPerNode;
    private @Nullable Boolean withRegistry;
    private @Nullable Integer registryPort;
    private @Nullable String registryImage;
    private PyxisParameters pyxis = PyxisParameters.NONE;
    private List<ImageSource> images = List.of();
    private Path baseDirectory = Path.of("");
    private @Nullable String slurmVersion;
    private @Nullable Integer cpusPerNode;
    private @Nullable Integer memoryPerNode;
    private @Nullable Integer port;
    private @Nullable String bindAddress;
    private @Nullable Boolean passwordLogin;
    private @Nullable String image;
    private @Nullable Duration timeout;
    private boolean force;
    private boolean keep;
    private boolean reuse;
    private Owner owner = Owner.byHand();
    private Progress progress = Progress.SILENT;
    private @Nullable String engine;
    private BundleSource bundles = BundleSource.classPath();
    private @Nullable Supplier<ClusterBackend> place;
    private Consumer<Connection> login = connection -> SshConnection.open(connection).close();

    private Builder() {}

    /** Name; default {@value ClusterParameters#DEFAULT_NAME}. */
    public Builder name(@Nullable String name) {
      this.name = name;
      return this;
    }

    /** Directory in which the cluster's own, of its name, is made; default .slurm-cluster. */
    public Builder outputDirectory(Path directory) {
      this.outputDirectory = directory;
      return this;
    }

    /** Name and directory of a cluster that was found. */
    public Builder existing(ClusterId id) {
      return name(id.name()).outputDirectory(id.directory().resolve(".."));
    }

    /** Preset; default {@value ClusterParameters#DEFAULT_PRESET}. */
    public Builder preset(@Nullable String preset) {
      this.preset = preset;
      return this;
    }

    /** YAML file that defines the cluster instead of a preset. */
    public Builder definition(@Nullable Path definition) {
      this.definition = definition;
      return this;
    }

    /** Parts of a definition: they replace the preset's or the definition file's. */
    public Builder document(@Nullable ClusterDocument document) {
      this.document = document;
      return this;
    }

    /** Where relative paths of parameters begin; default the current directory. */
    public Builder baseDirectory(Path directory) {
      this.baseDirectory = directory;
      return this;
    }

    /** Number of compute nodes without GPUs; default the preset's. */
    public Builder cpuNodes(@Nullable Integer nodes) {
      this.cpuNodes = nodes;
      return this;
    }

    /** Number of compute nodes with simulated GPUs; default the preset's. */
    public Builder gpuNodes(@Nullable Integer nodes) {
      this.gpuNodes = nodes;
      return this;
    }

    /** Simulated GPUs of each node that has any; default the preset's. */
    public Builder gpusPerNode(@Nullable Integer gpus) {
      this.gpusPerNode = gpus;
      return this;
    }

    /** Whether there is a container registry; default the preset's. */
    public Builder withRegistry(@Nullable Boolean registry) {
      this.withRegistry = registry;
      return this;
    }

    /** Port of the registry on the host, 0 for any free one; default 5000 or the next free one. */
    public Builder registryPort(@Nullable Integer port) {
      this.registryPort = port;
      return this;
    }

    /** Image of the registry; default registry:2. */
    public Builder registryImage(@Nullable String image) {
      this.registryImage = image;
      return this;
    }

    /** Images that {@link SlurmCluster#start} makes usable by jobs; default none. */
    public Builder images(List<ImageSource> images) {
      this.images = List.copyOf(images);
      return this;
    }

    /** Jobs in containers; default the preset's. */
    public Builder pyxis(PyxisParameters pyxis) {
      this.pyxis = pyxis;
      return this;
    }

    /** Slurm's release line, for example {@code 24.11}. */
    public Builder slurmVersion(@Nullable String version) {
      this.slurmVersion = version;
      return this;
    }

    /** Processors of each compute node; default the preset's. */
    public Builder cpusPerNode(@Nullable Integer cpus) {
      this.cpusPerNode = cpus;
      return this;
    }

    /** Memory of each compute node in megabytes; default the preset's. */
    public Builder memoryPerNode(@Nullable Integer megabytes) {
      this.memoryPerNode = megabytes;
      return this;
    }

    /** SSH port of the host, 0 for any free one; default 2222 or the next free one. */
    public Builder port(@Nullable Integer port) {
      this.port = port;
      return this;
    }

    /** Address of the host that published ports bind; default 127.0.0.1. */
    public Builder bindAddress(@Nullable String address) {
      this.bindAddress = address;
      return this;
    }

    /** Whether password login is possible; default true. */
    public Builder passwordLogin(@Nullable Boolean allowed) {
      this.passwordLogin = allowed;
      return this;
    }

    /** Prebuilt image of all nodes; default the one that is built from our Dockerfile. */
    public Builder image(@Nullable String image) {
      this.image = image;
      return this;
    }

    /**
     * Longest time that {@link SlurmCluster#start} waits, and that a command of {@link
     * SlurmCluster#run(String)} may take; default {@link #DEFAULT_TIMEOUT}.
     */
    public Builder timeout(@Nullable Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    /** Whether files that were edited by hand are overwritten. */
    public Builder force(boolean force) {
      this.force = force;
      return this;
    }

    /** Whether a failed start leaves what it brought up for a look. */
    public Builder keep(boolean keep) {
      this.keep = keep;
      return this;
    }

    /**
     * Whether {@link SlurmCluster#create} takes a cluster that exists as it is, as {@link
     * SlurmCluster#start} does, and never renders it anew.
     */
    public Builder reuse(boolean reuse) {
      this.reuse = reuse;
      return this;
    }

    /** Who answers for what is started; default {@link Owner#byHand}. */
    public Builder owner(Owner owner) {
      this.owner = owner;
      return this;
    }

    /** Hears what is going on; default nobody. */
    public Builder progress(Progress progress) {
      this.progress = progress;
      return this;
    }

    /**
     * Where the cluster lives: {@code docker}, {@code embedded} (processes of this machine), or the
     * default {@code auto}: containers where a container engine can be reached, else processes.
     */
    public Builder engine(@Nullable String engine) {
      this.engine = engine;
      return this;
    }

    /** Where Slurm's programs are for a cluster of processes; default the class path. */
    public Builder bundles(BundleSource bundles) {
      this.bundles = bundles;
      return this;
    }

    /** A place of its own instead of one that is chosen. */
    Builder place(Supplier<ClusterBackend> place) {
      this.place = place;
      return this;
    }

    /** What tries a login instead of SSH, where a place has no real SSH server. */
    Builder login(Consumer<Connection> login) {
      this.login = login;
      return this;
    }

    private ClusterParameters parameters() {
      return new ClusterParameters(
          baseDirectory,
          name,
          preset,
          definition,
          document,
          slurmVersion,
          cpuNodes,
          gpuNodes,
          cpusPerNode,
          gpusPerNode,
          memoryPerNode,
          port,
          bindAddress,
          passwordLogin,
          image,
          withRegistry,
          registryPort,
          registryImage,
          pyxis);
    }

    /**
     * The cluster; nothing is touched yet.
     *
     * @throws InvalidParameterException naming parameter, value and what is allowed
     */
    public SlurmCluster build() {
      return new SlurmCluster(this);
    }

    /** The cluster, brought up: jobs can be submitted. */
    public SlurmCluster start() {
      SlurmCluster cluster = build();
      cluster.start();
      return cluster;
    }
  }
}
