/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import io.github.slurmmaven.client.JobState;
import io.github.slurmmaven.mock.command.Columns.Field;
import io.github.slurmmaven.mock.command.Getopt.Parsed;
import io.github.slurmmaven.mock.job.HostList;
import io.github.slurmmaven.mock.job.JobRecord;
import io.github.slurmmaven.mock.job.JobRequest;
import io.github.slurmmaven.mock.job.Refusal;
import io.github.slurmmaven.mock.job.Times;
import io.github.slurmmaven.mock.shell.Call;
import io.github.slurmmaven.resource.Resources;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** {@code squeue}. */
final class Squeue {

  /** A line: a job, or the tasks of an array that have not begun. */
  record Row(List<JobRecord> jobs) {

    JobRecord job() {
      return jobs.get(0);
    }

    boolean isGroup() {
      return job().task().isPresent() && !job().hasNumber();
    }
  }

  private static final String USUAL = "%.18i %.9P %.8j %.8u %.2t %.10M %.6D %R";
  private static final String LONG = "%.18i %.9P %.8j %.8u %.8T %.10M %.9l %.6D %R";
  private static final String START = "%.18i %.9P %.8j %.8u %.2t %.19S %.6D %20Y %R";
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE MMM dd HH:mm:ss uuuu", Locale.ENGLISH)
          .withZone(ZoneId.systemDefault());

  private static final Comparator<Row> NO_ORDER = Comparator.comparingInt(row -> 0);

  private final SlurmContext slurm;
  private final Map<Character, Field<Row>> letters = new HashMap<>();
  private final Map<String, Field<Row>> names = new HashMap<>();

  Squeue(SlurmContext slurm) {
    this.slurm = slurm;
    field("i", "JOBID", this::id);
    field("A", "JOBID", row -> Long.toString(row.job().number()));
    field("F arrayjobid", "ARRAY_JOB_ID", row -> Long.toString(row.job().arrayNumber()));
    field("K arraytaskid", "ARRAY_TASK_ID", Squeue::tasks);
    field("j name", "NAME", of(JobRecord::name));
    field("u username", "USER", of(JobRecord::user));
    field("U userid", "UID", row -> "1000");
    field("t statecompact", "ST", of(job -> job.state().code()));
    field("T state", "STATE", of(job -> job.state().name()));
    field("M timeused", "TIME", of(job -> Times.brief(job.runTime(slurm.now()))));
    field("l timelimit", "TIME_LIMIT", of(job -> Times.brief(job.limit())));
    field("L timeleft", "TIME_LEFT", of(this::timeLeft));
    field(
        "D numnodes", "NODES", of(job -> Integer.toString(job.request().nodes(slurm.topology()))));
    field("R reasonlist", "NODELIST(REASON)", of(this::nodesOrReason));
    field("r reason", "REASON", of(JobRecord::reason));
    field("N nodelist", "NODELIST", of(job -> slurm.allocated(job).orElse("")));
    field("P partition", "PARTITION", of(JobRecord::partition));
    field("a account", "ACCOUNT", of(JobRecord::account));
    field("q qos", "QOS", of(JobRecord::qos));
    field("C numcpus", "CPUS", of(job -> Integer.toString(job.request().cpus())));
    field("m minmemory", "MIN_MEMORY", of(Squeue::memory));
    field("Z workdir", "WORK_DIR", of(JobRecord::directory));
    field("o command", "COMMAND", of(job -> job.request().command()));
    field("k comment", "COMMENT", of(job -> orNull(job.comment())));
    field("w wckey", "WCKEY", row -> "(null)");
    field("E dependency", "DEPENDENCY", of(job -> orNull(job.dependencyText())));
    field("S starttime", "START_TIME", of(job -> time(job.startTime())));
    field("e endtime", "END_TIME", of(job -> time(end(job))));
    field("V submittime", "SUBMIT_TIME", of(job -> Times.time(job.submitted())));
    field("p priority", "PRIORITY", of(this::normalPriority));
    field("Q prioritylong", "PRIORITY", of(job -> Long.toString(priority(job))));
    field("n reqnodes", "REQ_NODES", of(job -> job.request().option("nodelist", "")));
    field("x", "EXC_NODES", of(job -> job.request().option("exclude", "")));
    field("Y schednodes", "SCHEDNODES", row -> "(null)");
    field("y nice", "NICE", of(job -> Long.toString(job.nice())));
    field("z sct", "S:C:T", row -> "*:*:*");
    field("f feature", "FEATURES", row -> "(null)");
    field("g groupname", "GROUP", of(JobRecord::user));
    field("h oversubscribe", "OVER_SUBSCRIBE", of(Squeue::sharing));
    field("b", "TRES_PER_NODE", of(Squeue::gres));
    field("c mincpus", "MIN_CPUS", of(job -> Integer.toString(job.request().cpusPerTask())));
    field(
        "B batchhost",
        "EXEC_HOST",
        of(job -> slurm.allocated(job).map(nodes -> slurm.topology().controller()).orElse("n/a")));
    names.put("jobid", new Field<>("JOBID", row -> Long.toString(row.job().number())));
    names.put("jobarrayid", new Field<>("JOBID", this::id));
    names.put("exit_code", new Field<>("EXIT_CODE", of(this::exitCode)));
    names.put("stdout", new Field<>("STDOUT", of(slurm.jobs().outputFiles()::stdout)));
    names.put("stderr", new Field<>("STDERR", of(slurm.jobs().outputFiles()::stderr)));
    names.put("numtasks", new Field<>("TASKS", of(job -> Integer.toString(job.request().tasks()))));
    names.put(
        "restartcnt", new Field<>("RESTART_COUNT", of(job -> Integer.toString(job.restarts()))));
  }

  /** The first word's only letter, and the long names. */
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

  private static Function<Row, String> of(Function<JobRecord, String> value) {
    return row -> value.apply(row.job());
  }

  int run(Call call) throws IOException {
    return slurm.run(call, false, 1, parsed -> run(call, parsed));
  }

  private int run(Call call, Parsed parsed) throws Refusal {
    if (!parsed.operands().isEmpty()) {
      call.out()
          .print(Resources.text(Squeue.class, "squeue-usage-" + slurm.release().line() + ".txt"));
      throw Refusal.raw(1, "!Unrecognized option: " + parsed.operands().get(0));
    }
    Optional<String> user = parsed.value("user").or(() -> parsed.value("users"));
    if (user.isPresent() && !slurm.isUser(user.get(), call)) {
      call.complain("squeue: error: Invalid user: %s\n".formatted(user.get()));
    }
    Predicate<JobRecord> wanted = filter(parsed);
    boolean start = parsed.has("start");
    String format =
        parsed.value("format").orElse(parsed.has("long") ? LONG : start ? START : USUAL);
    Optional<String> fields = parsed.value("Format");
    Columns<Row> columns =
        fields.isPresent()
            ? Columns.ofNames(fields.get(), names)
            : Columns.ofFormat(format, letters);
    if (fields.isEmpty() && format.equalsIgnoreCase("%all")) {
      throw slurm.notMocked("%all");
    }
    slurm.refuseUnmocked("squeue", fields.isPresent() ? "field" : "letter", columns.unknown());
    columns
        .unknown()
        .forEach(each -> call.complain("squeue: error: Invalid job format specification: " + each));
    slurm
        .jobs()
        .read(
            () -> {
              if (parsed.has("long") && !parsed.has("noheader")) {
                call.say(DATE.format(slurm.now()));
              }
              if (!parsed.has("noheader")) {
                call.say(columns.header());
              }
              for (Row row : rows(wanted, parsed)) {
                call.say(columns.row(row));
              }
              return 0;
            });
    return 0;
  }

  private List<Row> rows(Predicate<JobRecord> wanted, Parsed parsed) {
    List<Row> rows = new ArrayList<>();
    Map<String, Row> groups = new LinkedHashMap<>();
    for (JobRecord job : slurm.jobs().all()) {
      if (!wanted.test(job)) {
        continue;
      }
      Row alone = new Row(new ArrayList<>(List.of(job)));
      if (!alone.isGroup() || parsed.has("array")) {
        rows.add(alone);
        continue;
      }
      Row group = groups.putIfAbsent(job.arrayNumber() + " " + job.state(), alone);
      if (group == null) {
        rows.add(alone);
      } else {
        group.jobs().add(job);
      }
    }
    rows.sort(order(parsed.value("sort").orElse("P,t,-p")));
    return rows;
  }

  private Comparator<Row> order(String fields) {
    Comparator<Row> order = NO_ORDER;
    for (String field : fields.split(",", -1)) {
      Comparator<Row> next =
          switch (field.replaceAll("[+-]", "")) {
            case "i" ->
                Comparator.comparingLong((Row row) -> row.job().arrayNumber())
                    .thenComparingInt(row -> row.job().task().orElse(-1));
            case "P" -> Comparator.comparing(row -> row.job().partition());
            case "t", "T" -> Comparator.comparing(row -> row.job().state().code());
            case "p", "Q" -> Comparator.comparingLong(row -> priority(row.job()));
            case "j" -> Comparator.comparing(row -> row.job().name());
            case "u" -> Comparator.comparing(row -> row.job().user());
            case "V" -> Comparator.comparing(row -> row.job().submitted());
            case "S" -> Comparator.comparing(row -> row.job().startTime().orElse(Instant.MAX));
            default -> NO_ORDER;
          };
      order = order.thenComparing(field.startsWith("-") ? next.reversed() : next);
    }
    return order.thenComparingLong(row -> row.job().arrayNumber());
  }

  private Predicate<JobRecord> filter(Parsed parsed) throws Refusal {
    Predicate<JobRecord> filter = job -> true;
    Optional<String> ids = parsed.value("job").or(() -> parsed.value("jobs"));
    Set<JobState> states = states(parsed);
    filter = filter.and(job -> states.contains(job.state()));
    if (ids.isPresent()) {
      List<String> wanted = List.of(ids.get().split(",", -1));
      for (String id : wanted) {
        if (!id.matches("\\d+(_\\d+)?")) {
          throw Refusal.raw(1, "!Invalid job id: " + id);
        }
      }
      List<JobRecord> found =
          slurm
              .jobs()
              .read(() -> wanted.stream().flatMap(id -> slurm.jobs().find(id).stream()).toList());
      if (found.isEmpty() && wanted.size() == 1) {
        throw Refusal.raw(1, "slurm_load_jobs error: Invalid job id specified");
      }
      filter = filter.and(found::contains);
    }
    filter = filter.and(in(parsed.value("name"), JobRecord::name));
    filter = filter.and(in(parsed.value("partition"), JobRecord::partition));
    filter = filter.and(in(parsed.value("account"), JobRecord::account));
    filter = filter.and(in(parsed.value("user").or(() -> parsed.value("users")), JobRecord::user));
    return parsed.has("start") ? filter.and(job -> job.state() == JobState.PENDING) : filter;
  }

  private static Predicate<JobRecord> in(Optional<String> list, Function<JobRecord, String> of) {
    return list.<Predicate<JobRecord>>map(
            text -> job -> Arrays.asList(text.split(",", -1)).contains(of.apply(job)))
        .orElse(job -> true);
  }

  private Set<JobState> states(Parsed parsed) throws Refusal {
    Optional<String> given = parsed.value("states");
    if (given.isEmpty()) {
      return EnumSet.of(
          JobState.PENDING,
          JobState.RUNNING,
          JobState.SUSPENDED,
          JobState.COMPLETING,
          JobState.CONFIGURING,
          JobState.STOPPED,
          JobState.REQUEUED);
    }
    if (given.get().equalsIgnoreCase("all")) {
      return EnumSet.allOf(JobState.class);
    }
    Set<JobState> states = EnumSet.noneOf(JobState.class);
    for (String word : given.get().split(",", -1)) {
      states.add(
          JobState.of(word)
              .orElseThrow(
                  () ->
                      Refusal.raw(
                          1,
                          "!Invalid job state specified: " + word,
                          "!Valid job states include: " + validStates(),
                          "")));
    }
    return states;
  }

  private String validStates() {
    String names =
        "pending,running,suspended,completed,cancelled,failed,timeout,node_fail,preempted,"
            + "boot_fail,deadline,out_of_memory,completing,configuring,resizing,resv_del_hold,"
            + "requeued,requeue_fed,requeue_hold,revoked,signaling,special_exit,stage_out,stopped";
    return slurm.release().isNew() ? names : names.toUpperCase(Locale.ROOT);
  }

  private String id(Row row) {
    JobRecord job = row.job();
    if (job.task().isEmpty()) {
      return Long.toString(job.arrayNumber());
    }
    if (!row.isGroup()) {
      return job.arrayNumber() + "_" + job.task().getAsInt();
    }
    if (job.hasEnded()) {
      return Long.toString(job.arrayNumber());
    }
    return row.jobs().size() == 1 && job.request().tasksOfArray().size() > 1
        ? job.arrayNumber() + "_" + tasks(row)
        : job.arrayNumber() + "_[" + tasks(row) + "]";
  }

  private static String tasks(Row row) {
    if (row.job().task().isEmpty()) {
      return "N/A";
    }
    String spec = row.job().request().option("array", "");
    int limit = spec.indexOf('%');
    boolean group = row.isGroup() && row.jobs().size() > 1;
    return HostList.compressNumbers(row.jobs().stream().map(job -> job.task().orElse(0)).toList())
        + (group && limit >= 0 ? spec.substring(limit) : "");
  }

  private String timeLeft(JobRecord job) {
    return Times.brief(job.limit().minus(job.runTime(slurm.now())));
  }

  private String nodesOrReason(JobRecord job) {
    boolean tellsWhy =
        switch (job.state()) {
          case PENDING, FAILED, TIMEOUT, DEADLINE, OUT_OF_MEMORY -> true;
          default -> false;
        };
    return tellsWhy ? "(" + job.reason() + ")" : slurm.allocated(job).orElse("");
  }

  private static String memory(JobRecord job) {
    return JobRequest.memoryText(
        job.request().memoryPerNode().orElse(job.request().memoryPerCpu()));
  }

  private static String sharing(JobRecord job) {
    return job.request().has("exclusive")
        ? "NO"
        : job.request().has("oversubscribe") ? "YES" : "OK";
  }

  private static String gres(JobRecord job) {
    return job.request()
        .option("gres")
        .map(text -> "gres/" + text)
        .or(() -> job.request().option("gpus-per-node").map(text -> "gres/gpu:" + text))
        .orElse("N/A");
  }

  private static String orNull(String text) {
    return text.isEmpty() ? "(null)" : text;
  }

  private static String time(Optional<Instant> time) {
    return time.map(Times::time).orElse("N/A");
  }

  private static Optional<Instant> end(JobRecord job) {
    return job.endTime().or(() -> job.startTime().map(start -> start.plus(job.limit())));
  }

  private String exitCode(JobRecord job) {
    int code = job.exit().code();
    int signal = job.exit().signal();
    return slurm.release().isNew() ? code + ":" + signal : Integer.toString(code * 256 + signal);
  }

  /** Returns the priority of priority/basic, which decreases with each new job. */
  long priority(JobRecord job) {
    if (job.isHeld()) {
      return 0;
    }
    return slurm.release().isNew() ? 1 : 4294901760L - job.arrayNumber();
  }

  private String normalPriority(JobRecord job) {
    return String.format(Locale.ROOT, "%.14f", priority(job) / 4294967295.0);
  }
}
