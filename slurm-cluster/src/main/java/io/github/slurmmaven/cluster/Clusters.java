/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.cluster;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.Inventory.ClusterSummary;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.ConnectionSearch;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.engine.endpoint.Environment;
import io.github.slurmmaven.files.ClusterDirectory;
import io.github.slurmmaven.files.ClusterFiles;
import io.github.slurmmaven.lifecycle.BackendSelector;
import io.github.slurmmaven.status.ClusterTable;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Finds clusters on this machine. */
public final class Clusters {

  private static final Comparator<ClusterSummary> BY_NAME =
      Comparator.comparing((ClusterSummary cluster) -> cluster.id().name())
          .thenComparing(cluster -> cluster.id().directory());

  private final Supplier<List<ClusterBackend>> backends;

  Clusters(Supplier<List<ClusterBackend>> backends) {
    this.backends = backends;
  }

  /** Returns the clusters of this machine: those of its engine, and those of processes. */
  public static Clusters ofThisMachine(Progress progress) {
    BackendSelector backends =
        new BackendSelector(
            null,
            Environment.system(),
            BundleSource.classPath(),
            progress,
            SlurmCluster.DEFAULT_TIMEOUT);
    return new Clusters(backends::all);
  }

  /**
   * Returns every cluster, from any directory, and the clusters that were only created in a
   * directory or its nearest parent; sorted by name.
   */
  public ClusterTable table(Path from) {
    return new ClusterTable(list(from), Instant.now());
  }

  /** Returns every cluster, from any directory, sorted by name. */
  List<ClusterSummary> list() {
    List<ClusterSummary> all = new ArrayList<>();
    for (ClusterBackend backend : backends.get()) {
      try (backend) {
        all.addAll(backend.inventory().clusters());
      }
    }
    all.sort(BY_NAME);
    return all;
  }

  /**
   * Returns the same as {@link #list()}, and the clusters that were only created in a directory or
   * its nearest parent.
   */
  List<ClusterSummary> list(Path from) {
    List<ClusterSummary> all = new ArrayList<>(list());
    nearest(from).stream()
        .filter(id -> all.stream().noneMatch(there -> there.id().equals(id)))
        .map(Clusters::created)
        .toList()
        .forEach(all::add);
    all.sort(BY_NAME);
    return all;
  }

  private static ClusterSummary created(ClusterId id) {
    List<NodeDefinition> nodes;
    try {
      nodes = new ClusterFiles(id).definition().nodes();
    } catch (UserMistakeException e) {
      // A start reports a mistake in its files; the list shows the others, too.
      nodes = List.of();
    }
    return new ClusterSummary(
        id,
        Owner.nobody(),
        Optional.empty(),
        nodes.stream()
            .map(
                node ->
                    new BackendNode(
                        node.name(), node.role().id(), BackendNode.State.CREATED, "created"))
            .toList(),
        Optional.empty());
  }

  /** Removes every cluster with its files, no matter who owns it. */
  public void destroyAll(Progress progress) {
    for (ClusterBackend backend : backends.get()) {
      try (backend) {
        for (ClusterSummary cluster : backend.inventory().clusters()) {
          backend.provisioner().destroy(cluster.id());
          new ClusterDirectory(cluster.id().directory()).deleteIfOurs();
          progress.step(
              "Cluster %s of %s destroyed"
                  .formatted(cluster.id().name(), cluster.id().directory()));
        }
      }
    }
  }

  /**
   * Finds the cluster that the user means: one in the given output directory; otherwise the one of
   * this directory or of the nearest parent that has any; otherwise the only cluster on this
   * machine.
   *
   * @param name its name, if given
   * @param outputDirectory directory that contains clusters' directories, if given
   * @param from where to look first, before its parents
   * @throws UserMistakeException if there is no such cluster, or several, which the message lists
   */
  public ClusterId find(Optional<String> name, Optional<Path> outputDirectory, Path from) {
    return findIfAny(name, outputDirectory, from)
        .orElseThrow(
            () ->
                new UserMistakeException(
                    name.map(given -> "There is no cluster '%s'%s".formatted(given, others()))
                        .orElse("There is no cluster: slurm:start makes one")));
  }

  /**
   * Finds a cluster as {@link #find} does, but returns empty if there is none.
   *
   * @throws UserMistakeException if there are several, which the message lists
   */
  public Optional<ClusterId> findIfAny(
      Optional<String> name, Optional<Path> outputDirectory, Path from) {
    List<ClusterId> meant =
        named(name, outputDirectory.map(Clusters::in).orElseGet(() -> nearest(from)));
    if (meant.isEmpty()) {
      meant = named(name, list().stream().map(ClusterSummary::id).toList());
    }
    if (meant.size() > 1) {
      throw new UserMistakeException(
          "There are several clusters: name one with -Dslurm.name, or go to its directory\n"
              + lines(meant));
    }
    return meant.stream().findFirst();
  }

  private String others() {
    List<ClusterId> there = list().stream().map(ClusterSummary::id).toList();
    return there.isEmpty() ? ": slurm:start makes one" : ". There are:\n" + lines(there);
  }

  private static String lines(List<ClusterId> clusters) {
    return clusters.stream()
        .map(cluster -> "  " + cluster.name() + "  in " + cluster.directory())
        .collect(Collectors.joining("\n"));
  }

  private static List<ClusterId> named(Optional<String> name, List<ClusterId> clusters) {
    return clusters.stream()
        .filter(cluster -> name.isEmpty() || cluster.name().equals(name.get()))
        .toList();
  }

  /** Returns the clusters of a directory, or of its nearest parent that has any. */
  public static List<ClusterId> nearest(Path from) {
    return ids(ConnectionSearch.nearest(from, Clusters::isCluster));
  }

  private static List<ClusterId> in(Path outputDirectory) {
    return ids(ConnectionSearch.in(outputDirectory, Clusters::isCluster));
  }

  private static boolean isCluster(Path directory) {
    return directory.getFileName() != null && new ClusterDirectory(directory).exists();
  }

  private static List<ClusterId> ids(List<Path> directories) {
    return directories.stream()
        .map(directory -> new ClusterId(directory.getFileName().toString(), directory))
        .toList();
  }
}
