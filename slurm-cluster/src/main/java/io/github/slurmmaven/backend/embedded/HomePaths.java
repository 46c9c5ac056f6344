/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.definition.SshDefinition;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Maps paths of a node to paths of this machine. Nodes share this machine's files, and a cluster
 * may change only some of them. {@value SshDefinition#HOME} is the cluster's home.
 */
final class HomePaths {

  private static final Path SCRATCH = Path.of("/tmp");

  private HomePaths() {}

  /** Returns a path below the home directory, relative to it; empty for other paths. */
  static Optional<Path> belowHome(String target) {
    Path home = Path.of(SshDefinition.HOME);
    Path path = Path.of(target).normalize();
    return path.startsWith(home) && !path.equals(home)
        ? Optional.of(home.relativize(path))
        : Optional.empty();
  }

  /**
   * Returns the path of this machine for a path of a node.
   *
   * @param home the cluster's home
   */
  static Path readable(String path, Path home) {
    Path normal = Path.of(path).normalize();
    return normal.startsWith(SshDefinition.HOME)
        ? home.resolve(Path.of(SshDefinition.HOME).relativize(normal)).normalize()
        : normal;
  }

  /**
   * Returns the path of this machine if a cluster may write there: in its home, or in /tmp.
   *
   * @param home the cluster's home
   */
  static Optional<Path> writable(String path, Path home) {
    Path here = readable(path, home);
    boolean allowed = here.startsWith(home) || (here.startsWith(SCRATCH) && !here.equals(SCRATCH));
    return allowed ? Optional.of(here) : Optional.empty();
  }
}
