/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.embedded.supervisor.ThisUser;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.FileCopy;
import io.github.slurmmaven.definition.MountDefinition;
import io.github.slurmmaven.definition.NodePaths;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.definition.UserDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The features of a definition that need containers. */
final class UnsupportedFeatures {

  private UnsupportedFeatures() {}

  /**
   * Refuses a definition that needs containers.
   *
   * @throws UserMistakeException names all such features
   */
  static void check(ClusterDefinition definition) {
    List<String> wants = new ArrayList<>();
    if (definition.registry().isPresent()) {
      wants.add("a container registry (withRegistry)");
    }
    if (definition.pyxis().isPresent()) {
      wants.add("jobs in containers (withPyxis)");
    }
    if (definition.pbsCommands()) {
      wants.add("PBS commands, which are Perl programs (pbsCommands)");
    }
    if (!definition.packages().isEmpty()) {
      wants.add(
          "Debian packages (packages: %s): without containers, jobs have this machine's programs, so install them here"
              .formatted(String.join(", ", definition.packages())));
    }
    if (!definition.users().isEmpty()) {
      wants.add(
          "other users (users: "
              + definition.users().stream()
                  .map(UserDefinition::name)
                  .collect(Collectors.joining(", "))
              + ")");
    }
    definition
        .slurmSource()
        .asked()
        .ifPresent(asked -> wants.add("a Slurm that is compiled for it (%s)".formatted(asked)));
    definition.image().ifPresent(image -> wants.add("an image (image: " + image + ")"));
    if (!definition.ssh().bindAddress().startsWith("127.")) {
      wants.add(
          "a login from other machines, which would let them into this account (bindAddress: "
              + definition.ssh().bindAddress()
              + ")");
    }
    for (MountDefinition mount : definition.mounts()) {
      if (!isMountable(mount)) {
        wants.add(
            "the mount target %s: without containers it can only be the source's own path, or one below %s"
                .formatted(mount.target(), SshDefinition.HOME));
      }
    }
    for (FileCopy file : definition.files()) {
      if (HomePaths.belowHome(file.target()).isEmpty() && file.configurationFile().isEmpty()) {
        wants.add(
            "the file %s: without containers it can only be below %s or %s"
                .formatted(file.target(), SshDefinition.HOME, NodePaths.CONFIGURATION));
      }
    }
    if (!wants.isEmpty()) {
      throw new UserMistakeException(
          "Cluster %s asks for what only containers have: %s. Leave it out, or use engine=docker"
              .formatted(definition.name(), String.join("; ", wants)));
    }
  }

  private static boolean isMountable(MountDefinition mount) {
    return mount.source().equals(mount.target()) || HomePaths.belowHome(mount.target()).isPresent();
  }

  /** Returns what differs from containers and is not refused, as sentences. */
  static List<String> differences(ClusterDefinition definition, ThisUser user) {
    List<String> differences = new ArrayList<>();
    if (!definition.setup().isEmpty() && !user.isRoot()) {
      differences.add("Setup runs as user " + user.name() + ", not as root, and on this machine");
    }
    definition.mounts().stream()
        .filter(MountDefinition::readOnly)
        .map(MountDefinition::source)
        .distinct()
        .forEach(
            source ->
                differences.add(
                    "Jobs can write to the read-only mount of %s, because they run as user %s"
                        .formatted(source, user.name())));
    return differences;
  }
}
