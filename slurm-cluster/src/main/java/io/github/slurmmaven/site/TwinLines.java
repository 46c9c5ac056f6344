/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.definition.SlurmVersion;
import io.github.slurmmaven.site.KeyTable.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The site's lines of slurm.conf for a twin. Parameters that are left out or changed are reported.
 * An unknown line becomes a comment, because Slurm does not start with it.
 */
final class TwinLines {

  /** Parameters that stand for their whole lines. */
  private static final Set<String> WHOLE_LINES = Set.of("downnodes", "frontendname");

  /** Parameters that have keys of their own in a definition. */
  private static final Set<String> ELSEWHERE = Set.of("AccountingStorageEnforce", "ClusterName");

  /** Unknown parameters that may be secret, and must not be shown in a definition. */
  private static final Pattern CONFIDENTIAL =
      Pattern.compile(
          "(?i).*(pass|secret|key|token|addr|host|mail|user)[^=]*=.*"
              + "|.*=.*(@|\\d+\\.\\d+\\.\\d+\\.\\d+).*");

  private final SlurmVersion release;
  private final SiteReport report;
  private final Adaptations adaptations;
  private final SiteAccounting accounting;

  /** The settings outside of node and partition lines, by name; the last takes effect. */
  private final Map<String, Setting> globals = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  private final List<String> kept = new ArrayList<>();
  private final Set<String> comments = new TreeSet<>();

  /**
   * @param directory the site's other files
   * @param accounting the site's accounting
   * @param tres the twin's trackable resources
   * @param release the twin's release of Slurm
   */
  TwinLines(
      SiteCluster site,
      Path directory,
      SiteAccounting accounting,
      Set<String> tres,
      SlurmVersion release,
      SiteReport report) {
    this.release = release;
    this.report = report;
    this.accounting = accounting;
    this.adaptations = new Adaptations(directory, site.globals(), !accounting.isEmpty(), tres);
    site.globals().forEach(setting -> globals.put(setting.key(), setting));
    site.lines().forEach(this::read);
    addDefaults();
  }

  /** Returns the lines, with unknown ones as comments at the end. */
  List<String> lines() {
    List<String> lines = new ArrayList<>(kept);
    lines.addAll(comments);
    return lines;
  }

  private void read(List<Setting> line) {
    Setting first = line.get(0);
    for (String kind : List.of(KeyTable.NODE, KeyTable.PARTITION, KeyTable.NODE_SET)) {
      if (first.is(kind)) {
        line.subList(1, line.size())
            .forEach(
                setting -> {
                  if (isKept(kind, first.key() + "=" + first.value() + " ", setting)
                      && kind.equals(KeyTable.PARTITION)) {
                    String name = KeyTable.find(kind, setting.key()).orElseThrow().name();
                    reportAdapted(name, setting, adaptations.ofPartition(name, setting.value()));
                  }
                });
        return;
      }
    }
    boolean isWhole = WHOLE_LINES.contains(first.key().toLowerCase(Locale.ROOT));
    for (Setting setting : isWhole ? line.subList(0, 1) : line) {
      if (isKept(KeyTable.GLOBAL, "", setting)) {
        keep(KeyTable.find(KeyTable.GLOBAL, setting.key()).orElseThrow(), setting);
      }
    }
  }

  /** Whether the twin keeps a parameter; otherwise reports it. */
  private boolean isKept(String kind, String before, Setting setting) {
    Optional<KeyTable.Key> key = KeyTable.find(kind, setting.key());
    if (key.isEmpty()) {
      comment(before, setting, setting.key(), "is not known here");
      return false;
    }
    String name = key.get().name();
    if (key.get().kind() == Kind.ACCOUNTING) {
      Optional<String> obstacle = accounting.obstacle(key.get(), setting);
      obstacle.ifPresent(reason -> report.add(setting, name, Kind.INFRASTRUCTURE, reason));
      return obstacle.isEmpty();
    }
    if (key.get().kind() != Kind.POLICY) {
      if (!setting.is("State") || !setting.value().equalsIgnoreCase("UNKNOWN")) {
        report.add(setting, name, key.get().kind(), key.get().reason());
      }
      return false;
    }
    if (!key.get().isKnownTo(release)) {
      comment(before, setting, name, "Slurm %s does not know it".formatted(release));
      return false;
    }
    return true;
  }

  private void comment(String before, Setting setting, String name, String reason) {
    String text = setting.key() + "=" + setting.value();
    comments.add(
        "# "
            + before
            + (CONFIDENTIAL.matcher(text).matches() ? setting.key() + "= (left out)" : text));
    report.add(setting, name, Kind.POLICY, reason + ": it is a comment at the end of slurm_conf");
  }

  private void keep(KeyTable.Key key, Setting setting) {
    if (!setting.equals(globals.get(setting.key()))) {
      report.add(setting, key.name(), Kind.INFRASTRUCTURE, "a later line overrides it");
      return;
    }
    if (ELSEWHERE.contains(key.name())) {
      return;
    }
    Adaptations.Result result = adaptations.of(key.name(), setting.value());
    reportAdapted(key.name(), setting, result);
    if (!result.value().isEmpty()) {
      boolean isQuoted = result.value().chars().anyMatch(Character::isWhitespace);
      kept.add(key.name() + "=" + (isQuoted ? "\"" + result.value() + "\"" : result.value()));
    }
  }

  private void reportAdapted(String name, Setting setting, Adaptations.Result result) {
    if (!result.reason().isEmpty()) {
      report.add(
          setting,
          name,
          result.value().isEmpty() ? Kind.INFRASTRUCTURE : Kind.ADAPTED,
          result.reason());
    }
  }

  /** Returns the value of a partition's option in the twin; empty when it is left out. */
  String ofPartition(String name, String value) {
    return adaptations.ofPartition(name, value).value();
  }

  /**
   * Adds Slurm's defaults of parameters that the site does not set, and for which a cluster's own
   * files have another value.
   */
  private void addDefaults() {
    if (!globals.containsKey("DefMemPerCPU") && !globals.containsKey("DefMemPerNode")) {
      kept.add("DefMemPerNode=0");
    }
    Setting select = globals.get("SelectType");
    if (select != null
        && select.value().equalsIgnoreCase("select/linear")
        && !globals.containsKey("SelectTypeParameters")) {
      kept.add("SelectTypeParameters=CR_Memory");
    }
    if (!globals.containsKey("KillWait")) {
      kept.add("KillWait=30");
    }
    if (!accounting.isEmpty()) {
      addUnlessKept("PriorityWeightFairshare", "0");
      addUnlessKept("PriorityWeightQOS", "0");
      if (addUnlessKept("PreemptType", "preempt/none")) {
        addUnlessKept("PreemptMode", "OFF");
      }
    }
  }

  private boolean addUnlessKept(String name, String value) {
    boolean isMissing = kept.stream().noneMatch(line -> line.startsWith(name + "="));
    if (isMissing) {
      kept.add(name + "=" + value);
    }
    return isMissing;
  }
}
