/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.maven.plugin.descriptor.Parameter;
import org.apache.maven.plugin.descriptor.PluginDescriptor;

/**
 * Finds user properties that look like parameters of this plugin but are not. Maven ignores them.
 */
final class UnknownProperties {

  private static final String PREFIX = "slurm.";

  /** Properties that {@code start} exports, and that tests read as system properties. */
  private static final List<String> EXPORTED =
      List.of("ssh.", "cluster.", "image.", "registry", "rest.", "partition", "version");

  private final Set<String> known;

  private UnknownProperties(Set<String> known) {
    this.known = known;
  }

  static UnknownProperties of(PluginDescriptor plugin) {
    return new UnknownProperties(
        plugin.getMojos().stream()
            .flatMap(mojo -> mojo.getParameters().stream())
            .map(Parameter::getExpression)
            .filter(expression -> expression != null && expression.startsWith("${" + PREFIX))
            .map(expression -> expression.substring(2, expression.length() - 1))
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  /**
   * Returns a warning for each property that has no effect.
   *
   * @param user properties of the command line
   * @param isOfProject whether a project uses a property of that name for itself
   */
  List<String> warnings(Properties user, Predicate<String> isOfProject) {
    List<String> warnings = new ArrayList<>();
    for (String name : new TreeSet<>(user.stringPropertyNames())) {
      if (!name.startsWith(PREFIX)
          || known.contains(name)
          || isOfProject.test(name)
          || EXPORTED.stream().anyMatch(name.substring(PREFIX.length())::startsWith)) {
        continue;
      }
      Optional<String> nearest = nearest(name, known);
      // One with more parts may be meant for something else.
      if (nearest.isPresent() || name.indexOf('.', PREFIX.length()) < 0) {
        warnings.add(
            "-D%s is not a parameter of the Slurm plugin and has no effect: %s"
                .formatted(
                    name,
                    nearest
                        .map(other -> "did you mean -D" + other + "?")
                        .orElse("slurm:help -Ddetail shows all parameters")));
      }
    }
    return warnings;
  }

  /** The name that most likely was meant: at most a third of the letters are others. */
  private static Optional<String> nearest(String name, Collection<String> known) {
    int length = name.length() - PREFIX.length();
    int least = Math.max(1, length / 3) + 1;
    String nearest = null;
    for (String each : known) {
      int distance = distance(name.toLowerCase(Locale.ROOT), each.toLowerCase(Locale.ROOT));
      if (distance < least) {
        least = distance;
        nearest = each;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** Levenshtein's: how many letters to insert, remove or replace. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
