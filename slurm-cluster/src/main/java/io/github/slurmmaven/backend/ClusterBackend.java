/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend;

import io.github.slurmmaven.client.ClusterId;

/**
 * Where clusters live: a container engine, or this machine. A backend brings up what a cluster's
 * files say, and knows nothing of how they came to be. What it can do stands in its ports.
 *
 * <p>A cluster is named by its {@link ClusterId}; what exists of it is what the backend itself
 * says, so {@link Inventory} and {@link Provisioner} work without the directory.
 */
public interface ClusterBackend extends AutoCloseable {

  /** What this backend is, for people: {@code Docker Engine 20.10.24 at unix:///…}. */
  String description();

  /** Refuses, allocates and renders. */
  Planner planner();

  /** Brings clusters up and takes them down. */
  Provisioner provisioner();

  /** Says which clusters and nodes there are. */
  Inventory inventory();

  /** Runs commands on nodes, copies their files, reads their logs. */
  NodeAccess nodeAccess();

  /** Says where a cluster is reached. */
  Endpoints endpoints();

  /** Breaks parts of a running cluster, and mends them. */
  Disruptions disruptions();

  /** Lets go of the connection to the backend; clusters stay as they are. */
  @Override
  void close();
}
