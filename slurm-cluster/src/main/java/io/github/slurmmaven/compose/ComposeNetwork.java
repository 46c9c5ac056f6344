/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import java.util.Map;
import java.util.Optional;

/**
 * A network of a project.
 *
 * @param key name within the Compose file, {@code default} for the implicit network
 * @param name name at the engine; {@code <project>_<key>} unless given, the key itself when
 *     external
 * @param external whether it must exist and is neither created nor removed
 * @param driver network driver, {@code bridge} unless given
 * @param subnet subnet in CIDR notation; empty for the engine's choice
 * @param gateway address of the gateway; empty for the engine's choice
 * @param labels labels
 */
public record ComposeNetwork(
    String key,
    String name,
    boolean external,
    String driver,
    Optional<String> subnet,
    Optional<String> gateway,
    Map<String, String> labels) {

  public ComposeNetwork {
    labels = Immutable.copyOf(labels);
  }
}
