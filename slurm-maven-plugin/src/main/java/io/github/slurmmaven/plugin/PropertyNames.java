/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import java.util.Optional;
import java.util.Set;

/** Names the user properties, which are given as {@code -D…} on the command line. */
final class PropertyNames {

  static final String NAME = "slurm.name";

  /** Not {@code slurm.partition}, which {@code start} exports. */
  private static final String PARTITION = "slurm.scale.partition";

  /** Parameters that are structures. */
  private static final Set<String> IN_POM_ONLY =
      Set.of("configuration", "nodes", "partitions", "setup");

  private PropertyNames() {}

  /** Returns the user property of a parameter of the core, if it has one. */
  static Optional<String> of(String parameter) {
    if (parameter.equals("partition")) {
      return Optional.of(PARTITION);
    }
    return parameter.indexOf('.') < 0 && !IN_POM_ONLY.contains(parameter)
        ? Optional.of("slurm." + parameter)
        : Optional.empty();
  }
}
