/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.files.ClusterFiles;

/** Breaks parts of a running cluster, and repairs them. */
public interface Disruptions {

  /** Ends slurmctld, which keeps its state; nodes, jobs and SSH are not affected. */
  void stopController(ClusterId id);

  /**
   * Starts slurmctld, which reads its configuration and its state. If slurmctld runs, it is ended
   * first. Returns when it answers.
   */
  void startController(ClusterId id);

  /**
   * Ends slurmrestd until {@link #startRest}.
   *
   * @throws io.github.slurmmaven.client.UserMistakeException when the cluster has none
   */
  void stopRest(ClusterId id);

  /** Starts slurmrestd again. */
  void startRest(ClusterId id);

  /**
   * Cuts the connection between the controller and a node, while the node's jobs go on.
   *
   * @throws io.github.slurmmaven.client.UserMistakeException when the node runs no jobs
   */
  void disconnect(ClusterId id, String node);

  /** Undoes {@link #disconnect}; nothing happens when the node is connected. */
  void reconnect(ClusterFiles files, String node);

  /** Breaks all connections to the SSH server, which accepts new ones. */
  void dropConnections(ClusterId id);
}
