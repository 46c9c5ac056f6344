/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import io.github.slurmmaven.mock.shell.RemoteFiles;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The request of a job, checked as Slurm checks it. */
public final class JobRequest {

  private static final Set<String> STATES_OF_MAIL =
      Set.of(
          "NONE",
          "BEGIN",
          "END",
          "FAIL",
          "REQUEUE",
          "ALL",
          "INVALID_DEPEND",
          "STAGE_OUT",
          "TIME_LIMIT",
          "TIME_LIMIT_90",
          "TIME_LIMIT_80",
          "TIME_LIMIT_50",
          "ARRAY_TASKS");
  private static final Pattern SIGNAL =
      Pattern.compile(
          "(?:[BR]{1,2}:)?(?:SIG)?(\\d+|HUP|INT|QUIT|ABRT|KILL|ALRM|TERM|USR1|USR2|URG|CONT|STOP|"
              + "TSTP|TTIN|TTOU|XCPU)(?:@\\d+)?",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern MEMORY = Pattern.compile("(\\d+)([KMGTkmgt]?)[Bb]?");

  private final Map<String, String> options = new LinkedHashMap<>();

  private String user = "";
  private String script = "";
  private List<String> arguments = List.of();
  private Map<String, String> environment = Map.of();
  private String submitDirectory = "/";
  private String command = "";
  private boolean batch;

  private Optional<Duration> limit = Optional.empty();
  private int tasks = 1;
  private int minNodes = 1;
  private boolean nodesGiven;
  private boolean tasksGiven;
  private int cpusPerTask = 1;
  private Optional<Long> memoryPerNode = Optional.empty();
  private Optional<Long> memoryPerCpu = Optional.empty();
  private Optional<Instant> begin = Optional.empty();
  private Optional<Instant> deadline = Optional.empty();

  public JobRequest by(String user, String directory, Map<String, String> environment) {
    this.user = user;
    this.submitDirectory = directory;
    this.environment = Map.copyOf(environment);
    return this;
  }

  /** A batch job. */
  public JobRequest script(String text, String path, List<String> words) {
    batch = true;
    script = text;
    command = path;
    arguments = List.copyOf(words);
    return this;
  }

  /** A command of srun or salloc. */
  public JobRequest command(List<String> words) {
    command = words.isEmpty() ? "(null)" : words.get(0);
    arguments = words.isEmpty() ? List.of() : List.copyOf(words.subList(1, words.size()));
    return this;
  }

  /** Sets an option. A later one of the same name overrides it. */
  public void set(String name, String value, Instant now) throws Refusal {
    switch (name) {
      case "time" -> limit = Optional.of(limit(name, value));
      case "time-min" -> limit(name, value);
      case "ntasks" -> {
        tasks = count(name, value);
        tasksGiven = true;
      }
      case "cpus-per-task" -> cpusPerTask = count(name, value);
      case "ntasks-per-node" -> count(name, value);
      case "nodes" -> nodes(value);
      case "mem" -> {
        memoryPerNode = Optional.of(memory(name, value));
      }
      case "mem-per-cpu" -> memoryPerCpu = Optional.of(memory(name, value));
      case "mem-per-gpu" -> memory(name, value);
      case "kill-on-invalid-dep" -> oneOf(name, value, "yes", "no");
      case "open-mode" -> oneOf(name, value, "a", "append", "t", "truncate");
      case "exclusive" -> oneOf(name, value, "", "user", "mcs", "topo", "exclusive");
      case "distribution" -> {
        if (!value.matches("(\\*|block|cyclic|arbitrary|plane(=\\d+)?)([:,].*)?")) {
          throw invalid(name);
        }
      }
      case "signal" -> {
        if (!SIGNAL.matcher(value).matches()) {
          throw invalid(name);
        }
      }
      case "mail-type" -> {
        for (String each : value.split(",", -1)) {
          if (!STATES_OF_MAIL.contains(each.toUpperCase(java.util.Locale.ROOT))) {
            throw invalid(name);
          }
        }
      }
      case "begin" -> begin = Optional.of(point(name, value, now));
      case "deadline" -> deadline = Optional.of(point(name, value, now));
      case "uid", "gid" -> throw Refusal.raw(255, "!--" + name + " only permitted by root user");
      case "clusters", "cluster" ->
          throw Refusal.raw(
              1,
              "!Problem talking to database",
              "!'%s' can't be reached now, or it is an invalid entry for --cluster.  Use"
                      .formatted(value)
                  + " 'sacctmgr list clusters' to see available clusters.");
      default -> {}
    }
    options.remove(name);
    options.put(name, value);
  }

  private static Duration limit(String name, String value) throws Refusal {
    return Times.limit(value).orElseThrow(() -> invalid(name));
  }

  private static Refusal invalid(String name) {
    return Refusal.raw(255, "!Invalid --" + name + " specification");
  }

  private static void oneOf(String name, String value, String... allowed) throws Refusal {
    if (!List.of(allowed).contains(value)) {
      throw invalid(name);
    }
  }

  private static int count(String name, String value) throws Refusal {
    try {
      int number = Integer.parseInt(value);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw noNumber(name, value);
    }
    throw noNumber(name, value);
  }

  private static Refusal noNumber(String name, String value) {
    return Refusal.raw(1, "!Invalid numeric value \"%s\" for --%s.".formatted(value, name));
  }

  private static Instant point(String name, String value, Instant now) throws Refusal {
    return Times.point(value, now)
        .orElseThrow(
            () ->
                Refusal.raw(
                    255,
                    "Invalid time specification (pos=0): " + value,
                    "!Invalid --" + name + " specification"));
  }

  private static long memory(String name, String value) throws Refusal {
    var matcher = MEMORY.matcher(value);
    if (!matcher.matches()) {
      throw invalid(name);
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2).toUpperCase(java.util.Locale.ROOT)) {
      case "K" -> (number + 1023) / 1024;
      case "G" -> number * 1024;
      case "T" -> number * 1024 * 1024;
      default -> number;
    };
  }

  private void nodes(String value) throws Refusal {
    if (!value.matches("\\d+(-\\d+)?")) {
      throw Refusal.raw(255, "!\"%s\" is not a valid node count".formatted(value));
    }
    String[] ends = value.split("-", -1);
    minNodes = Integer.parseInt(ends[0]);
    nodesGiven = true;
    int most = ends.length > 1 ? Integer.parseInt(ends[1]) : minNodes;
    if (most < minNodes) {
      throw Refusal.raw(
          255,
          "!Maximum node count %d is less than minimum node count %d".formatted(most, minNodes));
    }
  }

  /** Checks what the command itself refuses, before it contacts slurmctld. */
  public void checkTogether(String program, Release release) throws Refusal {
    long kinds =
        List.of("mem", "mem-per-cpu", "mem-per-gpu").stream().filter(options::containsKey).count();
    if (kinds > 1) {
      throw Refusal.raw(
          1, program + ": fatal: --mem, --mem-per-cpu, and --mem-per-gpu are mutually exclusive.");
    }
    if (release.isNew()
        && options.containsKey("exclusive")
        && options.containsKey("oversubscribe")) {
      throw Refusal.raw(
          1, program + ": fatal: --exclusive and --oversubscribe options are mutually exclusive");
    }
    if (!tasksGiven && nodesGiven && minNodes > 1) {
      tasks = minNodes;
    }
  }

  /** Checks what slurmctld refuses without recording the job, except dependencies. */
  void checkOn(Topology topology, Instant now) throws Refusal {
    String partition = partition(topology);
    if (!topology.partitions().contains(partition)) {
      throw Refusal.ofController(
          "Invalid partition name specified", "!invalid partition specified: " + partition);
    }
    if (gpus() > 0 && topology.gpus() == 0) {
      throw Refusal.raw(1, "!Invalid generic resource (gres) specification");
    }
    if (option("gres").isPresent() && !option("gres", "").matches("gpu(:\\w+)?(:\\d+)?")) {
      throw Refusal.raw(1, "!Invalid generic resource (gres) specification");
    }
    if (option("nodes").isPresent() && minNodes == 0 && !has("hold")) {
      throw Refusal.ofController("Node count specification invalid");
    }
    if (!option("constraint", "").isEmpty()) {
      throw Refusal.ofController("Invalid feature specification");
    }
    for (String list : List.of(option("nodelist", ""), option("exclude", ""))) {
      for (String name : HostList.expand(list)) {
        if (topology.node(name).isEmpty()) {
          throw Refusal.ofController("Invalid node name specified");
        }
      }
    }
    if (option("reservation").isPresent()) {
      throw Refusal.ofController("Requested reservation is invalid");
    }
    if (option("licenses").isPresent()) {
      throw Refusal.ofController("Invalid license specification");
    }
    if (deadline.isPresent() && deadline.get().isBefore(now)) {
      throw Refusal.ofController("Requested time limit is invalid (missing or exceeds some limit)");
    }
    if (option("array").filter(text -> !text.isEmpty()).isPresent() && tasksOfArray().isEmpty()) {
      throw Refusal.ofController("Invalid job array specification");
    }
  }

  /**
   * Returns why slurmctld refuses the job after it has assigned an id; empty if it accepts the job.
   */
  Optional<Refusal> impossible(Topology topology, Release release) {
    // A job that is held is not looked at before it is released.
    if (has("hold")) {
      return Optional.empty();
    }
    String no = "Requested node configuration is not available";
    if (memoryPerNode.orElse(0L) > topology.memory()
        || memoryPerCpu.orElse(0L) > topology.memory()) {
      return Optional.of(Refusal.ofController(no, "!Memory specification can not be satisfied"));
    }
    List<String> excluded = HostList.expand(option("exclude", ""));
    if (excluded.containsAll(topology.nodeNames())) {
      return Optional.of(Refusal.ofController(no));
    }
    if (gpus() > topology.gpus() * topology.nodeNames().size()) {
      return Optional.of(Refusal.ofController(no));
    }
    if (release.isNew() && cpusPerTask > topology.cpus()) {
      return Optional.of(Refusal.ofController(no, "!CPU count per node can not be satisfied"));
    }
    return release.isNew() && nodes(topology) > topology.nodeNames().size()
        ? Optional.of(Refusal.ofController(no))
        : Optional.empty();
  }

  /** Returns why the job waits for ever, in releases that accept a job that can never run. */
  Optional<String> stuck(Topology topology) {
    if (nodesGiven && minNodes > topology.nodeNames().size()) {
      return Optional.of("PartitionNodeLimit");
    }
    if (nodes(topology) > topology.nodeNames().size() || cpusPerTask > topology.cpus()) {
      return Optional.of("PartitionConfig");
    }
    return limit.isPresent() && limit.get().compareTo(topology.maxTime()) > 0
        ? Optional.of("PartitionTimeLimit")
        : Optional.empty();
  }

  private int gpus() {
    int count = 0;
    for (String name : List.of("gpus", "gpus-per-node", "gpus-per-task", "gres")) {
      String value = option(name, "");
      if (!value.isEmpty() && (!name.equals("gres") || value.startsWith("gpu"))) {
        String last = value.substring(value.lastIndexOf(':') + 1);
        int each = last.matches("\\d+") ? Integer.parseInt(last) : 1;
        count =
            Math.max(
                count,
                switch (name) {
                  case "gpus-per-node", "gres" -> each * minNodes;
                  case "gpus-per-task" -> each * tasks;
                  default -> each;
                });
      }
    }
    return count;
  }

  /** The indices of an array; empty if the job is not an array, or the array is invalid. */
  public List<Integer> tasksOfArray() {
    String text = option("array", "").replaceFirst("%\\d+$", "");
    if (text.isEmpty()) {
      return List.of();
    }
    List<Integer> tasks = new ArrayList<>();
    for (String number : HostList.Ranges.expand(text)) {
      int index = Integer.parseInt(number);
      if (index >= 1001) {
        return List.of();
      }
      tasks.add(index);
    }
    return tasks.stream().distinct().sorted().toList();
  }

  boolean isArray() {
    return !option("array", "").isEmpty();
  }

  public Map<String, String> options() {
    return options;
  }

  public Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }

  public String option(String name, String otherwise) {
    return options.getOrDefault(name, otherwise);
  }

  public boolean has(String name) {
    return options.containsKey(name);
  }

  public String user() {
    return user;
  }

  public String script() {
    return script;
  }

  public List<String> arguments() {
    return arguments;
  }

  public Map<String, String> environment() {
    return environment;
  }

  String submitDirectory() {
    return submitDirectory;
  }

  public String directory() {
    return RemoteFiles.absolute(submitDirectory, option("chdir", "."));
  }

  public String command() {
    return command;
  }

  public boolean isBatch() {
    return batch;
  }

  /** Returns its name: the given one, or the name of the script's file or command. */
  public String name() {
    return option("job-name")
        .orElseGet(
            () -> {
              if (has("wrap")) {
                return "wrap";
              }
              if (command.equals("(null)")) {
                return batch ? "sbatch" : "no-shell";
              }
              return command.substring(command.lastIndexOf('/') + 1);
            });
  }

  public String partition(Topology topology) {
    return option("partition", topology.partitions().get(0));
  }

  public Optional<Duration> limit() {
    return limit;
  }

  public int tasks() {
    return tasks;
  }

  public int cpusPerTask() {
    return cpusPerTask;
  }

  public boolean cpusPerTaskGiven() {
    return has("cpus-per-task");
  }

  public boolean nodesGiven() {
    return nodesGiven;
  }

  public int cpus() {
    return tasks * cpusPerTask;
  }

  public int nodes(Topology topology) {
    int perNode = Math.max(1, topology.cpus() / Math.min(cpusPerTask, topology.cpus()));
    return Math.max(Math.max(1, minNodes), (tasks + perNode - 1) / perNode);
  }

  public int gpuCount() {
    return gpus();
  }

  public Optional<Long> memoryPerNode() {
    return memoryPerNode;
  }

  public long memoryPerCpu() {
    return memoryPerCpu.orElse(Topology.DEFAULT_MEMORY_PER_CPU);
  }

  /** All of its memory, in megabytes. */
  public long memory(Topology topology) {
    return memoryPerNode
        .map(each -> (each == 0 ? topology.memory() : each) * nodes(topology))
        .orElse(memoryPerCpu() * cpus());
  }

  Optional<Instant> begin() {
    return begin;
  }

  public Optional<Instant> deadline() {
    return deadline;
  }

  /** Memory as Slurm writes it: 512M, 2G. */
  public static String memoryText(long megabytes) {
    if (megabytes == 0) {
      return "0";
    }
    if (megabytes < 1024) {
      return megabytes + "M";
    }
    return megabytes % 1024 == 0
        ? megabytes / 1024 + "G"
        : String.format(java.util.Locale.ROOT, "%.2fG", megabytes / 1024.0);
  }
}
