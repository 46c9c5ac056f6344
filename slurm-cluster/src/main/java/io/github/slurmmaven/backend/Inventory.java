/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.common.Address;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Lists the clusters and nodes that exist, also those without a directory. */
public interface Inventory {

  /**
   * A cluster of the backend.
   *
   * @param id which
   * @param owner who answers for it
   * @param createdAt when it was made, as far as the backend knows
   * @param nodes its nodes, controller first
   * @param ssh where SSH is published, if it is at the moment
   */
  record ClusterSummary(
      ClusterId id,
      Owner owner,
      Optional<Instant> createdAt,
      List<BackendNode> nodes,
      Optional<Address> ssh) {}

  /** A watch that goes on until it is closed. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /** All clusters of this backend that were made by us, also without a directory; by name. */
  List<ClusterSummary> clusters();

  /** Who owns each cluster of this backend, without a look at its nodes. */
  Map<ClusterId, Owner> owners();

  /** The nodes that exist, running or not, controller first. */
  List<BackendNode> nodes(ClusterId id);

  /** Since when the controller runs; empty when it does not. */
  Optional<Instant> runningSince(ClusterId id);

  /**
   * Ports and networks of a cluster's allocation that other processes took after {@link
   * Provisioner#up}, so that nodes ended; by default none.
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
