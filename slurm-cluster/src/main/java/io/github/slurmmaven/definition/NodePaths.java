/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import java.util.Optional;
import java.util.Set;

/** Paths of a node that are a cluster's own. */
public final class NodePaths {

  /** Slurm's configuration, which is the cluster's {@code config} directory. */
  public static final String CONFIGURATION = "/etc/slurm";

  /** Keys of the cluster. */
  private static final String SECRETS = "/run/slurm-cluster";

  /** What is rendered into {@link #CONFIGURATION}. */
  private static final Set<String> RENDERED =
      Set.of(
          "slurm.conf",
          "gres.conf",
          "cgroup.conf",
          "plugstack.conf",
          "enroot.conf",
          "seccomp-pyxis.json",
          "fakegpus");

  private NodePaths() {}

  /** A path relative to a directory; empty when it is not below that directory. */
  static Optional<String> below(String directory, String path) {
    String plain = path.replaceAll("/+", "/");
    return plain.startsWith(directory + "/") && plain.length() > directory.length() + 1
        ? Optional.of(plain.substring(directory.length() + 1).replaceAll("/$", ""))
        : Optional.empty();
  }

  /** Whether nothing of the host can be mounted at a path, because it is in a read-only mount. */
  static boolean isMountedByUs(String path) {
    String plain = path.replaceAll("/+", "/").replaceAll("/$", "");
    return plain.equals(CONFIGURATION)
        || plain.equals(SECRETS)
        || below(CONFIGURATION, plain).isPresent()
        || below(SECRETS, plain).isPresent();
  }

  /** Whether a path below {@link #CONFIGURATION} is one that a cluster's definition makes. */
  static boolean isRendered(String configurationFile) {
    return RENDERED.contains(configurationFile.split("/", 2)[0]);
  }
}
