/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.mock.command.Columns.Field;
import io.github.slurmmaven.mock.command.Getopt.Parsed;
import io.github.slurmmaven.mock.job.HostList;
import io.github.slurmmaven.mock.job.JobRecord;
import io.github.slurmmaven.mock.job.Refusal;
import io.github.slurmmaven.mock.job.Times;
import io.github.slurmmaven.mock.job.Topology;
import io.github.slurmmaven.mock.job.Topology.Node;
import io.github.slurmmaven.mock.shell.Call;
import java.io.IOException;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** {@code sinfo}. */
final class Sinfo {

  /** A line: nodes of a partition that are in the same state. */
  record Row(String partition, String state, List<Node> nodes) {}

  private static final String USUAL = "%#P %.5a %.10l %.6D %.6t %N";
  private static final Set<String> STATES =
      Set.of(
          "unknown",
          "down",
          "idle",
          "alloc",
          "allocated",
          "mix",
          "mixed",
          "future",
          "drain",
          "drained",
          "draining",
          "drng",
          "no_respond",
          "resv",
          "reserved",
          "plnd",
          "planned",
          "comp",
          "completing",
          "fail",
          "failing",
          "maint",
          "reboot",
          "power_down",
          "powered_down",
          "powering_down",
          "powering_up",
          "cloud");
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE MMM dd HH:mm:ss uuuu", Locale.ENGLISH)
          .withZone(ZoneId.systemDefault());

  private final SlurmContext slurm;
  private final Map<Character, Field<Row>> letters = new HashMap<>();
  private final Map<String, Field<Row>> names = new HashMap<>();

  Sinfo(SlurmContext slurm) {
    this.slurm = slurm;
    Topology topology = slurm.topology();
    field("P partition", "PARTITION", row -> row.partition() + star(row));
    field("R partitionname", "PARTITION", Row::partition);
    field("a available", "AVAIL", row -> "up");
    field("l time", "TIMELIMIT", row -> Times.brief(topology.maxTime()));
    field("D nodes", "NODES", row -> Integer.toString(row.nodes().size()));
    field("t statecompact", "STATE", row -> compact(row.state()));
    field("T statelong", "STATE", Row::state);
    field("N nodelist", "NODELIST", row -> HostList.compress(nodeNames(row)));
    field("n nodehost", "HOSTNAMES", row -> HostList.compress(nodeNames(row)));
    field("o nodeaddr", "NODE_ADDR", row -> HostList.compress(nodeNames(row)));
    field("c cpus", "CPUS", row -> Integer.toString(topology.cpus()));
    field("m memory", "MEMORY", row -> Integer.toString(topology.memory()));
    field("G gres", "GRES", row -> gres());
    field("f features", "AVAIL_FEATURES", row -> "(null)");
    field("b", "ACTIVE_FEATURES", row -> "(null)");
    field("C cpusstate", "CPUS(A/I/O/T)", this::cpus);
    field("F nodeaiot", "NODES(A/I/O/T)", row -> nodes(row, true));
    field("A nodeai", "NODES(A/I)", row -> nodes(row, false));
    field("E reason", "REASON", row -> row.nodes().isEmpty() ? "" : row.nodes().get(0).reason());
    field("H timestamp", "TIMESTAMP", row -> "Unknown");
    field("u user", "USER", row -> "Unknown");
    field("d disk", "TMP_DISK", row -> "0");
    field("w weight", "WEIGHT", row -> "1");
    field("z sct", "S:C:T", row -> topology.cpus() + ":1:1");
    field("X sockets", "SOCKETS", row -> Integer.toString(topology.cpus()));
    field("Y cores", "CORES", row -> "1");
    field("Z threads", "THREADS", row -> "1");
    field("s size", "JOB_SIZE", row -> "1-infinite");
    field("p prioritytier", "PRIO_TIER", row -> "1");
    field("I priorityjobfactor", "PRIO_JOB_FACTOR", row -> "1");
    field("e freemem", "FREE_MEM", row -> Integer.toString(topology.memory()));
    field("O cpuload", "CPU_LOAD", row -> "0.00");
    field("g groups", "GROUPS", row -> "all");
    field("h oversubscribe", "OVERSUBSCRIBE", row -> "NO");
    field("B maxcpuspernode", "MAX_CPUS_PER_NODE", row -> "UNLIMITED");
    field("L defaulttime", "DEFAULTTIME", row -> "n/a");
    field("M preemptmode", "PREEMPT_MODE", row -> "OFF");
    field("S allocnodes", "ALLOCNODES", row -> "all");
    field("v version", "VERSION", row -> slurm.release().version());
    field("V cluster", "CLUSTER", row -> "N/A");
    field("r root", "ROOT", row -> "no");
    if (slurm.release().isNew()) {
      field("i reservation", "RESERVATION", row -> "");
    }
  }

  private void field(String words, String header, Function<Row, String> value) {
    Field<Row> field = new Field<>(header, value);
    for (String word : words.split(" ", -1)) {
      if (word.length() == 1) {
        letters.put(word.charAt(0), field);
      } else {
        names.put(word, field);
      }
    }
  }

  int run(Call call) throws IOException {
    return slurm.run(call, false, 1, parsed -> run(call, parsed));
  }

  private int run(Call call, Parsed parsed) throws Refusal {
    Optional<String> states = parsed.value("states");
    if (states.isPresent()) {
      for (String state : states.get().split(",", -1)) {
        if (!STATES.contains(state.toLowerCase(Locale.ROOT))) {
          throw Refusal.raw(
              1, "!Bad state string: \"" + state + "\"", "!valid states: " + validStates());
        }
      }
    }
    boolean alone = parsed.has("Node");
    boolean reasons = parsed.has("list-reasons");
    String format = parsed.value("format").orElseGet(() -> usual(parsed));
    Columns<Row> columns =
        parsed.has("Format")
            ? Columns.ofNames(parsed.value("Format").orElse(""), names)
            : Columns.ofFormat(format.replace("%#P", "%-" + "P"), letters);
    if (format.contains("%#") && !parsed.has("Format")) {
      int widest =
          slurm.topology().partitions().stream().mapToInt(String::length).max().orElse(0) + 1;
      columns = Columns.ofFormat(format.replace("%#P", "%" + Math.max(9, widest) + "P"), letters);
      columns = alone ? aligned(parsed) : columns;
    }
    if (!parsed.has("Format") && format.equalsIgnoreCase("%all")) {
      throw slurm.notMocked("%all");
    }
    slurm.refuseUnmocked("sinfo", parsed.has("Format") ? "field" : "letter", columns.unknown());
    columns
        .unknown()
        .forEach(
            each -> {
              if (parsed.has("Format")) {
                call.complain("sinfo: error: Invalid job format specification: " + each);
                return;
              }
              call.complain(
                  (slurm.release().isNew() ? "sinfo: error: " : "")
                      + "Invalid node format specification: "
                      + each);
              if (!slurm.release().isNew()) {
                call.complain("");
              }
            });
    Columns<Row> shown = columns;
    slurm
        .jobs()
        .read(
            () -> {
              if (parsed.has("long") && !parsed.has("noheader")) {
                call.say(DATE.format(slurm.now()));
              }
              if (!parsed.has("noheader")) {
                call.say(shown.header());
              }
              rows(parsed, alone, reasons).forEach(row -> call.say(shown.row(row)));
              return 0;
            });
    return 0;
  }

  private String usual(Parsed parsed) {
    if (parsed.has("list-reasons")) {
      return "%20E %9u %19H %N";
    }
    if (parsed.has("summarize")) {
      return "%#P %.5a %.10l %.16F %N";
    }
    if (parsed.has("long")) {
      return "%#P %.5a %.10l %.10s %.4r %.8h %.10g %.6D %.11T "
          + (slurm.release().isNew() ? "%.11i " : "")
          + "%N";
    }
    return USUAL;
  }

  /** With {@code -N}, columns are as wide as their content. */
  private Columns<Row> aligned(Parsed parsed) {
    int node = width(slurm.topology().nodeNames(), 9);
    int partition = width(slurm.topology().partitions(), 8) + 1;
    String format =
        parsed.has("long")
            ? "%" + node + "N %.6D %." + partition + "P %.11T %-4c %.8z %.6m %.8d %.6w %.8f %20E"
            : "%" + node + "N %.6D %." + partition + "P %6t";
    return Columns.ofFormat(format.replace("%-", "%"), letters);
  }

  private static int width(List<String> names, int least) {
    return Math.max(least, names.stream().mapToInt(String::length).max().orElse(0));
  }

  private List<Row> rows(Parsed parsed, boolean alone, boolean reasons) {
    List<Row> rows = new ArrayList<>();
    Optional<List<String>> partitions =
        parsed.value("partition").map(list -> List.of(list.split(",", -1)));
    Optional<List<String>> nodes = parsed.value("nodes").map(HostList::expand);
    Optional<List<String>> states =
        parsed.value("states").map(list -> List.of(list.toLowerCase(Locale.ROOT).split(",", -1)));
    boolean grouped = !parsed.has("summarize") && groupsByState(parsed);
    for (String partition : slurm.topology().partitions()) {
      if (partitions.isPresent() && !partitions.get().contains(partition)) {
        continue;
      }
      Map<String, Row> groups = new LinkedHashMap<>();
      for (Node node : slurm.topology().nodes()) {
        String state = state(node);
        boolean wanted =
            (nodes.isEmpty() || nodes.get().contains(node.name()))
                && (states.isEmpty()
                    || states.get().contains(state)
                    || states.get().contains(compact(state)))
                && (!reasons || node.down().isPresent());
        if (wanted) {
          String key = alone ? node.name() : grouped ? state + node.reason() : "";
          groups
              .computeIfAbsent(key, each -> new Row(partition, state, new ArrayList<>()))
              .nodes()
              .add(node);
        }
      }
      if (groups.isEmpty() && !alone && !reasons) {
        rows.add(new Row(partition, "n/a", List.of()));
      }
      rows.addAll(groups.values());
    }
    return rows;
  }

  /** Nodes in several states share a line if no column shows the state. */
  private static boolean groupsByState(Parsed parsed) {
    String format = parsed.value("format").or(() -> parsed.value("Format")).orElse("%t");
    return format.matches("(?s).*%[-.\\d]*[tTEHnNo].*|.*(state|node|reason).*");
  }

  private String star(Row row) {
    return row.partition().equals(slurm.topology().partitions().get(0)) ? "*" : "";
  }

  private static List<String> nodeNames(Row row) {
    return row.nodes().stream().map(Node::name).toList();
  }

  private String gres() {
    return slurm.topology().gpus() > 0 ? "gpu:" + slurm.topology().gpus() : "(null)";
  }

  /** Processors of a node that jobs have. */
  static int allocated(SlurmContext slurm, Node node) {
    int used = 0;
    for (JobRecord job : slurm.jobs().all()) {
      if (job.state() == JobState.RUNNING
          && HostList.expand(slurm.nodesOf(job)).contains(node.name())) {
        used += Math.max(1, job.request().cpus() / job.request().nodes(slurm.topology()));
      }
    }
    return Math.min(used, slurm.topology().cpus());
  }

  static String state(SlurmContext slurm, Node node) {
    int used = allocated(slurm, node);
    String base = used == 0 ? "idle" : used < slurm.topology().cpus() ? "mixed" : "allocated";
    return switch (node.down().orElse("")) {
      case "drain" -> used == 0 ? "drained" : "draining";
      case "down" -> "down";
      default -> base;
    };
  }

  private String state(Node node) {
    return state(slurm, node);
  }

  private static String compact(String state) {
    return switch (state) {
      case "mixed" -> "mix";
      case "allocated" -> "alloc";
      case "drained" -> "drain";
      case "draining" -> "drng";
      default -> state;
    };
  }

  private String cpus(Row row) {
    int used = 0;
    int idle = 0;
    int other = 0;
    for (Node node : row.nodes()) {
      int allocated = allocated(slurm, node);
      used += allocated;
      int rest = slurm.topology().cpus() - allocated;
      idle += node.down().isEmpty() ? rest : 0;
      other += node.down().isEmpty() ? 0 : rest;
    }
    return "%d/%d/%d/%d".formatted(used, idle, other, used + idle + other);
  }

  private String nodes(Row row, boolean all) {
    int used = 0;
    int idle = 0;
    int other = 0;
    for (Node node : row.nodes()) {
      if (allocated(slurm, node) > 0) {
        used++;
      } else if (node.down().isEmpty()) {
        idle++;
      } else {
        other++;
      }
    }
    return all
        ? "%d/%d/%d/%d".formatted(used, idle, other, used + idle + other)
        : used + "/" + idle;
  }

  private String validStates() {
    String common =
        "unknown,down,idle,allocated,?,mixed,future,drain,drained,draining,no_respond,reserved,";
    String last =
        "cloud,completing,powering_down,powered_down,power_down,powering_up,fail,maint,reboot,"
            + "reboot^";
    return slurm.release().isNew()
        ? common + "planned,blocked," + last
        : common + "perfctrs," + last + ",unknown";
  }
}
