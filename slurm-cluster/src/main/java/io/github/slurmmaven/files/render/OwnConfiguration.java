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
 * What a definition itself says of Slurm's configuration, its lines of slurm.conf, scripts and
 * files, put together with what each cluster has.
 *
 * @param context what is rendered
 */
record OwnConfiguration(RenderContext context) {

  /** Seconds that a job that is queued again waits. Slurm takes no less. */
  private static final int CRED_EXPIRE = 5;

  /** Slurm holds time-outs in 16 bits, whose last values have other meanings. */
  private static final int LONGEST_TIMEOUT = 65_000;

  /** Passes of the scheduler in a second of the machine, at most. */
  private static final int PASSES = 20;

  /**
   * Slurm's own values of the time-outs that guard real work: of messages, of processes, and of
   * clients that ask for a job that has ended.
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

  /** The epilog of our image. */
  private static final String EPILOG = "/usr/local/libexec/slurm-epilog";

  private static final String CONFIG = "config/";

  /** Scripts that Slurm looks for beside slurm.conf, by the parameter that has it run them. */
  private static final Map<String, String> LUA_PLUGINS =
      Map.of("JobSubmitPlugins", "job_submit.lua", "CliFilterPlugins", "cli_filter.lua");

  /** Directories of a node that a cluster of processes has elsewhere. */
  private static final Pattern NODE_DIRECTORY =
      Pattern.compile("(?<![\\w./-])(/etc/slurm|/home/slurm)(?=/)");

  /**
   * A script of ours and those of the definition, for a parameter of which Slurm takes one.
   *
   * @param parameter the parameter
   * @param ours the path of our script
   * @param theirs the paths of the definition's
   */
  private record Scripts(MergedParameter parameter, String ours, List<String> theirs) {

    String file() {
      return NodePaths.SCRIPTS + "/" + parameter.key().toLowerCase(Locale.ROOT);
    }

    VelocityContext model() {
      VelocityContext model = new VelocityContext();
      model.put("key", parameter.key());
      model.put("ours", pattern(ours));
      model.put("theirs", theirs.stream().map(Scripts::pattern).collect(Collectors.joining(" ")));
      return model;
    }

    /** A path of which a shell takes only wildcards, as Slurm does. */
    private static String pattern(String path) {
      return path.replaceAll("[^\\w/.*?\\[\\]-]", "\\\\$0");
    }
  }

  private ClusterDefinition definition() {
    return context.definition();
  }

  /**
   * The definition's files, which are beside slurm.conf. Where a node's directories are elsewhere,
   * paths in configuration files are changed as those in lines of slurm.conf are.
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

  /** Parameters of slurm.conf that have Slurm run scripts in Lua which are there. */
  List<String> luaPlugins(Set<String> files) {
    return LUA_PLUGINS.entrySet().stream()
        .filter(plugin -> files.contains(CONFIG + plugin.getValue()))
        .map(Map.Entry::getKey)
        .filter(key -> !sets(key))
        .sorted()
        .toList();
  }

  /** The scripts that run ours and the definition's, by their path, as what a template takes. */
  Map<String, VelocityContext> scripts() {
    return merged()
        .map(scripts -> Map.of(CONFIG + scripts.file(), scripts.model()))
        .orElse(Map.of());
  }

  /** What is merged for this backend: only there is a script of ours that does something. */
  private Optional<Scripts> merged() {
    List<String> lines = lines();
    Scripts scripts =
        context.target() instanceof Processes target
            ? new Scripts(
                MergedParameter.TASK_PROLOG,
                taskProlog(target),
                MergedParameter.TASK_PROLOG.values(lines))
            : new Scripts(
                MergedParameter.EPILOG,
                EPILOG,
                definition().image().isEmpty() ? MergedParameter.EPILOG.values(lines) : List.of());
    return scripts.theirs().isEmpty() ? Optional.empty() : Optional.of(scripts);
  }

  private static String taskProlog(Processes target) {
    return target.root() + "/bin/task-prolog";
  }

  /** The directory of slurm.conf. */
  String directory() {
    return context.target() instanceof Processes target
        ? target.root().resolve("config").toString()
        : NodePaths.CONFIGURATION;
  }

  /**
   * The program that slurmd runs at the end of a job; empty where the definition's own is instead
   * of it. Our image has one of its own; another may lack it, which would drain the nodes.
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

  /** The program that slurmstepd runs before a task of a cluster of processes. */
  String taskPrologOf(Processes target) {
    return script(MergedParameter.TASK_PROLOG).orElseGet(() -> taskProlog(target));
  }

  /** The path of the script that runs ours and the definition's. */
  private Optional<String> script(MergedParameter parameter) {
    return merged()
        .filter(both -> both.parameter() == parameter)
        .map(both -> directory() + "/" + both.file());
  }

  /** The lines of slurm.conf that stay as they are. */
  List<String> linesAsTheyAre() {
    return MergedParameter.without(
        Stream.concat(MERGED_OPTIONS.stream(), merged().stream().map(Scripts::parameter)).toList(),
        lines());
  }

  /** The definition's lines of slurm.conf, with paths of the backend. */
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

  /** Seconds of the machine as seconds of the cluster. */
  int real(int seconds) {
    return Math.min(seconds * definition().clockSpeed(), LONGEST_TIMEOUT);
  }

  /** Lines of slurm.conf that a cluster needs whose time passes faster than the machine's. */
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

  /** A text whose paths of a node are those of the same files on this machine. */
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
