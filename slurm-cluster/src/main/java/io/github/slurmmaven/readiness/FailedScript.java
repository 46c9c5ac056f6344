/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the program of slurm.conf, a prolog for example, that a daemon could not run or that
 * failed.
 *
 * @param sign a daemon's message; its group {@code file} is the path, its group {@code key} the
 *     parameter with the path; one of them is enough
 * @param found what is wrong with the file
 * @param advice what to do
 */
record FailedScript(Pattern sign, String found, String advice) {

  private static final String MISSING = "is missing";
  private static final String COPY =
      "copy it to the nodes with files, or correct its path in slurm_conf";
  private static final String CORRECT = "correct the script";

  private static final String EXECUTABLE = "make it executable for all";

  /** Messages of Slurm 22.05 to 26.05, and of this project's scripts that run a user's. */
  private static final List<FailedScript> KNOWN =
      List.of(
          script(
              "error: (?<key>jobClock)=(?<file>/\\S+) is missing",
              MISSING,
              "use an image that is made from this plugin's, or leave jobClock out"),
          script("error: (?<key>\\w+)=(?<file>/\\S+) is missing", MISSING, COPY),
          script("error: (?<key>\\w+)=(?<file>/\\S+) cannot be run", "cannot be run", EXECUTABLE),
          // slurmd quotes the script's output before it.
          script(
              "error: (?:epilog failed: (?:[^\\n]*\\n){0,20}?[^\\n]*error: )?(?<key>\\w+)=(?<file>/\\S+) fails with exit code \\d+",
              "fails",
              CORRECT),
          script(
              "error: (?:prolog|epilog): Unable to create list of paths \\[(?<file>[^]\\n]+)]",
              MISSING,
              COPY),
          script(
              "error: [^\\n]*can not be executed \\((?<file>/[^)\\n]+)\\) No such file[^\\n]*",
              MISSING,
              COPY),
          script(
              "error: [^\\n]*can not be executed \\((?<file>/[^)\\n]+)\\)[^\\n]*",
              "cannot be run",
              EXECUTABLE),
          script(
              "error: Invalid (?<key>\\w+)\\(`(?<file>[^`\\n]+)`\\): No such file[^\\n]*",
              MISSING,
              COPY),
          script(
              "error: Invalid (?<key>\\w+)\\(`(?<file>[^`\\n]+)`\\): [^\\n]*",
              "cannot be run",
              EXECUTABLE),
          script(
              "error: (?:\\w+/lua: )?Unable to (?:stat|read) (?:file )?(?<file>/\\S+\\.lua): No such file[^\\n]*",
              MISSING,
              "put it into the directory that slurmFiles names, or copy it to /etc/slurm with files"),
          script(
              "error: (?:\\w+/lua|\\w+): (?<file>/\\S+\\.lua): [^\\n]*", "has an error", CORRECT),
          script("error: (?<key>prolog|epilog) failed: [^\\n]*", "fails", CORRECT),
          script("error: (?<key>prolog|epilog) killed by signal [^\\n]*", "was killed", CORRECT),
          script(
              "error: (?:\\w+: JobId=\\d+ )?(?<key>(?:prolog|epilog)_slurmctld) [^\\n]*exit status [^\\n]*",
              "fails",
              CORRECT),
          script("error: (?<key>TaskProlog) failed[^\\n]*", "fails", CORRECT));

  private static FailedScript script(String sign, String found, String advice) {
    return new FailedScript(Pattern.compile(sign), found, advice);
  }

  /**
   * Returns the first failed program that the logs report: file, problem, advice, and the source of
   * the message.
   *
   * @param directory the configuration files
   * @param logs the daemons' logs, by node
   * @param words output of Slurm or a job that ended the wait
   */
  static Optional<String> find(Path directory, Map<String, String> logs, String words) {
    for (FailedScript known : KNOWN) {
      for (Map.Entry<String, String> log : logs.entrySet()) {
        Optional<String> cause = known.in(log.getValue(), directory, "Node " + log.getKey());
        if (cause.isPresent()) {
          return cause;
        }
      }
      Optional<String> cause = known.in(words, directory, "A job");
      if (cause.isPresent()) {
        return cause;
      }
    }
    return Optional.empty();
  }

  private Optional<String> in(String log, Path directory, String who) {
    Matcher said = sign.matcher(log);
    if (!said.find()) {
      return Optional.empty();
    }
    Optional<String> file = group(said, "file");
    // Slurm calls PrologSlurmctld prolog_slurmctld.
    Optional<String> key = group(said, "key").map(name -> name.replace("_", ""));
    Optional<String> place = place(directory, key, file);
    String what = file.map(path -> path + " ").orElse("the script ") + found;
    return Optional.of(
        "%s%s; %s. %s says: %s"
            .formatted(
                place.map(where -> where + ": ").orElse(""),
                what,
                advice,
                who,
                said.group().strip()));
  }

  private static Optional<String> group(Matcher said, String name) {
    return said.pattern().pattern().contains("(?<" + name + ">")
        ? Optional.ofNullable(said.group(name))
        : Optional.empty();
  }

  /** Returns the line of slurm.conf with the file, or otherwise with the parameter. */
  private static Optional<String> place(
      Path directory, Optional<String> key, Optional<String> file) {
    Path configuration = directory.resolve("slurm.conf");
    Pattern use =
        Pattern.compile(
            "(?i)\\s*%s\\s*=\\s*%s.*"
                .formatted(
                    key.map(Pattern::quote).orElse("\\w+"), file.map(Pattern::quote).orElse("")));
    try {
      List<String> lines = Files.readAllLines(configuration);
      // If there are several, Slurm uses the last.
      for (int number = lines.size(); number > 0; number--) {
        if (use.matcher(lines.get(number - 1)).matches()) {
          return Optional.of(
              "%s, line %d (%s)".formatted(configuration, number, lines.get(number - 1).strip()));
        }
      }
    } catch (IOException e) {
      // What the daemons said is in the message anyway.
    }
    return Optional.empty();
  }
}
