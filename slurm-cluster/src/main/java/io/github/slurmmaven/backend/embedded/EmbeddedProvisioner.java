/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.Provisioner;
import io.github.slurmmaven.backend.embedded.ClusterIndex.Entry;
import io.github.slurmmaven.backend.embedded.ClusterIndex.NodeEntry;
import io.github.slurmmaven.backend.embedded.bundle.Bundle;
import io.github.slurmmaven.backend.embedded.bundle.BundleCache;
import io.github.slurmmaven.backend.embedded.bundle.BundleName;
import io.github.slurmmaven.backend.embedded.bundle.BundlePlatform;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.backend.embedded.supervisor.LostSupervisor;
import io.github.slurmmaven.backend.embedded.supervisor.ProcessIdentity;
import io.github.slurmmaven.backend.embedded.supervisor.Supervisor;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorPlan;
import io.github.slurmmaven.backend.embedded.supervisor.SupervisorState.DaemonState;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.CollectedOutput;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.FileCopy;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.NodePaths;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.embedded.SshServerCommand;
import io.github.slurmmaven.files.Allocation;
import io.github.slurmmaven.files.ClusterFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Brings up the processes of a cluster, and ends them. */
final class EmbeddedProvisioner implements Provisioner {

  private static final Duration DESTROY = Duration.ofMillis(500);

  private final LocalClusters clusters;
  private final EmbeddedNodeAccess nodeAccess;

  private final BundleSource bundles;
  private final Map<String, String> variables;
  private final Duration timeout;

  /** Bundles that this operation has checked or unpacked. */
  private final Map<BundleName.Content, Bundle> opened = new EnumMap<>(BundleName.Content.class);

  EmbeddedProvisioner(
      LocalClusters clusters,
      EmbeddedNodeAccess nodeAccess,
      BundleSource bundles,
      Map<String, String> variables,
      Duration timeout) {
    this.clusters = clusters;
    this.nodeAccess = nodeAccess;
    this.bundles = bundles;
    this.variables = variables;
    this.timeout = timeout;
  }

  /**
   * Checks that there are programs for this machine.
   *
   * @throws UserMistakeException when there are none; says why
   */
  void requireBundle(SlurmVersion version) {
    cache(Progress.SILENT).require(BundleName.Content.SLURM, version);
  }

  private BundleCache cache(Progress progress) {
    return new BundleCache(
        BundleCache.userDirectory(variables), bundles, BundlePlatform.system(), progress);
  }

  @Override
  public void prepare(ClusterFiles files, Progress progress) {
    programs(files.definition(), progress);
  }

  /** The bundles of a cluster. */
  private record Programs(Bundle slurm, Optional<Bundle> accounting) {

    /** Returns a text that identifies both. */
    String roots() {
      return slurm.root() + accounting.map(bundle -> " " + bundle.root()).orElse("");
    }
  }

  private Programs programs(ClusterDefinition definition, Progress progress) {
    Bundle slurm = bundle(BundleName.Content.SLURM, definition, progress);
    if (definition.jobClock() && !Files.exists(slurm.libexec(NodePaths.JOB_CLOCK_LIBRARY))) {
      throw new InvalidParameterException(
          "jobClock",
          true,
          "needs a library that the bundle of Slurm %s lacks, because it is an earlier build (%s has no libexec/%s): use a later build of the bundle, or leave jobClock out"
              .formatted(slurm.version(), slurm.root(), NodePaths.JOB_CLOCK_LIBRARY));
    }
    return new Programs(
        slurm,
        definition
            .accounting()
            .map(accounting -> bundle(BundleName.Content.ACCOUNTING, definition, progress)));
  }

  private synchronized Bundle bundle(
      BundleName.Content content, ClusterDefinition definition, Progress progress) {
    SlurmVersion version = definition.slurmVersion();
    Bundle known = opened.get(content);
    if (known == null || !known.release().equals(version.release())) {
      known = cache(progress).open(content, version);
      opened.put(content, known);
    }
    return known;
  }

  private static Allocation.Processes choice(ClusterFiles files) {
    if (files.allocation().orElse(null) instanceof Allocation.Processes choice
        && (choice.slurmdbdPort() != 0 || files.definition().accounting().isEmpty())
        && (choice.restPort() != 0 || files.definition().rest().isEmpty())) {
      return choice;
    }
    throw new UserMistakeException(
        files.id().directory().resolve(".env")
            + " lacks a port, or has one that is not a number: run slurm:create again");
  }

  @Override
  public void up(ClusterFiles files, Owner owner, Progress progress) {
    ClusterId id = files.id();
    ClusterDefinition definition = files.definition();
    Allocation.Processes choice = choice(files);
    Layout layout = LocalClusters.layout(id);
    Programs programs = programs(definition, progress);
    Path root = choice.link().orElse(id.directory());
    Optional<Entry> before = clusters.index().get(id);
    before.ifPresent(entry -> endWhatLostItsFiles(entry, progress));
    layout.make(definition, programs.slurm(), programs.accounting(), root);
    Entry entry =
        new Entry(
            id,
            owner,
            before
                .map(Entry::createdAt)
                .orElseGet(() -> Instant.now().truncatedTo(ChronoUnit.SECONDS)),
            NodeEntry.of(definition),
            choice);
    // Comes before everything outside the directory: the index leads to what a killed build leaves.
    clusters.index().put(entry);
    choice.link().ifPresent(path -> SymbolicLink.make(path, id.directory()));
    copyFiles(id, definition);
    SortedMap<String, String> environment =
        ProcessEnvironment.of(id.directory(), root, clusters.user());
    SshServerSettings.write(
        layout, choice, clusters.user(), LocalClusters.password(id, definition), environment);
    // When the owner ends, the supervisor removes what destroy would remove.
    List<Path> removals = new ArrayList<>(List.of(id.directory()));
    choice.link().ifPresent(removals::add);
    removals.add(clusters.index().path(id));
    Daemons daemons = new Daemons(layout, root, environment, sshServer(), choice.restPort());
    boolean moves = before.filter(old -> entry.moves(old)).isPresent();
    Supervisor supervisor = LocalClusters.supervisor(id);
    new ClusterProcesses(layout, supervisor, new LocalCommand(layout.home(), environment), timeout)
        .up(
            new SupervisorPlan(
                owner.pid().flatMap(ProcessIdentity::of),
                ClusterProcesses.GRACE,
                removals,
                daemons.of(definition)),
            programs.roots() + " " + choice.variables(),
            moves,
            before.isEmpty() && !supervisor.hasStarted());
  }

  /** Ends processes that have lost files, because they write those only when they start. */
  private void endWhatLostItsFiles(Entry entry, Progress progress) {
    ClusterId id = entry.id();
    List<String> lost = lost(entry);
    LostSupervisor processes = new LostSupervisor(id.directory(), clusters.user());
    if (!lost.isEmpty() && processes.isAlive()) {
      progress.warn(
          "The processes of cluster %s in %s have lost files, and are started anew: %s"
              .formatted(id.name(), id.directory(), String.join(", ", lost)));
      processes.stop(ClusterProcesses.STOP);
    }
  }

  private List<String> lost(Entry entry) {
    ClusterId id = entry.id();
    Supervisor supervisor = LocalClusters.supervisor(id);
    boolean mungeRuns =
        supervisor
            .state()
            .flatMap(state -> state.daemon(Daemons.MUNGED))
            .filter(munged -> munged.condition() == DaemonState.Condition.READY)
            .isPresent();
    List<String> nodes = entry.nodes().stream().map(NodeEntry::name).toList();
    return Stream.concat(
            supervisor.lost().stream(),
            LocalClusters.layout(id)
                .lost(nodes, mungeRuns, entry.choice().slurmdbdPort() != 0)
                .stream())
        .map(path -> id.directory().relativize(path).toString())
        .toList();
  }

  /** Copies the definition's files, once for each node. */
  private void copyFiles(ClusterId id, ClusterDefinition definition) {
    List<FileCopy> files =
        definition.files().stream().filter(file -> file.configurationFile().isEmpty()).toList();
    for (NodeDefinition node : definition.nodes()) {
      Path done = LocalClusters.layout(id).node(node.name()).resolve("files-copied");
      if (!files.isEmpty() && !Files.exists(done)) {
        files.stream()
            .filter(file -> file.appliesTo(node))
            .forEach(
                file -> nodeAccess.copy(id, node.name(), Path.of(file.source()), file.target()));
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

  @Override
  public void stop(ClusterId id) {
    resumeDatabase(id);
    end(id, ClusterProcesses.STOP);
  }

  /**
   * Resumes a paused database. Otherwise it would not end by itself, and neither would slurmdbd,
   * which waits for it, and slurmctld, which waits for slurmdbd.
   */
  private void resumeDatabase(ClusterId id) {
    Path process = LocalClusters.layout(id).databaseProcess();
    if (Files.exists(process) && clusters.isAlive(id)) {
      // The database may end meanwhile.
      new LocalCommand(id.directory(), variables)
          .run(
              List.of("bash", "-c", "kill -CONT $(<\"$0\")", process.toString()),
              new CollectedOutput(),
              timeout);
    }
  }

  private void end(ClusterId id, Duration timeout) {
    Supervisor supervisor = LocalClusters.supervisor(id);
    if (supervisor.takesCommands()) {
      supervisor.stop(timeout);
    }
    // A supervisor that has lost its files still takes signals. If its owner has died, it removes
    // its directory, so it must have ended before the directory is created again.
    new LostSupervisor(id.directory(), clusters.user()).stop(timeout);
    if (Files.isExecutable(LocalClusters.program(id))) {
      supervisor.reap();
    }
    clusters
        .index()
        .get(id)
        .flatMap(entry -> entry.choice().link())
        .ifPresent(path -> SymbolicLink.remove(path, id.directory()));
  }

  @Override
  public void stop(ClusterId id, String node) {
    NodeEntry entry =
        clusters.entry(id, node).nodes().stream()
            .filter(each -> each.name().equals(node))
            .findFirst()
            .orElseThrow();
    if (clusters.isAlive(id)) {
      Supervisor supervisor = LocalClusters.supervisor(id);
      Daemons.of(entry).stream()
          .filter(
              daemon ->
                  supervisor.state().filter(state -> state.daemon(daemon).isPresent()).isPresent())
          .forEach(daemon -> supervisor.stop(daemon, clusters.endLimit(timeout)));
    }
  }

  @Override
  public boolean destroy(ClusterId id) {
    // The state is not needed any more, so processes get no time to end by themselves.
    end(id, DESTROY);
    return clusters.index().remove(id);
  }
}
