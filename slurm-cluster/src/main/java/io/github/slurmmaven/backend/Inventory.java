/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.common.Address;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Lists the clusters and nodes that exist, including clusters whose directory is gone. */
public interface Inventory {

  /**
   * A cluster of the backend.
   *
   * @param id which
   * @param owner its owner
   * @param createdAt when it was created, if the backend knows
   * @param nodes its nodes, controller first
   * @param ssh address of SSH, if it is published at the moment
   */
  record ClusterSummary(
      ClusterId id,
      Owner owner,
      Optional<Instant> createdAt,
      List<BackendNode> nodes,
      Optional<Address> ssh) {}

  /** A watch that lasts until it is closed. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Returns this backend's clusters that this project created, sorted by name, including those
   * whose directory is gone.
   */
  List<ClusterSummary> clusters();

  /** Returns the owner of each cluster of this backend. It does not read the state of nodes. */
  Map<ClusterId, Owner> owners();

  /** Returns the nodes that exist, running or not, controller first. */
  List<BackendNode> nodes(ClusterId id);

  /** Returns when the controller was started; empty when it does not run. */
  Optional<Instant> runningSince(ClusterId id);

  /**
   * Returns the ports and networks of a cluster's allocation that other processes took after {@link
   * Provisioner#up}, which ended nodes; by default none.
   */
  default Taken taken(ClusterId id) {
    return Taken.NOTHING;
  }

  /**
   * Watches for the unexpected end of a node.
   *
   * @param onExit called from another thread for each node that ends, until closed
   */
  Watch watch(ClusterId id, Consumer<BackendNode> onExit);
}
