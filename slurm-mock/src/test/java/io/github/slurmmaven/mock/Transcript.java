/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a cluster answers to the commands of fidelity/commands.txt, with everything taken out that
 * is another one each time.
 */
final class Transcript {

  /** Far from every other number, so that ids are known as such. */
  static final long FIRST_JOB = 7_000_001;

  private static final Pattern JOB = Pattern.compile("(?<!\\d)70\\d{5}(?!\\d)");

  /** What srun and salloc say when the node is not free again at once. */
  private static final Pattern TIMING =
      Pattern.compile(
          "Pending job allocation|queued and waiting|been allocated resources|been revoked");

  private static final List<Map.Entry<Pattern, String>> VOLATILE =
      List.of(
          entry("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d", "<time>"),
          entry("AllocNode:Sid=(\\w+):\\d+", "AllocNode:Sid=$1:<pid>"),
          // The batch script is killed, or dies of its child, whichever is first.
          entry("ExitCode=143:0", "ExitCode=0:15"),
          entry("Scheduler=(Main|Backfill)", "Scheduler=<scheduler>"),
          // How the clusters are tuned is not Slurm's answer.
          entry("(SchedulerParameters +=) .*", "$1 <parameters>"),
          entry("CPULoad=[\\d.]+", "CPULoad=<load>"),
          entry("FreeMem=\\d+", "FreeMem=<MB>"),
          entry("OS=Linux.*", "OS=Linux"),
          entry("RunTime=00:00:\\d\\d", "RunTime=<run time>"),
          entry("Priority=[1-9]\\d*", "Priority=<priority>"),
          entry(" +(mk?22|mk?24|fidelity|mock)\n", " <cluster>\n"),
          entry("(NEXT_JOB_ID +=) .*", "$1 <job>"));

  /** Where the commands are sent. */
  @FunctionalInterface
  interface Cluster {
    Ssh.Result exec(String line, String stdin) throws Exception;
  }

  private Transcript() {}

  private static Map.Entry<Pattern, String> entry(String regex, String replacement) {
    return Map.entry(Pattern.compile(regex), replacement);
  }

  static String resource(String name) throws IOException {
    try (InputStream in = Transcript.class.getResourceAsStream("/fidelity/" + name)) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The answer to each command, in order. */
  static Map<String, String> of(Cluster cluster) throws Exception {
    Map<String, String> answers = new LinkedHashMap<>();
    for (String line : resource("commands.txt").lines().toList()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("@await ")) {
        String[] words = line.split(" ", 3);
        await(cluster, words[1], words[2]);
        continue;
      }
      String[] parts = line.split(" <<< ", 2);
      String stdin = parts.length > 1 ? parts[1].replace("\\n", "\n") : "";
      String command = parts[0].contains("printf") ? parts[0] : parts[0].replace("\\n", "\n");
      Ssh.Result result = cluster.exec(command, stdin);
      answers.put(line, new Ids().named(text(result)));
    }
    return answers;
  }

  private static String text(Ssh.Result result) {
    StringBuilder text = new StringBuilder();
    result.stdout().lines().forEach(each -> text.append("  ").append(each).append('\n'));
    result
        .stderr()
        .lines()
        .filter(each -> !TIMING.matcher(each).find())
        .forEach(each -> text.append("! ").append(each).append('\n'));
    return text.append("= ").append(result.exitCode()).append('\n').toString();
  }

  /** Until the job is in the state, with the reason where one is given. */
  private static void await(Cluster cluster, String job, String state) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    String query = "squeue -h -t all -n " + job + " -o '%T %r'";
    String answer;
    do {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "job " + job + " is not " + state + ": " + cluster.exec(query, "").stdout().strip());
      }
      answer = cluster.exec(query, "").stdout().strip();
    } while (!answer.startsWith(state));
  }

  /** Jobs by their order in one answer, as a number is skipped here and there. */
  private static final class Ids {

    private final Map<String, String> names = new LinkedHashMap<>();

    String named(String text) {
      String steady = text;
      for (Map.Entry<Pattern, String> each : VOLATILE) {
        steady = each.getKey().matcher(steady).replaceAll(each.getValue());
      }
      return JOB.matcher(steady)
          .replaceAll(
              match ->
                  Matcher.quoteReplacement(
                      names.computeIfAbsent(
                          match.group(), id -> "<job " + (names.size() + 1) + ">")));
    }
  }
}
