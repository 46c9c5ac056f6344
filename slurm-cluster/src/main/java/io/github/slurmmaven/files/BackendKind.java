/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.files;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The kinds of backends, with the names of the parameter {@code engine}. */
public enum BackendKind {
  /** Containers of a container engine. */
  DOCKER,
  /** Processes of this machine. */
  EMBEDDED;

  /** Returns the kind with a name; empty when there is none. */
  static Optional<BackendKind> of(String name) {
    return Arrays.stream(values()).filter(kind -> kind.toString().equals(name)).findFirst();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
