/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.resource.Resources;
import java.nio.file.Path;
import java.util.List;

/** The definitions that the plugin contains: a YAML file each, like a user's. */
public final class Presets {

  /** The names of the presets. */
  public static final List<String> NAMES = List.of("cpu", "gpu", "multi-node", "full");

  /** The default preset. */
  public static final String DEFAULT = "cpu";

  private Presets() {}

  /**
   * Returns the text of a preset.
   *
   * @throws InvalidParameterException when no preset has this name
   */
  static String text(String preset) {
    if (!NAMES.contains(preset)) {
      throw new InvalidParameterException(
          "preset", preset, "is not a preset: use " + String.join(", ", NAMES));
    }
    return Resources.text(Presets.class, preset + ".yaml");
  }

  /** Returns the document of a preset, with the default name. */
  static ClusterDocument document(String preset) {
    return Documents.merge(
        ClusterDocument.named(ClusterParameters.DEFAULT_NAME),
        ClusterDocument.parse(preset + ".yaml", text(preset)));
  }

  /** Returns the definition of a preset, without any parameter. */
  static ClusterDefinition definition(String preset) {
    return document(preset).toDefinition(Origin.elements(preset + ".yaml"), Path.of(""));
  }
}
