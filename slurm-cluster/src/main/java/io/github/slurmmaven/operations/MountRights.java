/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.operations;

import io.github.slurmmaven.backend.NodeAccess;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.CommandResult;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.definition.MountDefinition;
import io.github.slurmmaven.definition.SshDefinition;
import io.github.slurmmaven.definition.UserDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Warns of mounts that a cluster's users cannot write to, before their jobs fail. */
public final class MountRights {

  private static final int SLURM_UID = 1000;

  /**
   * Checks on the node itself, because an engine may map users, and a file system may be read-only.
   */
  private static final String SCRIPT =
      "for mount; do [ -w \"$mount\" ] || stat -c '%u %n' -- \"$mount\"; done";

  private final NodeAccess nodeAccess;
  private final ClusterId id;
  private final Progress progress;

  public MountRights(NodeAccess nodeAccess, ClusterId id, Progress progress) {
    this.nodeAccess = nodeAccess;
    this.id = id;
    this.progress = progress;
  }

  /**
   * Checks all mounts that are not read-only.
   *
   * @param deadline end of the check, as a time of {@link System#nanoTime}
   */
  public void check(ClusterDefinition definition, long deadline) {
    List<MountDefinition> writable =
        definition.mounts().stream().filter(mount -> !mount.readOnly()).distinct().toList();
    if (writable.isEmpty()) {
      return;
    }
    Stream.concat(
            Stream.of(new UserDefinition(SshDefinition.USER, SLURM_UID)),
            definition.users().stream())
        .forEach(user -> check(definition.computeNodes().get(0).name(), user, writable, deadline));
  }

  private void check(
      String node, UserDefinition user, List<MountDefinition> mounts, long deadline) {
    List<String> command = new ArrayList<>(List.of("bash", "-c", SCRIPT, "mounts"));
    mounts.forEach(mount -> command.add(mount.target()));
    Duration timeout = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    CommandResult result =
        nodeAccess.run(id, node, user.name(), command, progress::detail, timeout);
    result
        .stdout()
        .lines()
        .map(line -> line.split(" ", 2))
        .forEach(
            found ->
                mounts.stream()
                    .filter(mount -> mount.target().equals(found[1]))
                    .findFirst()
                    .ifPresent(
                        mount ->
                            progress.warn(
                                ("Jobs of user %s (uid %d) cannot write to %s, the mount of %s: it belongs to uid"
                                        + " %s. Let others write there (chmod), or mount it read-only")
                                    .formatted(
                                        user.name(),
                                        user.uid(),
                                        mount.target(),
                                        mount.source(),
                                        found[0]))));
  }
}
