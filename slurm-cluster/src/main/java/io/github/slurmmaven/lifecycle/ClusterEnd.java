/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import io.github.slurmmaven.backend.BackendNode;
import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.files.ClusterDirectory;
import io.github.slurmmaven.files.ClusterLock;
import io.github.slurmmaven.operations.Nodes;

/** Stops and removes a cluster. A build does not touch a cluster that was started by hand. */
public final class ClusterEnd {

  private final ClusterAccess access;
  private final ClusterId id;
  private final ClusterDirectory directory;
  private final Progress progress;

  public ClusterEnd(ClusterAccess access) {
    this.access = access;
    id = access.id();
    directory = access.directory();
    progress = access.progress();
  }

  /** Stops the cluster and keeps its state. */
  public void stop() {
    long begin = System.nanoTime();
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      if (new Ownership(access).isLeftToItsOwner(backend.inventory())) {
        return;
      }
      boolean running = backend.inventory().nodes(id).stream().anyMatch(BackendNode::running);
      // This also ends containers that are not nodes, and a start that hangs.
      backend.provisioner().stop(id);
      directory.connectionFiles().remove();
      directory.clock().stop();
      if (!running) {
        progress.step("Cluster %s does not run".formatted(id.name()));
        return;
      }
      progress.step(
          "Cluster %s stopped in %.2f s".formatted(id.name(), ClusterAccess.seconds(begin)));
    }
  }

  /** Stops one node and keeps its state. */
  public void stop(String node) {
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      backend.provisioner().stop(id, new Nodes(backend.inventory(), id).existing(node));
    }
  }

  /** Removes containers, network, volumes and directory. */
  public void destroy() {
    long begin = System.nanoTime();
    try (ClusterLock lock = access.lock();
        ClusterBackend backend = access.connect()) {
      if (new Ownership(access).isLeftToItsOwner(backend.inventory())) {
        return;
      }
      boolean there = backend.provisioner().destroy(id);
      boolean onDisk = directory.delete();
      progress.step(
          there || onDisk
              ? "Cluster %s destroyed in %.2f s".formatted(id.name(), ClusterAccess.seconds(begin))
              : "Cluster %s does not exist".formatted(id.name()));
    }
  }
}
