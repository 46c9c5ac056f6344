/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Paths of a definition on this machine. Its files are all there is, and only the cluster's
 * directory is ours to change; what is {@value #HOME} in a container is the cluster's home there.
 */
final class HomePaths {

  /** The login's home directory in containers. */
  static final String HOME = "/home/slurm";

  private HomePaths() {}

  /** A path below the home directory, relative to it; empty when it is elsewhere. */
  static Optional<Path> belowHome(String target) {
    Path home = Path.of(HOME);
    Path path = Path.of(target).normalize();
    return path.startsWith(home) && !path.equals(home)
        ? Optional.of(home.relativize(path))
        : Optional.empty();
  }
}
