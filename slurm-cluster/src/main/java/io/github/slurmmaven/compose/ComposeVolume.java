/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.compose;

import java.util.Map;

/**
 * A named volume of a project.
 *
 * @param key name within the Compose file
 * @param name name at the engine; {@code <project>_<key>} unless given, the key itself when
 *     external
 * @param external whether it must exist and is neither created nor removed
 * @param labels labels
 */
public record ComposeVolume(String key, String name, boolean external, Map<String, String> labels) {

  public ComposeVolume {
    labels = Immutable.copyOf(labels);
  }
}
