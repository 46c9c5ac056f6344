/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.report.UserMistakeException;
import io.github.slurmmaven.spec.ClusterSpec;
import io.github.slurmmaven.spec.FileCopy;
import io.github.slurmmaven.spec.MountSpec;
import io.github.slurmmaven.spec.NodePaths;
import io.github.slurmmaven.spec.UserSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What processes of one user on one machine cannot be, but containers can. */
final class Restrictions {

  private Restrictions() {}

  /**
   * Refuses what a cluster asks for and cannot have here.
   *
   * @throws UserMistakeException names all of it
   */
  static void check(ClusterSpec spec) {
    if (spec.nodes().size() > ClusterSpec.MOST_NODES) {
      throw new UserMistakeException(
          "%d nodes are too many: a cluster can have %d"
              .formatted(spec.nodes().size(), ClusterSpec.MOST_NODES));
    }
    List<String> wants = new ArrayList<>();
    if (spec.registry().isPresent()) {
      wants.add("a container registry (withRegistry)");
    }
    if (spec.pyxis().isPresent()) {
      wants.add("jobs in containers (withPyxis)");
    }
    if (!spec.users().isEmpty()) {
      wants.add(
          "other users (users: "
              + spec.users().stream().map(UserSpec::name).collect(Collectors.joining(", "))
              + ")");
    }
    spec.image().ifPresent(image -> wants.add("an image (image: " + image + ")"));
    if (!spec.ssh().bindAddress().startsWith("127.")) {
      wants.add(
          "a login from other machines, which would be one to this account (bindAddress: "
              + spec.ssh().bindAddress()
              + ")");
    }
    for (MountSpec mount : spec.mounts()) {
      if (!isMountable(mount)) {
        wants.add(
            "the mount target %s: without containers it can only be the source's own path, or one below %s"
                .formatted(mount.target(), HomePaths.HOME));
      }
    }
    for (FileCopy file : spec.files()) {
      if (HomePaths.belowHome(file.target()).isEmpty() && file.configurationFile().isEmpty()) {
        wants.add(
            "the file %s: without containers it can only be below %s or %s"
                .formatted(file.target(), HomePaths.HOME, NodePaths.CONFIGURATION));
      }
    }
    if (!wants.isEmpty()) {
      throw new UserMistakeException(
          "Cluster %s asks for what only containers can be: %s. Leave it out, or use engine=docker"
              .formatted(spec.name(), String.join("; ", wants)));
    }
  }

  private static boolean isMountable(MountSpec mount) {
    return mount.source().equals(mount.target()) || HomePaths.belowHome(mount.target()).isPresent();
  }

  /** What is otherwise than in containers but no reason to refuse, in sentences. */
  static List<String> differences(ClusterSpec spec, ThisUser user) {
    List<String> differences = new ArrayList<>();
    if (!spec.setup().isEmpty() && !user.isRoot()) {
      differences.add("Setup runs as user " + user.name() + ", not as root, and on this machine");
    }
    spec.mounts().stream()
        .filter(MountSpec::readOnly)
        .map(MountSpec::source)
        .distinct()
        .forEach(
            source ->
                differences.add(
                    "The read-only mount of %s can be written to by jobs: they run as user %s"
                        .formatted(source, user.name())));
    return differences;
  }
}
