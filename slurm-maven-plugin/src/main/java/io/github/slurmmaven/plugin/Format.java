/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.InvalidParameterException;
import java.util.Locale;

/** In which form a goal answers. */
enum Format {
  TEXT,
  JSON,
  YAML;

  /**
   * @throws InvalidParameterException when there is no such form
   */
  static Format of(String name) {
    for (Format format : values()) {
      if (format.name().toLowerCase(Locale.ROOT).equals(name.strip())) {
        return format;
      }
    }
    throw new InvalidParameterException("format", name, "is not a format: use text, json or yaml");
  }
}
