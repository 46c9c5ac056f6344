/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.site;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Adapts values of the site's parameters that a twin can have only in part.
 *
 * @param directory the site's other files, beside slurm.conf
 * @param globals the site's parameters outside of node and partition lines
 * @param hasAccounting whether accounts or qualities of service of the site are known
 * @param tres the twin's trackable resources
 */
record Adaptations(Path directory, List<Setting> globals, boolean hasAccounting, Set<String> tres) {

  /**
   * A value in the twin.
   *
   * @param value the value; empty when the parameter is left out
   * @param reason why it differs from the site's; empty when it is the same
   */
  record Result(String value, String reason) {}

  private static final String NO_SCRIPT =
      "%s is not among the site's files: copy it from the site, too";

  private static final String NOT_HERE = "the twin has no %s";

  private static final Pattern CHECKPOINT = Pattern.compile("(?i)\\bcheckpoint\\b");

  private static final String PREEMPT_QOS = "preempt/qos";

  private static final String PACE = "is set by the twin: no %s";

  private static final Set<String> JOB_SUBMIT =
      Set.of(
          "all_partitions",
          "defaults",
          "logging",
          "lua",
          "partition",
          "pbs",
          "require_timelimit",
          "throttle");

  private static final Set<String> CLI_FILTER = Set.of("lua", "user_defaults");

  private static final Set<String> SELECT_TYPE_PARAMETERS =
      Set.of(
          "cr_cpu",
          "cr_cpu_memory",
          "cr_core",
          "cr_core_memory",
          "cr_socket",
          "cr_socket_memory",
          "cr_memory",
          "cr_one_task_per_core",
          "cr_core_default_dist_block",
          "cr_lln",
          "cr_pack_nodes",
          "ll_shared_gres",
          "multiple_sharing_gres_pj",
          "enforce_binding_gres",
          "one_task_per_sharing_gres");

  /** Options that decide when the scheduler runs, and not which jobs it starts. */
  private static final Set<String> SCHEDULER_PACE =
      Set.of(
          "batch_sched_delay",
          "bf_interval",
          "defer",
          "defer_batch",
          "sched_interval",
          "sched_min_interval");

  private static final Set<String> SLURMCTLD_PARAMETERS =
      Set.of(
          "allow_user_triggers",
          "disable_triggers",
          "enable_stepmgr",
          "preempt_send_user_signal",
          "rl_bucket_size",
          "rl_enable",
          "rl_log_freq",
          "rl_refill_period",
          "rl_refill_rate",
          "rl_table_size",
          "user_resv_delete");

  /** Returns the value of a parameter in the twin. */
  Result of(String key, String value) {
    return rules().getOrDefault(key, Adaptations::same).apply(value);
  }

  /** Returns the value of a partition's option in the twin. */
  Result ofPartition(String option, String value) {
    return switch (option) {
      case "PreemptMode" -> withoutCheckpoints(value);
      case "TRESBillingWeights" -> weights(value);
      default -> same(value);
    };
  }

  private Map<String, Function<String, Result>> rules() {
    Map<String, Function<String, Result>> rules = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    rules.put("SelectType", Adaptations::selectType);
    rules.put(
        "SelectTypeParameters",
        value -> filter(value, option -> SELECT_TYPE_PARAMETERS.contains(option), NOT_HERE));
    rules.put("SchedulerType", Adaptations::schedulerType);
    rules.put(
        "SchedulerParameters",
        value -> filter(value, option -> !SCHEDULER_PACE.contains(option), PACE));
    rules.put("PreemptType", this::preemptType);
    rules.put("PreemptMode", this::preemptMode);
    rules.put(
        "PrivateData",
        value ->
            filter(
                value,
                option -> !option.equals("nodes"),
                "would hide the nodes when the twin starts: %s"));
    rules.put(
        "SlurmctldParameters",
        value -> filter(value, SLURMCTLD_PARAMETERS::contains, "is about the site's machines: %s"));
    rules.put("PriorityWeightTRES", this::weights);
    rules.put("JobSubmitPlugins", value -> plugins(value, "job_submit", JOB_SUBMIT));
    rules.put("CliFilterPlugins", value -> plugins(value, "cli_filter", CLI_FILTER));
    rules.put("TopologyPlugin", this::topology);
    return rules;
  }

  /** Removes weights of resources that the twin does not count, with which Slurm does not start. */
  private Result weights(String value) {
    Predicate<String> counts =
        weight -> tres.contains(weight.split("=", 2)[0].strip().toLowerCase(Locale.ROOT));
    String dropped = options(value).filter(counts.negate()).collect(Collectors.joining(", "));
    return dropped.isEmpty()
        ? same(value)
        : new Result(
            options(value).filter(counts).collect(Collectors.joining(",")),
            (hasAccounting
                    ? "the twin does not count %s"
                    : "Slurm counts GRES only for accounting, which the site's files do not describe: no %s")
                .formatted(dropped));
  }

  private static Result same(String value) {
    return new Result(value, "");
  }

  private static Result selectType(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "select/cons_tres", "select/linear" -> same(value);
      default ->
          new Result(
              "select/cons_tres", "is select/cons_tres, as the twin has no %s".formatted(value));
    };
  }

  private static Result schedulerType(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "sched/backfill", "sched/builtin" -> same(value);
      default ->
          new Result("sched/backfill", "is sched/backfill, as the twin has no %s".formatted(value));
    };
  }

  private Result preemptType(String value) {
    return preempts(value) || value.equalsIgnoreCase("preempt/none")
        ? same(value)
        : new Result(
            "",
            value.equalsIgnoreCase(PREEMPT_QOS)
                ? "the site's qualities of service are not beside slurm.conf"
                : NOT_HERE.formatted(value));
  }

  private boolean preempts(String type) {
    return type.equalsIgnoreCase("preempt/partition_prio")
        || (hasAccounting && type.equalsIgnoreCase(PREEMPT_QOS));
  }

  /** Returns the preemption mode, which Slurm accepts only with a plugin that preempts. */
  private Result preemptMode(String value) {
    boolean preempts =
        globals.stream()
            .filter(setting -> setting.is("PreemptType"))
            .anyMatch(setting -> preempts(setting.value()));
    if (!preempts && !value.equalsIgnoreCase("OFF") && !value.equalsIgnoreCase("GANG")) {
      return new Result("", "nothing preempts in the twin");
    }
    return withoutCheckpoints(value);
  }

  /** Replaces checkpoints with another mode that preempts, because PreemptType requires one. */
  private static Result withoutCheckpoints(String value) {
    String today = CHECKPOINT.matcher(value).replaceAll("REQUEUE");
    return today.equals(value)
        ? same(value)
        : new Result(today, "is %s, because Slurm no longer has checkpoints".formatted(today));
  }

  private Result plugins(String value, String kind, Set<String> known) {
    String script = kind + ".lua";
    boolean there = Files.isRegularFile(directory.resolve(script));
    List<String> names =
        options(value).map(name -> name.replaceFirst("(?i)^" + kind + "/", "")).toList();
    String kept =
        names.stream()
            .filter(name -> known.contains(name.toLowerCase(Locale.ROOT)))
            .filter(name -> there || !name.equalsIgnoreCase("lua"))
            .collect(Collectors.joining(","));
    String reasons =
        names.stream()
            .flatMap(
                name ->
                    !known.contains(name.toLowerCase(Locale.ROOT))
                        ? Stream.of(NOT_HERE.formatted(name))
                        : name.equalsIgnoreCase("lua") && !there
                            ? Stream.of(NO_SCRIPT.formatted(script))
                            : Stream.empty())
            .distinct()
            .collect(Collectors.joining("; "));
    return new Result(kept, reasons);
  }

  private Result topology(String value) {
    String plugin = value.toLowerCase(Locale.ROOT);
    if (plugin.equals("topology/tree") || plugin.equals("topology/block")) {
      return Files.isRegularFile(directory.resolve("topology.conf"))
          ? same(value)
          : new Result("", NO_SCRIPT.formatted("topology.conf"));
    }
    return new Result("", "is the network of the site");
  }

  /**
   * Returns a list of options without some of them.
   *
   * @param keeps whether an option is kept, by its name in lower case
   * @param reason format of the reason, with the removed options as its argument
   */
  private static Result filter(String value, Predicate<String> keeps, String reason) {
    Predicate<String> stays =
        option -> keeps.test(option.split("[=:]", 2)[0].strip().toLowerCase(Locale.ROOT));
    String dropped = options(value).filter(stays.negate()).collect(Collectors.joining(", "));
    return dropped.isEmpty()
        ? same(value)
        : new Result(
            options(value).filter(stays).collect(Collectors.joining(",")),
            reason.formatted(dropped));
  }

  private static Stream<String> options(String value) {
    return Stream.of(value.split(",")).map(String::strip).filter(option -> !option.isEmpty());
  }
}
