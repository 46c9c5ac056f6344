/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where clusters can live; the parameter {@code engine} has the same names. */
public enum BackendKind {
  /** Containers of a container engine. */
  DOCKER,
  /** Processes of this machine. */
  EMBEDDED;

  /** The kind of a name; empty when there is none. */
  static Optional<BackendKind> of(String name) {
    return Arrays.stream(values()).filter(kind -> kind.toString().equals(name)).findFirst();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
