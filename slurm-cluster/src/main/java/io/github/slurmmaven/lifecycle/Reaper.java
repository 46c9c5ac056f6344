/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.backend.Provisioner;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.files.ClusterDirectory;
import io.github.slurmmaven.files.ClusterLock;
import java.nio.file.Files;
import java.util.Map;

/** Removes the clusters of builds of this machine that were killed. */
public final class Reaper {

  private final Provisioner provisioner;
  private final Progress progress;

  public Reaper(Provisioner provisioner, Progress progress) {
    this.provisioner = provisioner;
    this.progress = progress;
  }

  /**
   * Removes these clusters. A cluster that cannot be removed causes a warning only.
   *
   * @param owners the owners of all clusters on the backend
   * @param own a cluster whose files are kept, because they are still needed
   */
  public void reap(Map<ClusterId, Owner> owners, ClusterId own) {
    owners.forEach(
        (cluster, owner) -> {
          if (owner.isDeadBuild()) {
            reap(cluster, own);
          }
        });
  }

  private void reap(ClusterId dead, ClusterId own) {
    try {
      remove(dead, own);
    } catch (SlurmClusterException | UserMistakeException e) {
      progress.warn(
          "Cluster %s in %s, which a killed build left behind, cannot be removed: %s"
              .formatted(dead.name(), dead.directory(), e.getMessage()));
    }
  }

  private void remove(ClusterId dead, ClusterId own) {
    ClusterDirectory files = new ClusterDirectory(dead.directory());
    if (dead.equals(own)) {
      provisioner.destroy(dead);
    } else if (files.isWorkedOn()) {
      // Another build has removed the same cluster in the same directory.
      return;
    } else if (!Files.isDirectory(dead.directory())) {
      provisioner.destroy(dead);
      files.finishRemoval();
    } else {
      try (ClusterLock lock = files.lock(() -> {})) {
        provisioner.destroy(dead);
        files.deleteIfOurs();
      }
    }
    progress.step(
        "Removed cluster %s, which a killed build left behind in %s"
            .formatted(dead.name(), dead.directory()));
  }
}
