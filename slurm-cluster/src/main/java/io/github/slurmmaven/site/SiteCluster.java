/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDocument;
import io.github.slurmmaven.definition.Gres;
import io.github.slurmmaven.definition.HostList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The site's cluster of a slurm.conf, with the defaults of {@code NodeName=DEFAULT} and {@code
 * PartitionName=DEFAULT} applied, and the nodes of each partition by name.
 */
final class SiteCluster {

  private static final String DEFAULT = "DEFAULT";
  private static final String ALL = "ALL";

  /** The name of a node that the site calls localhost. */
  static final String RENAMED_LOCALHOST = "localhost-node";

  /** Nodes with this state need not exist, and no command shows them. */
  private static final String FUTURE = "FUTURE";

  /**
   * A node.
   *
   * @param name its name
   * @param settings settings of its line and the defaults, by parameter in any case
   */
  record SiteNode(String name, Map<String, Setting> settings) {

    Optional<Setting> get(String key) {
      return Optional.ofNullable(settings.get(key));
    }

    /** Returns the values that jobs see. Nodes with the same values are alike. */
    Map<String, String> values() {
      Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      settings.forEach(
          (key, setting) -> {
            if (!isInfrastructure(key)) {
              values.put(key, setting.value());
            }
          });
      return values;
    }

    private static boolean isInfrastructure(String key) {
      return KeyTable.find(KeyTable.NODE, key)
          .filter(known -> known.kind() == KeyTable.Kind.INFRASTRUCTURE)
          .isPresent();
    }
  }

  /**
   * A partition.
   *
   * @param name its name
   * @param settings settings of its line and the defaults, by parameter in any case
   * @param nodes the names of its nodes, in the order of the file
   * @param place its place
   */
  record SitePartition(
      String name, Map<String, Setting> settings, Set<String> nodes, Place place) {}

  private final Map<String, SiteNode> nodes = new LinkedHashMap<>();
  private final Map<String, SitePartition> partitions = new LinkedHashMap<>();
  private final List<Setting> globals = new ArrayList<>();

  private final List<List<Setting>> lines;

  private SiteCluster(List<List<Setting>> lines) {
    this.lines = lines;
  }

  /**
   * Combines the lines of a file.
   *
   * @param lines the result of {@link SlurmConfReader}
   * @throws UserMistakeException when Slurm would refuse a line; names the place
   */
  static SiteCluster of(List<List<Setting>> lines) {
    SiteCluster site = new SiteCluster(lines);
    Map<String, Setting> nodeDefaults = map();
    Map<String, Setting> partitionDefaults = map();
    List<List<Setting>> partitionLines = new ArrayList<>();
    Map<String, List<Setting>> sets = new LinkedHashMap<>();
    for (List<Setting> line : lines) {
      Setting first = line.get(0);
      if (first.is(KeyTable.NODE)) {
        if (first.value().equalsIgnoreCase(DEFAULT)) {
          rest(line).forEach(setting -> nodeDefaults.put(setting.key(), setting));
        } else {
          site.addNodes(line, nodeDefaults);
        }
      } else if (first.is(KeyTable.PARTITION)) {
        // Defaults apply to later lines only. A node may be named before its own line.
        if (first.value().equalsIgnoreCase(DEFAULT)) {
          rest(line).forEach(setting -> partitionDefaults.put(setting.key(), setting));
        } else {
          List<Setting> whole = new ArrayList<>(List.of(first));
          whole.addAll(partitionDefaults.values());
          whole.addAll(rest(line));
          partitionLines.add(whole);
        }
      } else if (first.is(KeyTable.NODE_SET)) {
        sets.put(first.value(), line);
      } else {
        site.globals.addAll(line);
      }
    }
    if (site.nodes.isEmpty()) {
      throw new UserMistakeException(
          "site: none of the files has a NodeName: name the site's slurm.conf, and copy the files that it includes, too");
    }
    partitionLines.forEach(line -> site.addPartition(line, sets));
    if (site.partitions.isEmpty()) {
      throw new UserMistakeException(
          "site: none of the files has a PartitionName: name the site's slurm.conf, and copy the files that it includes, too");
    }
    return site;
  }

  private static <T> Map<String, T> map() {
    return new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  }

  private static List<Setting> rest(List<Setting> line) {
    return line.subList(1, line.size());
  }

  private void addNodes(List<Setting> line, Map<String, Setting> defaults) {
    Map<String, Setting> settings = map();
    settings.putAll(defaults);
    rest(line).forEach(setting -> settings.put(setting.key(), setting));
    for (String name : expand(line.get(0))) {
      if (!ClusterDocument.Node.isName(name)) {
        throw line.get(0)
            .mistake(
                "has the node %s, which is not the name of a host: use letters, digits, '-', '_' and '.'"
                    .formatted(name));
      }
      if (nodes.put(name, new SiteNode(name, settings)) != null) {
        throw line.get(0)
            .mistake(
                "has the node %s, which an earlier line has, too: remove one of them"
                    .formatted(name));
      }
    }
  }

  private void addPartition(List<Setting> line, Map<String, List<Setting>> sets) {
    Map<String, Setting> settings = map();
    rest(line).forEach(setting -> settings.put(setting.key(), setting));
    Setting members = settings.get("Nodes");
    Set<String> named =
        members == null || members.value().isBlank() ? Set.of() : members(members, sets);
    Set<String> ordered = new LinkedHashSet<>(nodes.keySet());
    ordered.retainAll(named);
    for (String name : line.get(0).value().split(",", -1)) {
      partitions.put(name, new SitePartition(name, settings, ordered, line.get(0).place()));
    }
  }

  /** Returns the nodes that a value names: by name, by a set of nodes, or all. */
  private Set<String> members(Setting setting, Map<String, List<Setting>> sets) {
    Set<String> members = new LinkedHashSet<>();
    for (String name : expand(setting)) {
      if (name.equalsIgnoreCase(ALL)) {
        members.addAll(nodes.keySet());
      } else if (sets.containsKey(name)) {
        Map<String, List<Setting>> others = new LinkedHashMap<>(sets);
        others.remove(name);
        members.addAll(set(sets.getOrDefault(name, List.of()), others));
      } else if (nodes.containsKey(name)) {
        members.add(name);
      } else {
        throw setting.mistake(
            "has %s, which no line describes: copy the files that slurm.conf includes, or remove the name"
                .formatted(name));
      }
    }
    return members;
  }

  private Set<String> set(Collection<Setting> line, Map<String, List<Setting>> sets) {
    Set<String> members = new LinkedHashSet<>();
    for (Setting setting : line) {
      if (setting.is("Nodes")) {
        members.addAll(members(setting, sets));
      } else if (setting.is("Feature")) {
        nodes.values().stream()
            .filter(node -> features(node).contains(setting.value()))
            .map(SiteNode::name)
            .forEach(members::add);
      }
    }
    return members;
  }

  private static List<String> features(SiteNode node) {
    return node.get("Feature")
        .or(() -> node.get("Features"))
        .map(features -> List.of(features.value().split(",", -1)))
        .orElse(List.of());
  }

  private static List<String> expand(Setting setting) {
    try {
      return HostList.expand(setting.value()).stream()
          .map(name -> isLocalhost(name) ? RENAMED_LOCALHOST : name)
          .toList();
    } catch (IllegalArgumentException e) {
      throw setting.mistake(String.valueOf(e.getMessage()));
    }
  }

  /** Whether a node's name means the local host on every node of a twin. */
  static boolean isLocalhost(String name) {
    return name.equalsIgnoreCase("localhost");
  }

  /** Returns the nodes that the site's users see, in the order of the file. */
  List<SiteNode> nodes() {
    return nodes.values().stream().filter(node -> !isFuture(node)).toList();
  }

  /** Returns the nodes that the site does not have yet. */
  List<SiteNode> futureNodes() {
    return nodes.values().stream().filter(SiteCluster::isFuture).toList();
  }

  private static boolean isFuture(SiteNode node) {
    return node.get("State")
        .filter(state -> state.value().toUpperCase(Locale.ROOT).startsWith(FUTURE))
        .isPresent();
  }

  List<SitePartition> partitions() {
    return List.copyOf(partitions.values());
  }

  /** Returns the settings of each line. */
  List<List<Setting>> lines() {
    return lines;
  }

  /** Returns the parameters outside of node and partition lines, in the order of the file. */
  List<Setting> globals() {
    return globals;
  }

  /** Returns the generic resources of a node. */
  static List<Gres> gres(SiteNode node) {
    return node.get("Gres").map(SiteCluster::gres).orElse(List.of());
  }

  private static List<Gres> gres(Setting setting) {
    if (setting.value().isEmpty() || setting.value().equalsIgnoreCase("(null)")) {
      return List.of();
    }
    try {
      return Gres.parse(setting.value());
    } catch (IllegalArgumentException e) {
      throw setting.mistake(String.valueOf(e.getMessage()));
    }
  }
}
