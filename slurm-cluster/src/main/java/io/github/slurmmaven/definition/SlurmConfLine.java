/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A line of slurm.conf as Slurm reads it: parameters with their values, and a comment. */
public final class SlurmConfLine {

  /** The part of a line that Slurm reads; the rest is a comment. */
  private static final Pattern UNTIL_COMMENT = Pattern.compile("(?:[^#\\\\]|\\\\.)*+");

  private static final String OWN_PLACE = "is a place in the cluster's own directory: leave it out";

  private static final String OWN_LOGIN =
      "is how the cluster's daemons authenticate each other: leave it out";

  /** Parameters that a definition cannot set, and why. */
  private static final Map<String, String> RESERVED = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  static {
    RESERVED.put("ClusterName", "is the cluster's name: set it with name");
    RESERVED.put("SlurmctldHost", "is the cluster's controller: set it with nodes");
    RESERVED.put("ControlMachine", "is the cluster's controller: set it with nodes");
    for (String user : new String[] {"SlurmUser", "SlurmdUser"}) {
      RESERVED.put(user, "is the account that the cluster's daemons run as: leave it out");
    }
    for (String login : new String[] {"AuthType", "CredType", "CryptoType"}) {
      RESERVED.put(login, OWN_LOGIN);
    }
    for (String place :
        new String[] {
          "PluginDir",
          "StateSaveLocation",
          "SlurmdSpoolDir",
          "SlurmctldPidFile",
          "SlurmdPidFile",
          "SlurmctldLogFile",
          "SlurmdLogFile"
        }) {
      RESERVED.put(place, OWN_PLACE);
    }
  }

  private SlurmConfLine() {}

  /**
   * Returns the licenses of lines of slurm.conf by their names in Slurm's accounting. Only the last
   * {@code Licenses} takes effect.
   */
  public static List<String> licenses(List<String> lines) {
    return lines.stream()
        .flatMap(line -> values(line, "Licenses"))
        .reduce((first, last) -> last)
        .stream()
        .flatMap(list -> Stream.of(list.split("[,;]", -1)))
        .map(license -> license.split("[:*=]", 2)[0].strip())
        .filter(name -> !name.isEmpty())
        .map(AccountingDefinition.LICENSE::concat)
        .toList();
  }

  /** Returns the values that a line has for a parameter, without quotes. */
  public static Stream<String> values(String line, String parameter) {
    return use(parameter)
        .matcher(withoutComment(line))
        .results()
        .map(found -> found.group(1) != null ? found.group(1) : found.group(2));
  }

  /** Returns the line without some parameters; empty if it has no others. */
  public static Optional<String> without(String line, Iterable<String> parameters) {
    String read = withoutComment(line);
    String rest = read;
    for (String parameter : parameters) {
      rest = use(parameter).matcher(rest).replaceAll("");
    }
    return rest.equals(read)
        ? Optional.of(line)
        : Optional.of((rest + line.substring(read.length())).strip())
            .filter(left -> !left.isEmpty());
  }

  /** Returns why a line is refused, if it sets a parameter that the cluster needs. */
  static Optional<String> problem(String line) {
    if (values(line, "AuthInfo")
        .flatMap(value -> Stream.of(value.split(",")))
        .anyMatch(option -> option.strip().toLowerCase(Locale.ROOT).startsWith("socket="))) {
      return Optional.of("has AuthInfo's socket, which " + OWN_PLACE);
    }
    return RESERVED.entrySet().stream()
        .filter(reserved -> values(line, reserved.getKey()).findAny().isPresent())
        .map(reserved -> "has " + reserved.getKey() + ", which " + reserved.getValue())
        .findFirst();
  }

  /** A line may hold several parameters. */
  private static Pattern use(String parameter) {
    return Pattern.compile("(?i)(?<!\\S)" + parameter + "\\s*\\+?=\\s*(?:\"([^\"]*)\"|(\\S+))");
  }

  private static String withoutComment(String line) {
    Matcher read = UNTIL_COMMENT.matcher(line);
    return read.lookingAt() ? read.group() : line;
  }
}
