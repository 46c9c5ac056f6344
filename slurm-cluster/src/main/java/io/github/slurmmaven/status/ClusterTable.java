/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.status;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.Inventory.ClusterSummary;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.common.Address;
import io.github.slurmmaven.status.ClusterStatus.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Clusters as a table for people, or as a document for programs. */
public final class ClusterTable {

  private static final List<String> HEADER =
      List.of("NAME", "STATUS", "NODES", "SSH", "AGE", "OWNER", "DIRECTORY");

  private final List<Entry> clusters;
  private final Instant now;

  /**
   * @param now from when ages are counted
   */
  public ClusterTable(List<ClusterSummary> clusters, Instant now) {
    this.clusters = clusters.stream().map(Entry::of).toList();
    this.now = now;
  }

  /**
   * What programs read; keys may be added.
   *
   * @param clusters the clusters, by name
   */
  public record Document(List<Entry> clusters) {}

  /**
   * One cluster.
   *
   * @param name name
   * @param status {@link State#CREATED} when it never ran, {@link State#RUNNING} when all its nodes
   *     run, {@link State#STOPPED} when none does, else {@link State#DEGRADED}; what Slurm says of
   *     them is not asked
   * @param nodes how many nodes it has
   * @param nodesRunning how many of them run
   * @param ssh where SSH is published, while it is
   * @param createdAt when it was made
   * @param owner {@code hand}, {@code build:…}, or empty where Compose made it
   * @param directory directory of its files
   * @param directoryExists whether that is still there
   */
  public record Entry(
      String name,
      State status,
      int nodes,
      int nodesRunning,
      Optional<String> ssh,
      Optional<Instant> createdAt,
      String owner,
      Path directory,
      boolean directoryExists) {

    static Entry of(ClusterSummary cluster) {
      int nodes = cluster.nodes().size();
      int running = (int) cluster.nodes().stream().filter(BackendNode::running).count();
      return new Entry(
          cluster.id().name(),
          stateOf(cluster, running),
          nodes,
          running,
          cluster.ssh().map(Address::toString),
          cluster.createdAt(),
          cluster.owner().value(),
          cluster.id().directory(),
          Files.isDirectory(cluster.id().directory()));
    }
  }

  private static State stateOf(ClusterSummary cluster, int running) {
    if (cluster.nodes().stream().allMatch(node -> node.state() == BackendNode.State.CREATED)) {
      return State.CREATED;
    }
    return running == 0
        ? State.STOPPED
        : running < cluster.nodes().size() ? State.DEGRADED : State.RUNNING;
  }

  /** As JSON. */
  public String json() {
    return StatusDocument.json(new Document(clusters));
  }

  /** As YAML. */
  public String yaml() {
    return StatusDocument.yaml(new Document(clusters));
  }

  /** As a table, or as a sentence if there are no clusters. */
  public String text() {
    if (clusters.isEmpty()) {
      return "There are no clusters: slurm:start makes one\n";
    }
    List<List<String>> rows = new ArrayList<>(List.of(HEADER));
    clusters.forEach(cluster -> rows.add(row(cluster)));
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        int at = column;
        int width = rows.stream().mapToInt(each -> each.get(at).length()).max().orElse(0);
        line.append(("%-" + (width + 2) + "s").formatted(row.get(column)));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private List<String> row(Entry cluster) {
    return List.of(
        cluster.name(),
        cluster.status().word(),
        cluster.nodesRunning() + "/" + cluster.nodes(),
        cluster.ssh().orElse("-"),
        cluster.createdAt().map(this::age).orElse("-"),
        owner(new Owner(cluster.owner())),
        cluster.directory() + (cluster.directoryExists() ? "" : " (gone)"));
  }

  private static String owner(Owner owner) {
    return owner.isNobody() ? "-" : owner.kind();
  }

  private String age(Instant created) {
    Duration age = Duration.between(created, now);
    if (age.toDays() > 0) {
      return age.toDays() + "d";
    }
    if (age.toHours() > 0) {
      return age.toHours() + "h";
    }
    return age.toMinutes() > 0 ? age.toMinutes() + "m" : Math.max(0, age.toSeconds()) + "s";
  }
}
