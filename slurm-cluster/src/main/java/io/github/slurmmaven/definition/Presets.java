/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.resource.Resources;
import java.nio.file.Path;
import java.util.List;

/** The definitions that come with the plugin: a YAML file each, in the form that users write. */
public final class Presets {

  /** The presets there are. */
  public static final List<String> NAMES = List.of("cpu", "gpu", "multi-node", "full");

  /** The preset of a cluster of which nothing else is said. */
  public static final String DEFAULT = "cpu";

  private Presets() {}

  /**
   * The text of a preset.
   *
   * @throws InvalidParameterException when there is none of that name
   */
  static String text(String preset) {
    if (!NAMES.contains(preset)) {
      throw new InvalidParameterException(
          "preset", preset, "is not a preset: use " + String.join(", ", NAMES));
    }
    return Resources.text(Presets.class, preset + ".yaml");
  }

  /** What a preset says, under the default name. */
  static ClusterDocument document(String preset) {
    return Documents.merge(
        ClusterDocument.named(ClusterParameters.DEFAULT_NAME),
        ClusterDocument.parse(preset + ".yaml", text(preset)));
  }

  /** The definition that a preset stands for, without any parameter. */
  static ClusterDefinition definition(String preset) {
    return document(preset).toDefinition(Origin.elements(preset + ".yaml"), Path.of(""));
  }
}
