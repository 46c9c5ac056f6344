/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files.render;

import io.github.slurmmaven.client.FileFailure;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.common.FileContent;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.FileCopy;
import io.github.slurmmaven.definition.NodePaths;
import io.github.slurmmaven.definition.SlurmConfLine;
import io.github.slurmmaven.files.render.RenderTarget.Containers;
import io.github.slurmmaven.files.render.RenderTarget.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.velocity.VelocityContext;

/**
 * A definition's own Slurm configuration (lines of slurm.conf, scripts and files), merged with that
 * of every cluster.
 *
 * @param context the rendered cluster
 */
record OwnConfiguration(RenderContext context) {

  /** Seconds that a requeued job waits. Slurm accepts no smaller value. */
  private static final int CRED_EXPIRE = 5;

  /** Slurm stores timeouts in 16 bits, whose last values have special meanings. */
  private static final int LONGEST_TIMEOUT = 65_000;

  /** The maximum number of scheduler passes in a second of the machine. */
  private static final int PASSES = 20;

  /**
   * Slurm's defaults of timeouts that guard real work: of messages, of processes, and of clients
   * that query a job that has ended.
   */
  private static final Map<String, Integer> TIMEOUTS =
      new TreeMap<>(
          Map.of(
              "BatchStartTimeout", 10,
              "EioTimeout", 60,
              "MessageTimeout", 10,
              "MinJobAge", 300,
              "TCPTimeout", 2,
              "UnkillableStepTimeout", 60));

  private static final List<MergedParameter> MERGED_OPTIONS =
      List.of(
          MergedParameter.AUTH_INFO,
          MergedParameter.JOB_ACCT_GATHER_PARAMS,
          MergedParameter.SCHEDULER_PARAMETERS,
          MergedParameter.SLURMD_PARAMETERS);

  /** The epilog of this project's image. */
  private static final String EPILOG = "/usr/local/libexec/slurm-epilog";

  private static final String CONFIG = "config/";

  /** The task prolog that gives a task the clock. */
  private static final String JOB_CLOCK = NodePaths.SCRIPTS + "/job-clock";

  /** Scripts that Slurm searches beside slurm.conf, by the parameter that makes Slurm run them. */
  private static final Map<String, String> LUA_PLUGINS =
      Map.of("JobSubmitPlugins", "job_submit.lua", "CliFilterPlugins", "cli_filter.lua");

  /** Directories of a node that have other paths in a cluster of processes. */
  private static final Pattern NODE_DIRECTORY =
      Pattern.compile("(?<![\\w./-])(/etc/slurm|/home/slurm)(?=/)");

  /**
   * A script of this project and those of the definition, for a parameter that may have only one.
   *
   * @param parameter the parameter
   * @param ours the paths of this project's scripts
   * @param theirs the paths of the definition's scripts
   */
  private record Scripts(MergedParameter parameter, List<String> ours, List<String> theirs) {

    String file() {
      return NodePaths.SCRIPTS + "/" + parameter.key().toLowerCase(Locale.ROOT);
    }

    VelocityContext model() {
      VelocityContext model = new VelocityContext();
      model.put("key", parameter.key());
      model.put("ours", patterns(ours));
      model.put("theirs", patterns(theirs));
      return model;
    }

    private static String patterns(List<String> paths) {
      return paths.stream().map(Scripts::pattern).collect(Collectors.joining(" "));
    }

    /** Returns a path with all characters quoted except wildcards, which Slurm expands, too. */
    private static String pattern(String path) {
      return path.replaceAll("[^\\w/.*?\\[\\]-]", "\\\\$0");
    }
  }

  private ClusterDefinition definition() {
    return context.definition();
  }

  /**
   * Returns the definition's files beside slurm.conf. In a cluster of processes, paths in
   * configuration files are replaced as in lines of slurm.conf.
   */
  Map<String, FileContent> files() {
    Map<String, FileContent> files = new LinkedHashMap<>();
    definition().files().stream()
        .map(FileCopy::configurationFiles)
        .forEach(
            copies ->
                copies.forEach(
                    (name, file) -> {
                      FileContent content = read(file);
                      Optional<String> text = content.text();
                      files.put(
                          CONFIG + name,
                          context.target() instanceof Processes target
                                  && name.endsWith(".conf")
                                  && text.isPresent()
                              ? FileContent.of(onThisMachine(text.get(), target))
                              : content);
                    }));
    return files;
  }

  private static FileContent read(Path file) {
    try {
      return FileContent.of(Files.readAllBytes(file), Files.isExecutable(file));
    } catch (IOException e) {
      throw new UserMistakeException(
          "The file %s cannot be put beside slurm.conf: %s. Make it readable, or move it elsewhere"
              .formatted(file, FileFailure.of(e)),
          e);
    }
  }

  /** Returns the parameters of slurm.conf that make Slurm run the existing Lua scripts. */
  List<String> luaPlugins(Set<String> files) {
    return LUA_PLUGINS.entrySet().stream()
        .filter(plugin -> files.contains(CONFIG + plugin.getValue()))
        .map(Map.Entry::getKey)
        .filter(key -> !sets(key))
        .sorted()
        .toList();
  }

  /**
   * Returns the template models of scripts that run this project's script and the definition's, by
   * path.
   */
  Map<String, VelocityContext> scripts() {
    return merged().collect(Collectors.toMap(scripts -> CONFIG + scripts.file(), Scripts::model));
  }

  /** Returns the scripts to merge, where there are several for one parameter. */
  private Stream<Scripts> merged() {
    List<String> epilogs =
        context.target() instanceof Containers && definition().image().isEmpty()
            ? List.of(EPILOG)
            : List.of();
    return Stream.of(
            scripts(MergedParameter.TASK_PROLOG, taskPrologs()),
            scripts(MergedParameter.EPILOG, epilogs))
        .filter(scripts -> !scripts.ours().isEmpty())
        .filter(scripts -> scripts.ours().size() + scripts.theirs().size() > 1);
  }

  private Scripts scripts(MergedParameter parameter, List<String> ours) {
    return new Scripts(parameter, ours, parameter.values(lines()));
  }

  private List<String> taskPrologs() {
    List<String> prologs = new ArrayList<>();
    if (context.target() instanceof Processes target) {
      prologs.add(target.root() + "/bin/task-prolog");
    }
    if (definition().jobClock()) {
      prologs.add(directory() + "/" + JOB_CLOCK);
    }
    return prologs;
  }

  /** Returns the directory of slurm.conf. */
  String directory() {
    return context.target() instanceof Processes target
        ? target.root().resolve("config").toString()
        : NodePaths.CONFIGURATION;
  }

  /**
   * Returns the program that slurmd runs at the end of a job; empty if the definition has its own.
   * This project's image has one; another image may lack it, which would drain the nodes.
   */
  String epilog() {
    return script(MergedParameter.EPILOG)
        .orElseGet(
            () -> {
              if (!MergedParameter.EPILOG.values(definition().slurmConf()).isEmpty()) {
                return "";
              }
              return context.target() instanceof Containers && definition().image().isEmpty()
                  ? EPILOG
                  : "/bin/true";
            });
  }

  /**
   * Returns the program that slurmstepd runs before a task; empty if there is only the
   * definition's.
   */
  String taskProlog() {
    return script(MergedParameter.TASK_PROLOG)
        .orElseGet(() -> taskPrologs().stream().findFirst().orElse(""));
  }

  /** Returns the template model of the script that gives tasks the clock, by its path. */
  Map<String, VelocityContext> jobClock() {
    if (!definition().jobClock()) {
      return Map.of();
    }
    VelocityContext model = new VelocityContext();
    model.put("clock", directory() + "/clock");
    model.put(
        "library",
        context.target() instanceof Processes target
            ? target.root() + "/bundle/libexec/" + NodePaths.JOB_CLOCK_LIBRARY
            : "/usr/local/lib/" + NodePaths.JOB_CLOCK_LIBRARY);
    return Map.of(CONFIG + JOB_CLOCK, model);
  }

  /** Returns the path of the script that runs this project's script and the definition's. */
  private Optional<String> script(MergedParameter parameter) {
    return merged()
        .filter(both -> both.parameter() == parameter)
        .map(both -> directory() + "/" + both.file())
        .findFirst();
  }

  /** Returns the definition's lines of slurm.conf that need no merge. */
  List<String> linesAsTheyAre() {
    return MergedParameter.without(
        Stream.concat(MERGED_OPTIONS.stream(), merged().map(Scripts::parameter)).toList(), lines());
  }

  /** Returns the definition's lines of slurm.conf, with paths of the backend. */
  private List<String> lines() {
    List<String> lines = definition().slurmConf();
    return context.target() instanceof Processes target
        ? lines.stream().map(line -> onThisMachine(line, target)).toList()
        : lines;
  }

  String authInfo() {
    return merge(
        MergedParameter.AUTH_INFO,
        context.target() instanceof Processes target
            ? List.of("socket=" + target.mungeSocket(), credExpire())
            : List.of(credExpire()));
  }

  private String credExpire() {
    return "cred_expire=" + real(CRED_EXPIRE);
  }

  /** Converts seconds of the machine to seconds of the cluster. */
  int real(int seconds) {
    return Math.min(seconds * definition().clockSpeed(), LONGEST_TIMEOUT);
  }

  /** Returns the lines of slurm.conf for a cluster whose time passes faster than the machine's. */
  List<String> timeouts() {
    return definition().clockSpeed() == 1
        ? List.of()
        : TIMEOUTS.entrySet().stream()
            .filter(timeout -> !sets(timeout.getKey()))
            .map(timeout -> timeout.getKey() + "=" + real(timeout.getValue()))
            .toList();
  }

  String jobAcctGatherParams() {
    return merge(MergedParameter.JOB_ACCT_GATHER_PARAMS, List.of("OverMemoryKill"));
  }

  String schedulerParameters() {
    int interval = (definition().clockSpeed() + PASSES - 1) / PASSES;
    return merge(
        MergedParameter.SCHEDULER_PARAMETERS,
        List.of(
            "batch_sched_delay=0",
            "sched_min_interval=0",
            "sched_interval=" + interval,
            "bf_interval=" + interval));
  }

  String slurmdParameters() {
    return merge(MergedParameter.SLURMD_PARAMETERS, List.of("config_overrides"));
  }

  private String merge(MergedParameter parameter, List<String> ours) {
    return parameter.merge(ours, definition().slurmConf());
  }

  /** Whether a line of the definition sets a key of slurm.conf. */
  boolean sets(String key) {
    return definition().slurmConf().stream()
        .flatMap(line -> SlurmConfLine.values(line, key))
        .findAny()
        .isPresent();
  }

  /** Replaces a node's paths in a text with this machine's. */
  private static String onThisMachine(String text, Processes target) {
    return NODE_DIRECTORY
        .matcher(text)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    target
                        .root()
                        .resolve(found.group().equals(NodePaths.CONFIGURATION) ? "config" : "home")
                        .toString()));
  }
}
