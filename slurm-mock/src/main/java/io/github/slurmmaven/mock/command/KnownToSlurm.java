/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.command;

import io.github.slurmmaven.mock.job.Release;
import io.github.slurmmaven.resource.Resources;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Names of commands, columns, keywords and options that a release of Slurm supports and the mock
 * may not. They distinguish a limit of the mock from a mistake of the client.
 */
public final class KnownToSlurm {

  private final Map<String, Set<String>> names = new HashMap<>();

  private KnownToSlurm(Release release) {
    for (String line : Resources.text(KnownToSlurm.class, "known.txt").lines().toList()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      // command kind [release:] names
      String[] words = line.split(" ", -1);
      boolean limited = words[2].endsWith(":");
      if (limited && !words[2].equals(release.line() + ":")) {
        continue;
      }
      Set<String> known = names.computeIfAbsent(words[0] + " " + words[1], key -> new HashSet<>());
      Stream.of(words).skip(limited ? 3 : 2).forEach(known::add);
    }
  }

  public static KnownToSlurm of(Release release) {
    return new KnownToSlurm(release);
  }

  /**
   * Whether Slurm supports a name.
   *
   * @param command for example squeue
   * @param kind as in known.txt, for example field
   */
  boolean knows(String command, String kind, String name) {
    String written = kind.equals("letter") ? name : name.toLowerCase(Locale.ROOT);
    return all(command, kind).contains(written);
  }

  /** All names of a kind. */
  public Set<String> all(String command, String kind) {
    return new TreeSet<>(names.getOrDefault(command + " " + kind, Set.of()));
  }
}
