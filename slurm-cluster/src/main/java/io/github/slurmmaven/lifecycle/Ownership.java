/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.lifecycle;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.Inventory;
import io.github.slurmmaven.backend.Owner;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.Progress;
import io.github.slurmmaven.client.UserMistakeException;
import java.util.Map;

/** Decides whether a cluster belongs to a build or to a person. */
final class Ownership {

  private final ClusterAccess access;
  private final ClusterId id;
  private final Owner owner;
  private final Progress progress;

  Ownership(ClusterAccess access) {
    this.access = access;
    id = access.id();
    owner = access.owner();
    progress = access.progress();
  }

  /**
   * Takes ownership of a cluster. Removes the clusters of killed builds, and refuses one of a build
   * that still runs.
   *
   * @param requireSame refuses a person's cluster that does not match the build
   * @return the owner after this
   */
  Owner take(ClusterBackend backend, Runnable requireSame) {
    Map<ClusterId, Owner> owners = backend.inventory().owners();
    new Reaper(backend.provisioner(), progress).reap(owners, id);
    access.directory().finishRemoval();
    Owner there = owners.getOrDefault(id, Owner.nobody());
    if (belongsToAPerson(owners)) {
      requireSame.run();
      progress.step(
          "Cluster %s was started by hand: this build uses it and leaves it running (mvn slurm:destroy removes it)"
              .formatted(id.name()));
      return Owner.byHand();
    }
    if (owner.isBuild() && !there.equals(owner)) {
      there
          .process()
          .ifPresent(
              build -> {
                throw new UserMistakeException(
                    "Cluster %s in %s belongs to another build that still runs (process %d), and the first of the two builds to end would remove it: wait until the other build has ended, or use another name (-Dslurm.name)"
                        .formatted(id.name(), id.directory(), build.pid()));
              });
    }
    return owner;
  }

  /** Whether this is a build and the cluster exists without one. */
  private boolean belongsToAPerson(Map<ClusterId, Owner> owners) {
    return owner.isBuild() && owners.containsKey(id) && !owners.get(id).isBuild();
  }

  /**
   * Whether this is a build and the cluster belongs to a person, so that the build must not end it.
   */
  boolean isLeftToItsOwner(Inventory inventory) {
    if (!belongsToAPerson(inventory.owners())) {
      return false;
    }
    progress.step(
        "Cluster %s was started by hand: left as it is (mvn slurm:destroy removes it)"
            .formatted(id.name()));
    return true;
  }
}
