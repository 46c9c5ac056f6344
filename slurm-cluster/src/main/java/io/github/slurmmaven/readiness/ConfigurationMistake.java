/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.readiness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds the line of an edited configuration file that a Slurm daemon refuses. Daemons name its key
 * or its value, and rarely the file.
 *
 * @param sign a daemon's message; its group {@code key} is searched in the files
 * @param problem what is wrong with it, with the groups {@code key} and {@code value} if there is
 *     one
 */
record ConfigurationMistake(Pattern sign, String problem) {

  private static final List<ConfigurationMistake> KNOWN =
      List.of(
          mistake(
              "Parsing error at unrecognized key: (?<key>\\S+)", "Slurm has no parameter '${key}'"),
          mistake(
              "error: (?<key>\\w+) value \\((?<value>[^)\\n]*)\\) is not a valid number",
              "${key}: '${value}' is not a number"));

  private static ConfigurationMistake mistake(String sign, String problem) {
    return new ConfigurationMistake(Pattern.compile(sign), problem);
  }

  /**
   * Returns the first mistake that the logs report: file, line and problem.
   *
   * @param directory the configuration files
   * @param logs the daemons' logs
   */
  static Optional<String> find(Path directory, Collection<String> logs) {
    for (ConfigurationMistake known : KNOWN) {
      for (String log : logs) {
        Matcher said = known.sign.matcher(log);
        if (said.find()) {
          Optional<String> place = place(directory, said.group("key"));
          if (place.isPresent()) {
            String problem = said.pattern().matcher(said.group()).replaceAll(known.problem);
            return Optional.of(place.get() + ": " + problem + "; correct it");
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> place(Path directory, String key) {
    Pattern use = Pattern.compile("(?i)(^|\\s)" + Pattern.quote(key) + "\\s*(=|$)");
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(file -> file.toString().endsWith(".conf")).sorted().toList()) {
        List<String> lines = Files.readAllLines(file);
        for (int number = 0; number < lines.size(); number++) {
          String content = lines.get(number).replaceFirst("#.*", "");
          if (use.matcher(content).find()) {
            return Optional.of(file + ", line " + (number + 1));
          }
        }
      }
    } catch (IOException e) {
      // The message contains the daemons' log lines anyway.
    }
    return Optional.empty();
  }
}
