/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where paths of nodes are on this machine. All nodes see this machine's own files, among which
 * only the cluster's directory is ours to change; what is {@code /home/slurm} in a container is the
 * cluster's home there.
 *
 * @param directory the cluster's directory
 */
record HomePaths(Path directory) {

  /** The home directory of a definition's paths. */
  static final String HOME = "/home/slurm";

  Path home() {
    return directory.resolve("home");
  }

  /** The place of a node's path in the cluster's directory; empty when it is not in there. */
  Optional<Path> inside(String target) {
    Path path = Path.of(target).normalize();
    if (path.startsWith(HOME)) {
      return Optional.of(home().resolve(Path.of(HOME).relativize(path)).normalize());
    }
    return path.startsWith(home()) && !path.equals(home()) ? Optional.of(path) : Optional.empty();
  }
}
