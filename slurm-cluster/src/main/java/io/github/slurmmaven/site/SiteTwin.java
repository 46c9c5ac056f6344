/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.AccountingDefinition;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.ClusterDocument;
import io.github.slurmmaven.definition.ClusterDocument.Node;
import io.github.slurmmaven.definition.ClusterDocument.Partition;
import io.github.slurmmaven.definition.ClusterYaml;
import io.github.slurmmaven.definition.HostList;
import io.github.slurmmaven.definition.NodeDefinition.Role;
import io.github.slurmmaven.definition.SlurmConfLine;
import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.site.KeyTable.Kind;
import io.github.slurmmaven.site.SiteCluster.SitePartition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A twin of a site's cluster: a definition with the site's names and rules on small machines, and
 * the site's files for the directory of slurm.conf.
 */
public final class SiteTwin {

  /** The default number of running nodes, which take 0.2 GB and half a second. */
  public static final int DEFAULT_NODES = 64;

  private static final String HEADER =
      """
      # A twin of the cluster of %s: its names and rules, on small machines.
      # Made by slurm:init -Dslurm.site; when the site changes, run it again with -Dslurm.force, and read the diff.
      """;

  /**
   * Files beside slurm.conf that are copied into a twin, by the parameter that makes Slurm read
   * them.
   */
  private static final Map<String, String> TAKEN =
      new TreeMap<>(
          Map.of(
              "cli_filter.lua", "CliFilterPlugins",
              "job_submit.lua", "JobSubmitPlugins",
              "topology.conf", "TopologyPlugin"));

  /** Files beside slurm.conf that are not copied, and why. */
  private static final Map<String, String> LEFT_OUT =
      new TreeMap<>(
          Map.of(
              "acct_gather.conf", "measures plain processes",
              "burst_buffer.conf", "needs control groups or the site's hardware",
              "cgroup.conf", "needs control groups or the site's hardware",
              "gres.conf", "is made from the nodes' Gres, because the devices are simulated",
              "helpers.conf", "needs control groups or the site's hardware",
              "job_container.conf", "needs control groups or the site's hardware",
              "mpi.conf", "needs control groups or the site's hardware",
              "oci.conf", "needs control groups or the site's hardware",
              "plugstack.conf", "needs the site's programs",
              "slurmdbd.conf", "is about the database of the site"));

  /** Parameters that have keys of their own in a definition. */
  private static final Set<String> OF_PARTITION = Set.of("Nodes", "Default", "MaxTime");

  private static final Pattern NOT_IN_NAMES = Pattern.compile("[^a-z0-9_-]+");

  private static final int LONGEST_NAME = 40;

  /** A controller runs no jobs. */
  private static final int CONTROLLER_CPUS = 2;

  private static final int CONTROLLER_MEMORY = 2048;

  private final SiteCluster site;
  private final Path directory;
  private final SiteAccounting accounting;
  private final SlurmVersion release;
  private final SiteReport report = new SiteReport();
  private final TwinNodes nodes;
  private final TwinLines lines;
  private final Map<String, Path> files = new TreeMap<>();
  private final String definition;
  private Optional<String> user = Optional.empty();

  private SiteTwin(SiteFiles read, SlurmVersion release, int most, Optional<String> twinUser) {
    site = SiteCluster.of(read.lines());
    directory = read.directory();
    this.release = release;
    accounting = AccountingFiles.read(directory, last("ClusterName").map(Setting::value));
    if (accounting.isEmpty() && twinUser.isPresent()) {
      throw new InvalidParameterException(
          "twinUser",
          twinUser.get(),
          "is a user of the site's accounting, which is not beside slurm.conf: copy the output of"
              + " sacctmgr -P show assoc tree there, too");
    }
    nodes = new TwinNodes(site, most, report);
    Set<String> tres = new LinkedHashSet<>(AccountingDefinition.TRES);
    if (!accounting.isEmpty()) {
      tres.addAll(nodes.tres());
      last("Licenses")
          .map(licenses -> SlurmConfLine.licenses(List.of("Licenses=\"" + licenses.value() + "\"")))
          .ifPresent(tres::addAll);
    }
    lines = new TwinLines(site, directory, accounting, tres, release, report);
    List<String> slurmConf = lines.lines();
    read.sections().forEach(section -> ScontrolReader.report(report, section));
    reportFutureNodes();
    reportLocalhost();
    List<Partition> partitions = partitions();
    files(slurmConf);
    String name = name();
    definition =
        HEADER.formatted(name)
            + ClusterYaml.write(document(name, partitions, slurmConf, tres, twinUser));
  }

  /**
   * Makes the twin of a site.
   *
   * @param site the site's slurm.conf, a file with the output of {@code scontrol show config},
   *     {@code show partition} and {@code show node}, or the directory of either
   * @param release the release of Slurm that the twin runs
   * @param most maximum number of nodes that run
   * @param twinUser the user of the site whose accounts and qualities of service the twin's user
   *     gets; empty for the only user, or for the accounts of all
   * @throws UserMistakeException when a file cannot be read; names file, line and column
   */
  public static SiteTwin of(Path site, SlurmVersion release, int most, Optional<String> twinUser) {
    if (most < 1 || most >= ClusterDefinition.MOST_NODES) {
      throw new InvalidParameterException(
          "twinNodes",
          most,
          "is not a number of nodes that can run: use 1 to " + (ClusterDefinition.MOST_NODES - 1));
    }
    return new SiteTwin(SiteFiles.read(site), release, most, twinUser);
  }

  /** Returns the text of the definition. */
  public String definition() {
    return definition;
  }

  /** Returns the site's files for the directory of slurm.conf, by name. */
  public Map<String, Path> files() {
    return files;
  }

  /** Returns the differences between the site and the twin. */
  public SiteReport report() {
    return report;
  }

  /**
   * Returns a sentence that names the user of the site whose rules the twin's user has; empty
   * without accounting.
   */
  public Optional<String> user() {
    return user;
  }

  /** Returns the number of the site's nodes. */
  public int nodeCount() {
    return site.nodes().size();
  }

  /** Returns the number of nodes that run. */
  public int runningCount() {
    return nodes.runningCount();
  }

  /**
   * Writes definition and files.
   *
   * @param file file of the definition
   * @param slurmFiles directory of the files that are copied beside slurm.conf
   * @param overwrites whether existing files are overwritten
   * @throws UserMistakeException when a file already exists, or cannot be written
   */
  public void write(Path file, Path slurmFiles, boolean overwrites) {
    Map<Path, Optional<Path>> targets = new LinkedHashMap<>();
    targets.put(file, Optional.empty());
    files.forEach((name, source) -> targets.put(slurmFiles.resolve(name), Optional.of(source)));
    for (Path target : targets.keySet()) {
      if (!overwrites && Files.exists(target)) {
        throw new UserMistakeException(
            "site: %s already exists, and is not overwritten: name another path with -Dslurm.definition or -Dslurm.slurmFiles, or overwrite it with -Dslurm.force"
                .formatted(target));
      }
    }
    targets.forEach(
        (target, source) -> {
          try {
            Files.createDirectories(Objects.requireNonNull(target.toAbsolutePath().getParent()));
            if (source.isPresent()) {
              Files.copy(source.get(), target, StandardCopyOption.REPLACE_EXISTING);
            } else {
              Files.writeString(target, definition);
            }
          } catch (IOException e) {
            throw new UserMistakeException(
                "site: %s cannot be written: %s. Make its directory writable"
                    .formatted(target, FileFailure.of(e)),
                e);
          }
        });
  }

  private String name() {
    String given =
        last("ClusterName").map(setting -> setting.value().toLowerCase(Locale.ROOT)).orElse("twin");
    String name = NOT_IN_NAMES.matcher(given).replaceAll("-").replaceFirst("^[_-]+", "");
    return name.isEmpty() ? "twin" : name.substring(0, Math.min(name.length(), LONGEST_NAME));
  }

  /** Returns the last occurrence of a parameter, which is the one that takes effect. */
  private Optional<Setting> last(String key) {
    return site.globals().stream().filter(setting -> setting.is(key)).reduce((first, last) -> last);
  }

  private ClusterDocument document(
      String name,
      List<Partition> partitions,
      List<String> slurmConf,
      Set<String> tres,
      Optional<String> twinUser) {
    List<Node> all = new ArrayList<>();
    all.add(
        new Node(
            controller(),
            Role.CONTROLLER.id(),
            CONTROLLER_CPUS,
            CONTROLLER_MEMORY,
            null,
            null,
            null,
            null));
    all.addAll(nodes.documents());
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("name", name);
    values.put("slurmVersion", release.release());
    values.put("nodes", all);
    values.put("partitions", partitions);
    values.put("slurmConf", slurmConf);
    if (!accounting.isEmpty()) {
      TwinAccounting twin =
          new TwinAccounting(
              accounting,
              twinUser,
              tres,
              partitions.stream().map(Partition::name).collect(Collectors.toSet()),
              report);
      partitions.forEach(
          partition ->
              settings(partition.name())
                  .forEach(
                      (key, setting) ->
                          KeyTable.find(KeyTable.PARTITION, key)
                              .ifPresent(it -> twin.addNamed(it, setting))));
      values.put("accounting", true);
      values.put(
          "accountingEnforce", TwinAccounting.enforced(last("AccountingStorageEnforce"), report));
      putUnlessEmpty(values, "accounts", twin.accounts());
      putUnlessEmpty(values, "qos", twin.qos());
      putUnlessEmpty(values, "users", twin.users());
      user = Optional.of(twin.userInWords());
    }
    return ClusterDocument.of(values);
  }

  private static void putUnlessEmpty(Map<String, Object> values, String key, List<?> list) {
    if (!list.isEmpty()) {
      values.put(key, list);
    }
  }

  /** Returns a name that no node has. */
  private String controller() {
    Set<String> names = Set.copyOf(site.nodes().stream().map(SiteCluster.SiteNode::name).toList());
    String name = "controller";
    for (int i = 1; names.contains(name); i++) {
      name = "controller-" + i;
    }
    return name;
  }

  private void reportFutureNodes() {
    site.futureNodes().stream()
        .flatMap(node -> node.get("State").stream())
        .forEach(
            state ->
                report.add(
                    state,
                    KeyTable.NODE,
                    Kind.INFRASTRUCTURE,
                    "is a node for the future, which nobody sees at the site"));
  }

  private void reportLocalhost() {
    site.lines().stream()
        .map(line -> line.get(0))
        .filter(first -> first.is(KeyTable.NODE) && SiteCluster.isLocalhost(first.value()))
        .forEach(
            first ->
                report.add(
                    first,
                    KeyTable.NODE,
                    Kind.ADAPTED,
                    "is %s, because localhost is a different host on every node"
                        .formatted(SiteCluster.RENAMED_LOCALHOST)));
  }

  // ---- partitions ------------------------------------------------------------------------------

  private List<Partition> partitions() {
    List<SitePartition> used = new ArrayList<>();
    Set<String> running = Set.copyOf(nodes.runningNames());
    for (SitePartition partition : site.partitions()) {
      if (visible(partition).isEmpty()) {
        report.add(
            new Setting(KeyTable.PARTITION, partition.name(), partition.place()),
            KeyTable.PARTITION,
            Kind.INFRASTRUCTURE,
            partition.name() + " has no nodes");
      } else {
        if (visible(partition).stream().noneMatch(running::contains)) {
          throw new InvalidParameterException(
              "twinNodes",
              nodes.runningCount(),
              "is too small: none of the nodes of partition %s would run"
                  .formatted(partition.name()));
        }
        used.add(partition);
      }
    }
    // If there are several, Slurm uses the last.
    Optional<SitePartition> standard =
        used.stream()
            .filter(
                each ->
                    Optional.ofNullable(each.settings().get("Default"))
                        .filter(Setting::isYes)
                        .isPresent())
            .reduce((first, last) -> last);
    SitePartition isDefault = standard.orElse(used.get(0));
    if (standard.isEmpty()) {
      report.add(
          new Setting(KeyTable.PARTITION, isDefault.name(), isDefault.place()),
          "Default",
          Kind.ADAPTED,
          isDefault.name()
              + " is the default partition, as the site has none and a cluster here has one");
    }
    return used.stream().map(each -> partition(each, each.equals(isDefault))).toList();
  }

  private Map<String, Setting> settings(@Nullable String partition) {
    return site.partitions().stream()
        .filter(each -> each.name().equals(partition))
        .findFirst()
        .map(SitePartition::settings)
        .orElse(Map.of());
  }

  private List<String> visible(SitePartition partition) {
    return site.nodes().stream()
        .map(SiteCluster.SiteNode::name)
        .filter(partition.nodes()::contains)
        .toList();
  }

  private Partition partition(SitePartition partition, boolean isDefault) {
    Map<String, String> options = new TreeMap<>();
    partition
        .settings()
        .forEach(
            (name, setting) ->
                KeyTable.find(KeyTable.PARTITION, name)
                    .filter(key -> isKept(key, setting))
                    .filter(key -> !OF_PARTITION.contains(key.name()))
                    .filter(key -> key.isKnownTo(release))
                    .ifPresent(
                        key -> {
                          String value =
                              TwinNodes.word(lines.ofPartition(key.name(), setting.value()));
                          if (!value.isEmpty()) {
                            options.put(key.name(), value);
                          }
                        }));
    return new Partition(
        partition.name(),
        isDefault ? true : null,
        maxTime(partition.settings().get("MaxTime")),
        null,
        List.of(HostList.of(visible(partition))),
        options);
  }

  private boolean isKept(KeyTable.Key key, Setting setting) {
    return key.kind() == Kind.POLICY
        || (key.kind() == Kind.ACCOUNTING && accounting.obstacle(key, setting).isEmpty());
  }

  private static @Nullable String maxTime(@Nullable Setting given) {
    if (given == null) {
      return null;
    }
    String time = given.value().toUpperCase(Locale.ROOT);
    return time.equals("-1") ? "UNLIMITED" : time;
  }

  // ---- files -----------------------------------------------------------------------------------

  private void files(List<String> slurmConf) {
    TAKEN.forEach(
        (name, parameter) -> {
          Path file = directory.resolve(name);
          if (!Files.isRegularFile(file)) {
            return;
          }
          boolean isRead =
              slurmConf.stream()
                  .filter(line -> line.startsWith(parameter + "="))
                  .anyMatch(line -> line.contains("lua") || name.equals("topology.conf"));
          if (isRead) {
            files.put(name, file);
          } else {
            report.add(name, Kind.INFRASTRUCTURE, "no line of slurm.conf makes Slurm read it");
          }
        });
    LEFT_OUT.forEach(
        (name, reason) -> {
          if (Files.isRegularFile(directory.resolve(name))) {
            report.add(name, Kind.INFRASTRUCTURE, reason);
          }
        });
  }
}
