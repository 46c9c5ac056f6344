/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.backend.ClusterBackend.ClusterSummary;
import io.github.slurmmaven.backend.ClusterBackend.NodeStatus;
import io.github.slurmmaven.backend.ClusterBackend.Watch;
import io.github.slurmmaven.client.ClusterId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Says which clusters and nodes there are, whatever their directories say. */
public interface Inventory {

  /** All clusters of this place that were made by us, whatever their directories; by name. */
  List<ClusterSummary> clusters();

  /** Who owns each cluster of this place, without a look at its nodes. */
  Map<ClusterId, String> owners();

  /** The nodes that exist, running or not, controller first. */
  List<NodeStatus> nodes(ClusterId id);

  /** Since when the controller runs; empty when it does not. */
  Optional<Instant> runningSince(ClusterId id);

  /**
   * Watches for the unexpected end of a node.
   *
   * @param onExit called from another thread for each node that ends, until closed
   */
  Watch watch(ClusterId id, Consumer<NodeStatus> onExit);
}
