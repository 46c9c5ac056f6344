/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.status;

import io.github.slurmmaven.status.ClusterStatus.NodeStatus;
import io.github.slurmmaven.status.ClusterStatus.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** The status of a cluster as text. */
public final class StatusText {

  private static final String NOTHING = "-";
  private static final String GAP = "   ";

  private final ClusterStatus status;
  private final Style style;
  private final StringBuilder text = new StringBuilder();

  private StatusText(ClusterStatus status, Style style) {
    this.status = status;
    this.style = style;
  }

  /** Returns the text; each line ends with a line end. */
  public static String of(ClusterStatus status, Style style) {
    return new StatusText(status, style).write();
  }

  private String write() {
    head();
    nodes();
    partitions();
    status.connection().ifPresent(this::connection);
    status
        .registry()
        .ifPresent(
            registry ->
                line(
                    "\nRegistry: "
                        + registry.address()
                        + registry
                            .internal()
                            .map(internal -> " (" + internal + " on the nodes)")
                            .orElse("")));
    status
        .rest()
        .ifPresent(
            rest ->
                line(
                    "\nREST:     %s (%s)"
                        .formatted(rest.url(), String.join(", ", rest.versions()))));
    status
        .pbsCommands()
        .filter(has -> has)
        .ifPresent(has -> line("\nPBS:      qsub, qstat, qdel and others, which are Slurm's"));
    return text.toString();
  }

  private void head() {
    line("Cluster: " + status.name());
    String word = status.status().word();
    line(
        "Status:  "
            + colour().apply(word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
            // Nodes that do not work have lines of their own.
            + status
                .problem()
                .filter(problem -> status.status() == State.FAILED)
                .map(problem -> ": " + problem)
                .orElse(""));
    status.uptimeSeconds().ifPresent(seconds -> line("Uptime:  " + duration(seconds)));
    status.slurmVersion().ifPresent(version -> line("Slurm:   " + version));
    status.engine().ifPresent(engine -> line("Engine:  " + engine));
    status
        .directory()
        .ifPresent(
            directory ->
                line("Files:   " + directory + (status.directoryExists() ? "" : " (gone)")));
    status
        .jobs()
        .ifPresent(
            jobs ->
                line("Jobs:    " + jobs.running() + " running, " + jobs.pending() + " pending"));
  }

  private UnaryOperator<String> colour() {
    return switch (status.status()) {
      case RUNNING -> style::good;
      case DEGRADED, FAILED -> style::bad;
      case STARTING, STOPPED, CREATED -> UnaryOperator.identity();
    };
  }

  private void nodes() {
    if (status.nodes().isEmpty()) {
      return;
    }
    boolean reasons = status.nodes().stream().anyMatch(node -> node.reason().isPresent());
    List<List<Cell>> rows = new ArrayList<>();
    rows.add(
        cells("NAME", "STATE", "CPUS", "GPUS", "MEMORY", "PARTITION", reasons ? "REASON" : ""));
    for (NodeStatus node : status.nodes()) {
      rows.add(
          List.of(
              new Cell(node.name()),
              new Cell(node.state(), colour(node)),
              new Cell(used(node.cpusAllocated(), node.cpus())),
              new Cell(used(node.gpusAllocated(), node.gpus())),
              new Cell(used(node.memoryAllocatedMb(), node.memoryMb())),
              new Cell(or(String.join(",", node.partitions()))),
              new Cell(node.reason().orElse(reasons ? NOTHING : ""))));
    }
    table("Nodes", rows);
  }

  private UnaryOperator<String> colour(NodeStatus node) {
    if (node.well()) {
      return style::good;
    }
    boolean expected = status.status() == State.STOPPED || status.status() == State.CREATED;
    return expected || status.status() == State.STARTING ? UnaryOperator.identity() : style::bad;
  }

  private void partitions() {
    if (status.partitions().isEmpty()) {
      return;
    }
    List<List<Cell>> rows = new ArrayList<>();
    rows.add(cells("NAME", "NODES", "STATE", "DEFAULT"));
    status
        .partitions()
        .forEach(
            partition ->
                rows.add(
                    List.of(
                        new Cell(partition.name()),
                        new Cell(or(partition.hostList())),
                        new Cell(
                            partition.state(),
                            switch (partition.state()) {
                              case "up" -> style::good;
                              case "unknown" -> UnaryOperator.identity();
                              default -> style::bad;
                            }),
                        new Cell(partition.isDefault() ? "yes" : "no"))));
    table("Partitions", rows);
  }

  private void connection(ClusterStatus.Reach reach) {
    line("\nConnection:");
    line("  SSH:      " + reach.command());
    line("  Address:  " + reach.user() + "@" + reach.host() + ", port " + reach.port());
    line("  Key:      " + reach.privateKey());
    if (reach.passwordLogin()) {
      line("  Password: slurm.ssh.password in connection.properties");
    }
  }

  /** A cell of a table, with its color. */
  private record Cell(String text, UnaryOperator<String> colour) {
    Cell(String text) {
      this(text, UnaryOperator.identity());
    }
  }

  private static List<Cell> cells(String... texts) {
    return Arrays.stream(texts).map(Cell::new).toList();
  }

  private void table(String title, List<List<Cell>> rows) {
    line("\n" + title + ":");
    for (List<Cell> row : rows) {
      StringBuilder line = new StringBuilder(" ");
      for (int column = 0; column < row.size(); column++) {
        Cell cell = row.get(column);
        line.append(column == 0 ? " " : GAP)
            .append(cell.colour().apply(cell.text()))
            .append(" ".repeat(width(rows, column) - cell.text().length()));
      }
      line(line.toString().stripTrailing());
    }
  }

  private static int width(List<List<Cell>> rows, int column) {
    return rows.stream().mapToInt(row -> row.get(column).text().length()).max().orElse(0);
  }

  private static String or(String text) {
    return text.isEmpty() ? NOTHING : text;
  }

  private static String used(OptionalInt used, OptionalInt all) {
    return used(
        used.isPresent() ? OptionalLong.of(used.getAsInt()) : OptionalLong.empty(),
        all.isPresent() ? OptionalLong.of(all.getAsInt()) : OptionalLong.empty());
  }

  /** Returns an amount, preceded by the amount in use, if any. */
  private static String used(OptionalLong used, OptionalLong all) {
    if (all.orElse(0) == 0) {
      return NOTHING;
    }
    return (used.orElse(0) == 0 ? "" : used.getAsLong() + "/") + all.getAsLong();
  }

  /** Returns a duration in its two largest units: {@code 3d 4h}, {@code 2h 15m}, {@code 12s}. */
  static String duration(long seconds) {
    Duration duration = Duration.ofSeconds(seconds);
    List<String> parts = new ArrayList<>();
    add(parts, duration.toDays(), "d");
    add(parts, duration.toHoursPart(), "h");
    add(parts, duration.toMinutesPart(), "m");
    add(parts, duration.toSecondsPart(), "s");
    return parts.isEmpty() ? "0s" : String.join(" ", parts.subList(0, Math.min(2, parts.size())));
  }

  private static void add(List<String> parts, long number, String unit) {
    if (number > 0 || !parts.isEmpty()) {
      parts.add(number + unit);
    }
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
