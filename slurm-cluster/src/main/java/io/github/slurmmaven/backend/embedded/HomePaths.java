/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.definition.SshDefinition;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Paths of a cluster's nodes on this machine. Its files are all there is, and only some are a
 * cluster's to change; what is {@value SshDefinition#HOME} in a container is the cluster's home
 * here.
 */
final class HomePaths {

  private static final Path SCRATCH = Path.of("/tmp");

  private HomePaths() {}

  /** A path below the home directory, relative to it; empty when it is elsewhere. */
  static Optional<Path> belowHome(String target) {
    Path home = Path.of(SshDefinition.HOME);
    Path path = Path.of(target).normalize();
    return path.startsWith(home) && !path.equals(home)
        ? Optional.of(home.relativize(path))
        : Optional.empty();
  }

  /**
   * Where a path of a node is to be found.
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
   * Where a path of a node is, if a cluster may write there: in its home, or in /tmp.
   *
   * @param home the cluster's home
   */
  static Optional<Path> writable(String path, Path home) {
    Path here = readable(path, home);
    boolean allowed = here.startsWith(home) || (here.startsWith(SCRATCH) && !here.equals(SCRATCH));
    return allowed ? Optional.of(here) : Optional.empty();
  }
}
