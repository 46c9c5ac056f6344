/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.HostList;
import io.github.slurmmaven.site.KeyTable.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Converts the output of {@code scontrol show config}, {@code show partition} and {@code show
 * node}, with and without {@code --oneliner}, to lines of slurm.conf. Values that are Slurm's
 * defaults are left out, as in such a file, and so is the state of nodes.
 */
final class ScontrolReader {

  /** The required outputs, by the first parameter of their records. */
  private static final Map<String, String> COMMANDS =
      new TreeMap<>(
          Map.of(
              KeyTable.GLOBAL, "scontrol show config",
              KeyTable.NODE, "scontrol show node",
              KeyTable.PARTITION, "scontrol show partition"));

  private static final String CONFIG = "Configuration data as of ";

  private static final Pattern CONFIG_LINE =
      Pattern.compile("\\s*([A-Za-z]\\w*)(?:\\[\\d+])?\\s*=\\s*(.*?)\\s*");

  private static final Pattern SECTION = Pattern.compile("(\\w.*?)\\s*:\\s*");

  private static final Pattern RECORD = Pattern.compile("\\s*(NodeName|PartitionName)=.*");

  private static final Pattern FIELD = Pattern.compile("(?<!\\S)([A-Za-z]\\w*)=(\\S*)");

  /** Terminal colors, in an output that was copied from a terminal. */
  private static final Pattern COLOR = Pattern.compile("\u001b\\[[0-9;]*m");

  /** Fields that are not configuration but state, or describe the output itself. */
  private static final Set<String> CONFIG_STATE =
      Set.of(
          "BOOT_TIME",
          "HASH_VAL",
          "LicensesUsed",
          "MaxNodeCount",
          "MULTIPLE_SLURMD",
          "NEXT_JOB_ID",
          "SLURM_CONF",
          "SLURM_VERSION");

  private static final Set<String> PARTITION_STATE =
      Set.of("TotalCPUs", "TotalNodes", "TRES", "Topology");

  /** The unit after a number. */
  private static final Pattern UNIT =
      Pattern.compile("(\\d+) (?:sec|min|usec|percent|nodes/min|hours)");

  /** Slurm's texts for no value. */
  private static final Set<String> NOTHING = Set.of("", "(null)", "(null type)", "N/A", "n/a");

  /** The sockets of a resource, which Slurm adds when the node has registered. */
  private static final Pattern SOCKETS = Pattern.compile("\\([SC]:[^)]*\\)");

  /** A shard, to which Slurm adds its GPU's type when the node has registered. */
  private static final Pattern SHARD = Pattern.compile("(^|,)shard:[A-Za-z_][^,:]*:(?=\\d)");

  /** Parts of {@code show config}. */
  private enum Part {
    NONE,
    SLURM_CONF,
    OTHER_FILE
  }

  private final Path directory;
  private final List<List<Setting>> config = new ArrayList<>();
  private final List<Setting> sections = new ArrayList<>();
  private final List<List<Setting>> nodes = new ArrayList<>();
  private final List<List<Setting>> partitions = new ArrayList<>();

  private ScontrolReader(Path directory) {
    this.directory = directory;
  }

  /**
   * The result of reading the outputs.
   *
   * @param lines the settings of each line of slurm.conf
   * @param sections headings of other files in {@code scontrol show config}
   */
  record Result(List<List<Setting>> lines, List<Setting> sections) {}

  /** Whether a text is the output of one of the three commands. */
  static boolean isOutput(String text) {
    return text.contains(CONFIG)
        || (text.contains("NodeName=") && text.contains(" CPUTot="))
        || (text.contains("PartitionName=") && text.contains(" TotalNodes="));
  }

  /**
   * Reads the outputs.
   *
   * @param directory start of the files' relative names
   * @param files the files; one may have the outputs of several commands
   * @throws UserMistakeException when an output is missing or cannot be read; names the command or
   *     the place
   */
  static Result read(Path directory, List<Path> files) {
    ScontrolReader reader = new ScontrolReader(directory);
    for (Path file : files) {
      reader.readFile(file);
    }
    return reader.result(files);
  }

  private Result result(List<Path> files) {
    Map<String, List<List<Setting>>> found =
        Map.of(KeyTable.GLOBAL, config, KeyTable.NODE, nodes, KeyTable.PARTITION, partitions);
    COMMANDS.forEach(
        (kind, command) -> {
          if (found.getOrDefault(kind, List.of()).isEmpty()) {
            throw new UserMistakeException(
                "site: the output of '%s' is missing in %s: run it on a login node, and keep what it prints there. A site may hide its nodes from you (PrivateData): then ask it for its slurm.conf"
                    .formatted(command, files.size() == 1 ? files.get(0) : directory));
          }
        });
    List<List<Setting>> lines = new ArrayList<>(config);
    lines.addAll(nodes);
    lines.addAll(unseenNodes());
    lines.addAll(partitions.stream().map(this::withoutClusterDefaults).toList());
    return new Result(lines, sections);
  }

  // ---- files -----------------------------------------------------------------------------------

  private void readFile(Path file) {
    String name = directory.relativize(file.toAbsolutePath()).toString();
    String[] texts = SlurmConfReader.text(file).split("\r\n|\n|\r", -1);
    Part part = Part.NONE;
    @Nullable Fields fields = null;
    for (int i = 0; i < texts.length; i++) {
      String text = COLOR.matcher(texts[i]).replaceAll("");
      if (RECORD.matcher(text).matches()) {
        finish(fields);
        fields = new Fields(new TreeMap<>(String.CASE_INSENSITIVE_ORDER));
        part = Part.NONE;
      }
      if (text.contains(CONFIG)) {
        part = Part.SLURM_CONF;
      } else if (part != Part.NONE) {
        part = readConfig(part, text, name, i + 1);
      } else if (text.isBlank()) {
        finish(fields);
        fields = null;
      } else if (fields != null) {
        fields.add(text, name, i + 1);
      }
    }
    finish(fields);
  }

  /** Reads a line of {@code show config}, and returns the part of the next line. */
  private Part readConfig(Part part, String text, String file, int line) {
    Matcher setting = CONFIG_LINE.matcher(text);
    Matcher section = SECTION.matcher(text);
    if (section.matches() && !setting.matches()) {
      sections.add(new Setting(section.group(1), "", new Place(file, line, section.start(1) + 1)));
      return Part.OTHER_FILE;
    }
    if (setting.matches() && part == Part.SLURM_CONF) {
      Place place = new Place(file, line, setting.start(1) + 1);
      addConfig(new Setting(setting.group(1), unit(setting.group(2)), place));
    }
    return part;
  }

  private void addConfig(Setting setting) {
    if (setting.is("JobDefaults")) {
      jobDefaults(setting).forEach(each -> config.add(List.of(each)));
    } else if (!CONFIG_STATE.contains(setting.key())
        && !isNothing(setting)
        && !ScontrolDefaults.isDefault(KeyTable.GLOBAL, setting)) {
      config.add(List.of(setting));
    }
  }

  private void finish(@Nullable Fields fields) {
    if (fields == null) {
      return;
    }
    Setting node = fields.byName().get(KeyTable.NODE);
    Setting partition = fields.byName().get(KeyTable.PARTITION);
    if (node != null && fields.has("CPUTot")) {
      nodes.add(node(node, fields));
    } else if (partition != null && fields.has("TotalNodes")) {
      partitions.add(partition(partition, fields));
    } else if (node != null) {
      throw node.mistake(
          "is not a node as 'scontrol show node' prints it, with CPUTot: copy the whole output");
    } else if (partition != null) {
      throw partition.mistake(
          "is not a partition as 'scontrol show partition' prints it, with TotalNodes: copy the whole output");
    }
  }

  /** A node or a partition, on one line or several. */
  private record Fields(Map<String, Setting> byName) {

    /**
     * Adds fields. If a name occurs twice, the first is Slurm's and the other is in a comment or a
     * reason.
     */
    void add(String text, String file, int line) {
      Matcher field = FIELD.matcher(text);
      while (field.find()) {
        Place place = new Place(file, line, field.start(1) + 1);
        byName.putIfAbsent(field.group(1), new Setting(field.group(1), field.group(2), place));
      }
    }

    boolean has(String key) {
      return byName.containsKey(key);
    }

    int number(String key) {
      return Math.max(1, Optional.ofNullable(byName.get(key)).map(Setting::number).orElse(1));
    }
  }

  // ---- nodes -----------------------------------------------------------------------------------

  private List<Setting> node(Setting name, Fields fields) {
    List<Setting> line = new ArrayList<>(List.of(name));
    Setting cpus = field(fields, "CPUTot");
    line.add(named("CPUs", cpus));
    line.addAll(sockets(fields));
    fields
        .byName()
        .forEach(
            (key, setting) -> {
              if (isConfigured(key, setting, fields, name.value())) {
                line.add(setting.is("Gres") ? setting.with(gres(setting.value())) : setting);
              }
            });
    features(fields).ifPresent(features -> line.add(named("Feature", features)));
    // Nodes that the site's cloud creates when they are needed.
    Optional.ofNullable(fields.byName().get("State"))
        .filter(state -> List.of(state.value().split("[+*]")).contains("CLOUD"))
        .ifPresent(state -> line.add(state.with("CLOUD")));
    return line;
  }

  /** Returns the sockets as in slurm.conf: none if each processor is a socket. */
  private static List<Setting> sockets(Fields fields) {
    int cores = fields.number("CoresPerSocket");
    int threads = fields.number("ThreadsPerCore");
    int boards = fields.number("Boards");
    if (cores * threads * boards == 1 && fields.number("CPUTot") == fields.number("Sockets")) {
      return List.of();
    }
    List<Setting> settings = new ArrayList<>();
    Setting sockets = field(fields, "Sockets");
    if (boards > 1) {
      settings.add(field(fields, "Boards"));
      settings.add(
          new Setting(
              "SocketsPerBoard",
              String.valueOf(fields.number("Sockets") / boards),
              sockets.place()));
    } else {
      settings.add(sockets);
    }
    settings.add(field(fields, "CoresPerSocket"));
    settings.add(field(fields, "ThreadsPerCore"));
    return settings;
  }

  private boolean isConfigured(String key, Setting setting, Fields fields, String name) {
    return switch (key.toLowerCase(Locale.ROOT)) {
      case "nodename", "state", "reason", "port", "topology" -> false;
      case "cpus", "sockets", "socketsperboard", "boards", "corespersocket", "threadspercore" ->
          false;
      case "feature", "features" -> false;
      // Slurm chooses the list itself when only the number is configured.
      case "cpuspeclist" -> !fields.has("CoreSpecCount") && !isNothing(setting);
      case "nodeaddr", "nodehostname", "bcastaddr" ->
          !setting.value().equals(name) && !isNothing(setting);
      default ->
          KeyTable.find(KeyTable.NODE, key).isPresent()
              && !isNothing(setting)
              && !ScontrolDefaults.isDefault(KeyTable.NODE, setting);
    };
  }

  private static Optional<Setting> features(Fields fields) {
    return Optional.ofNullable(fields.byName().get("AvailableFeatures"))
        .or(() -> Optional.ofNullable(fields.byName().get("Features")))
        .filter(features -> !isNothing(features));
  }

  private static String gres(String value) {
    return SHARD.matcher(SOCKETS.matcher(value).replaceAll("")).replaceAll("$1shard:");
  }

  /**
   * Returns the nodes that partitions name and no command shows: nodes that the site does not have
   * yet.
   */
  private List<List<Setting>> unseenNodes() {
    Set<String> known = new LinkedHashSet<>();
    nodes.forEach(line -> known.add(line.get(0).value()));
    List<List<Setting>> unseen = new ArrayList<>();
    for (List<Setting> line : partitions) {
      line.stream()
          .filter(setting -> setting.is("Nodes"))
          .forEach(
              members -> {
                for (String name : expand(members)) {
                  if (known.add(name)) {
                    unseen.add(
                        List.of(
                            new Setting(KeyTable.NODE, name, members.place()),
                            new Setting("State", "FUTURE", members.place())));
                  }
                }
              });
    }
    return unseen;
  }

  private static List<String> expand(Setting setting) {
    try {
      return HostList.expand(setting.value());
    } catch (IllegalArgumentException e) {
      throw setting.mistake(String.valueOf(e.getMessage()));
    }
  }

  // ---- partitions ------------------------------------------------------------------------------

  private List<Setting> partition(Setting name, Fields fields) {
    List<Setting> line = new ArrayList<>(List.of(name));
    fields.byName().values().stream()
        .filter(setting -> !setting.is(KeyTable.PARTITION))
        .filter(setting -> !PARTITION_STATE.contains(setting.key()))
        .filter(setting -> !isNothing(setting))
        .filter(setting -> !ScontrolDefaults.isDefault(KeyTable.PARTITION, setting))
        .forEach(
            setting -> {
              if (setting.is("JobDefaults")) {
                line.addAll(jobDefaults(setting));
              } else if (setting.is("Exclusive")) {
                line.add(exclusive(setting));
              } else {
                line.add(setting);
              }
            });
    return line;
  }

  /**
   * Removes the preemption mode of a partition if it is the cluster's, which scontrol shows as a
   * default.
   */
  private List<Setting> withoutClusterDefaults(List<Setting> line) {
    Optional<String> mode =
        config.stream()
            .map(each -> each.get(0))
            .filter(setting -> setting.is("PreemptMode"))
            .map(Setting::value)
            .findFirst();
    return line.stream()
        .filter(setting -> !setting.is("PreemptMode") || !mode.equals(Optional.of(setting.value())))
        .toList();
  }

  /** Splits {@code JobDefaults=DefCpuPerGPU=8,DefMemPerGPU=32000} into its parameters. */
  private static List<Setting> jobDefaults(Setting setting) {
    List<Setting> all = new ArrayList<>();
    for (String each : setting.value().split(",", -1)) {
      String[] parts = each.split("=", 2);
      if (parts.length == 2) {
        all.add(new Setting(parts[0], parts[1], setting.place()));
      }
    }
    return all;
  }

  /**
   * Converts the parameter in which Slurm 26.05 shows {@code ExclusiveUser} and {@code
   * ExclusiveTopo}.
   */
  private static Setting exclusive(Setting setting) {
    return switch (setting.value().toUpperCase(Locale.ROOT)) {
      case "USER" -> new Setting("ExclusiveUser", "YES", setting.place());
      case "TOPO" -> new Setting("ExclusiveTopo", "YES", setting.place());
      default -> setting;
    };
  }

  // ---- values ----------------------------------------------------------------------------------

  private static Setting field(Fields fields, String key) {
    Setting setting = fields.byName().get(key);
    if (setting == null) {
      Setting name = fields.byName().values().iterator().next();
      throw name.place()
          .mistake(
              fields.byName().getOrDefault(KeyTable.NODE, name).value(),
              "has no %s: copy the whole output of 'scontrol show node'".formatted(key));
    }
    return setting;
  }

  private static Setting named(String key, Setting setting) {
    return new Setting(key, setting.value(), setting.place());
  }

  private static boolean isNothing(Setting setting) {
    return NOTHING.contains(setting.value());
  }

  private static String unit(String value) {
    Matcher unit = UNIT.matcher(value);
    return unit.matches() ? unit.group(1) : value;
  }

  /** Reports a section of {@code show config} that belongs to another file. */
  static void report(SiteReport report, Setting section) {
    report.add(
        section,
        section.key(),
        Kind.INFRASTRUCTURE,
        section.key().startsWith("Cgroup")
            ? "needs control groups or the site's hardware"
            : "is of the site's machines");
  }
}
