/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.AccountingDefinition;
import io.github.slurmmaven.definition.ClusterDocument.Gpus;
import io.github.slurmmaven.definition.ClusterDocument.Node;
import io.github.slurmmaven.definition.Gres;
import io.github.slurmmaven.definition.HostList;
import io.github.slurmmaven.definition.NodeDefinition;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import io.github.slurmmaven.site.KeyTable.Kind;
import io.github.slurmmaven.site.SiteCluster.SiteNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a twin: all of the site's, of which some run. Nodes that are alike, and in the same
 * partitions, are a group. First one node of each group runs, then a second one of each, and so on,
 * up to the maximum.
 */
final class TwinNodes {

  /** Megabytes that the daemons of a node need. */
  private static final int LEAST_MEMORY = 128;

  /** Parameters that have keys of their own in a definition. */
  private static final Set<String> ELSEWHERE =
      Set.of("CPUs", "Procs", "RealMemory", "Gres", "Features", "Feature");

  /**
   * Nodes that are alike.
   *
   * @param names their names
   * @param model one of them
   */
  private record Group(List<String> names, SiteNode model) {}

  private final List<Group> groups = new ArrayList<>();
  private final int[] running;
  private final SiteReport report;

  /**
   * @param most maximum number of nodes that run
   */
  TwinNodes(SiteCluster site, int most, SiteReport report) {
    this.report = report;
    Map<List<Object>, Group> alike = new LinkedHashMap<>();
    for (SiteNode node : site.nodes()) {
      List<String> partitions =
          site.partitions().stream()
              .filter(partition -> partition.nodes().contains(node.name()))
              .map(SiteCluster.SitePartition::name)
              .toList();
      alike
          .computeIfAbsent(
              List.of(node.values(), partitions), key -> new Group(new ArrayList<>(), node))
          .names()
          .add(node.name());
    }
    groups.addAll(alike.values());
    running = new int[groups.size()];
    choose(most);
  }

  private void choose(int most) {
    int left = most;
    boolean more = true;
    while (left > 0 && more) {
      more = false;
      for (int i = 0; i < running.length && left > 0; i++) {
        if (running[i] < groups.get(i).names().size()) {
          running[i]++;
          left--;
          more = true;
        }
      }
    }
  }

  /** Returns the number of nodes that run. */
  int runningCount() {
    int count = 0;
    for (int each : running) {
      count += each;
    }
    return count;
  }

  /** Returns the names of the nodes that run. */
  List<String> runningNames() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < running.length; i++) {
      names.addAll(groups.get(i).names().subList(0, running[i]));
    }
    return names;
  }

  /** Returns the trackable resources of the nodes that run. */
  Set<String> tres() {
    Set<String> names = new LinkedHashSet<>(AccountingDefinition.TRES);
    for (int i = 0; i < running.length; i++) {
      if (running[i] > 0) {
        SiteCluster.gres(groups.get(i).model()).stream()
            .filter(each -> each.isGpu() && !each.count().equals("0"))
            .forEach(
                each -> {
                  names.add("gres/gpu");
                  each.type().ifPresent(type -> names.add("gres/gpu:" + type));
                });
      }
    }
    return names;
  }

  /** Returns the nodes for a definition, running ones first. */
  List<Node> documents() {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < running.length; i++) {
      if (running[i] > 0) {
        nodes.add(document(groups.get(i), 0, running[i], Role.COMPUTE));
      }
    }
    for (int i = 0; i < running.length; i++) {
      int count = groups.get(i).names().size();
      if (running[i] < count) {
        nodes.add(document(groups.get(i), running[i], count, Role.ABSENT));
      }
    }
    return nodes;
  }

  private Node document(Group group, int from, int to, Role role) {
    SiteNode node = group.model();
    List<Gres> gres = SiteCluster.gres(node);
    return new Node(
        HostList.of(group.names().subList(from, to)),
        role.id(),
        cpus(node),
        memory(node),
        gpus(node, gres),
        null,
        null,
        options(node, gres));
  }

  /**
   * Returns the processors as Slurm counts them: {@code _parse_nodename} in
   * src/common/read_config.c.
   */
  private static int cpus(SiteNode node) {
    Optional<Setting> cpus = node.get("CPUs").or(() -> node.get("Procs"));
    int ofSocket = number(node, "CoresPerSocket") * number(node, "ThreadsPerCore");
    int sockets =
        node.get("SocketsPerBoard").isPresent()
            ? number(node, "Boards") * number(node, "SocketsPerBoard")
            : node.get("Sockets").isPresent()
                ? number(node, "Sockets")
                : cpus.map(Setting::number)
                    .filter(count -> count % ofSocket == 0)
                    .map(count -> count / ofSocket)
                    .orElse(number(node, "Boards"));
    int all = sockets * ofSocket;
    int claimed = cpus.map(Setting::number).orElse(all);
    return claimed == sockets
            || claimed == sockets * number(node, "CoresPerSocket")
            || claimed == all
        ? claimed
        : all;
  }

  /** Returns a number whose default is 1. */
  private static int number(SiteNode node, String key) {
    return Math.max(1, node.get(key).map(Setting::number).orElse(1));
  }

  private int memory(SiteNode node) {
    int claimed = number(node, "RealMemory");
    if (claimed < LEAST_MEMORY) {
      node.get("RealMemory")
          .ifPresent(
              setting ->
                  report.add(
                      setting,
                      "RealMemory",
                      Kind.ADAPTED,
                      "is %d MB, the least that a node can have".formatted(LEAST_MEMORY)));
    }
    return Math.max(claimed, LEAST_MEMORY);
  }

  private static @Nullable Gpus gpus(SiteNode node, List<Gres> gres) {
    Map<String, Integer> byType = new LinkedHashMap<>();
    for (Gres each : gres) {
      if (each.isGpu() && !each.count().equals("0")) {
        byType.merge(each.type().orElse(NodeDefinition.UNTYPED), count(node, each), Integer::sum);
      }
    }
    Integer untyped = byType.get(NodeDefinition.UNTYPED);
    if (untyped != null && byType.size() > 1) {
      throw gresOf(node).mistake("has GPUs with and without a type: give all of them a type");
    }
    return byType.isEmpty() ? null : untyped != null ? Gpus.of(untyped) : Gpus.of(byType);
  }

  private static int count(SiteNode node, Gres gres) {
    try {
      return Integer.parseInt(gres.count());
    } catch (NumberFormatException e) {
      throw (UserMistakeException)
          gresOf(node).mistake("has an impossible number of GPUs: correct it").initCause(e);
    }
  }

  private static Setting gresOf(SiteNode node) {
    return node.get("Gres").orElseThrow();
  }

  private static Map<String, String> options(SiteNode node, List<Gres> gres) {
    Map<String, String> options = new TreeMap<>();
    node.settings()
        .forEach(
            (name, setting) ->
                KeyTable.find(KeyTable.NODE, name)
                    .filter(key -> key.kind() == Kind.POLICY)
                    .filter(key -> !ELSEWHERE.contains(key.name()))
                    .ifPresent(key -> options.put(key.name(), word(setting.value()))));
    node.get("Feature")
        .or(() -> node.get("Features"))
        .filter(features -> !features.value().isBlank())
        .ifPresent(features -> options.put("Feature", word(features.value())));
    if (gres.stream().anyMatch(each -> !each.isGpu())) {
      options.put("Gres", word(gresOf(node).value()));
    }
    return options;
  }

  /** Returns a value without quotes, and without white space, which Slurm allows within quotes. */
  static String word(String value) {
    return value.replaceAll("[\\s\"']+", "");
  }
}
