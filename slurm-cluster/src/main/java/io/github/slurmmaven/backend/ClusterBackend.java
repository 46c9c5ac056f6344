/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;

/**
 * Where clusters live: a container engine, or this machine. A backend runs a cluster as its files
 * describe it, and does not know how the files were made. Its operations are in its ports.
 *
 * <p>A cluster is named by its {@link ClusterId}. The backend itself knows which clusters exist, so
 * {@link Inventory} and {@link Provisioner} work without the directory.
 */
public interface ClusterBackend extends AutoCloseable {

  /**
   * Returns a description for messages, for example {@code Docker Engine 20.10.24 at unix:///…}.
   */
  String description();

  /** Refuses, allocates and renders. */
  Planner planner();

  /** Brings clusters up and takes them down. */
  Provisioner provisioner();

  /** Lists the clusters and nodes that exist. */
  Inventory inventory();

  /** Runs commands on nodes, copies their files, reads their logs. */
  NodeAccess nodeAccess();

  /** Returns the addresses of a cluster. */
  Endpoints endpoints();

  /** Breaks parts of a running cluster, and repairs them. */
  Disruptions disruptions();

  /** Closes the connection to the backend; clusters are not changed. */
  @Override
  void close();
}
