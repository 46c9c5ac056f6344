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

/** A list of clusters, as a table for users or a document for programs. */
public final class ClusterTable {

  private static final List<String> HEADER =
      List.of("NAME", "STATUS", "NODES", "SSH", "AGE", "OWNER", "DIRECTORY");

  private final List<Entry> clusters;
  private final Instant now;

  /**
   * @param now the present time, for ages
   */
  public ClusterTable(List<ClusterSummary> clusters, Instant now) {
    this.clusters = clusters.stream().map(Entry::of).toList();
    this.now = now;
  }

  /**
   * The document for programs; keys may be added.
   *
   * @param clusters the clusters, by name
   */
  public record Document(List<Entry> clusters) {}

  /**
   * A cluster.
   *
   * @param name name
   * @param status {@link State#CREATED} when it never ran, {@link State#RUNNING} when all its nodes
   *     run, {@link State#STOPPED} when none does, otherwise {@link State#DEGRADED}; Slurm's state
   *     is not read
   * @param nodes number of its nodes
   * @param nodesRunning number of running nodes
   * @param ssh address of SSH, while it is published
   * @param createdAt when it was created
   * @param owner {@code hand}, {@code build:…}, or empty if Compose created it
   * @param directory directory of its files
   * @param directoryExists whether that directory still exists
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

  /** Returns the document as JSON. */
  public String json() {
    return StatusDocument.json(new Document(clusters));
  }

  /** Returns the document as YAML. */
  public String yaml() {
    return StatusDocument.yaml(new Document(clusters));
  }

  /** Returns the table, or a sentence if there are no clusters. */
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
