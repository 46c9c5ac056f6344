/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.backend.embedded;

import io.github.slurmmaven.backend.ClusterBackend;
import io.github.slurmmaven.backend.Disruptions;
import io.github.slurmmaven.backend.Endpoints;
import io.github.slurmmaven.backend.Inventory;
import io.github.slurmmaven.backend.NodeAccess;
import io.github.slurmmaven.backend.Planner;
import io.github.slurmmaven.backend.Provisioner;
import io.github.slurmmaven.backend.embedded.bundle.BundleCache;
import io.github.slurmmaven.backend.embedded.bundle.BundleSource;
import io.github.slurmmaven.backend.embedded.supervisor.ThisUser;
import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.SlurmVersion;
import java.time.Duration;
import java.util.Map;

/** Runs a cluster as processes of this machine and this user, from a bundle of Slurm's programs. */
public final class EmbeddedBackend implements ClusterBackend {

  private final LocalClusters clusters;
  private final EmbeddedInventory inventory;
  private final EmbeddedNodeAccess nodeAccess;
  private final EmbeddedPlanner planner;
  private final EmbeddedProvisioner provisioner;
  private final EmbeddedEndpoints endpoints;
  private final EmbeddedDisruptions disruptions;

  /**
   * A backend on this machine.
   *
   * @param bundles the source of Slurm's programs
   * @param variables environment variables
   * @param timeout how long processes may take to start or to run a command
   */
  public EmbeddedBackend(BundleSource bundles, Map<String, String> variables, Duration timeout) {
    Map<String, String> all = Map.copyOf(variables);
    clusters = new LocalClusters(index(all), ThisUser.current());
    inventory = new EmbeddedInventory(clusters);
    nodeAccess = new EmbeddedNodeAccess(clusters, inventory);
    planner = new EmbeddedPlanner(clusters, all);
    provisioner = new EmbeddedProvisioner(clusters, nodeAccess, bundles, all, timeout);
    endpoints = new EmbeddedEndpoints(clusters, timeout);
    disruptions = new EmbeddedDisruptions(clusters, nodeAccess, timeout);
  }

  /** Whether a cluster was brought up on this machine and not destroyed since. */
  public static boolean knows(ClusterId id, Map<String, String> variables) {
    try {
      return index(variables).get(id).isPresent();
    } catch (UserMistakeException e) {
      // Without a cache, no cluster was brought up.
      return false;
    }
  }

  private static ClusterIndex index(Map<String, String> variables) {
    return new ClusterIndex(BundleCache.userDirectory(variables).resolveSibling("clusters"));
  }

  /**
   * Checks that there are programs for this machine.
   *
   * @throws UserMistakeException when there are none; says why
   */
  public void requireBundle(SlurmVersion version) {
    provisioner.requireBundle(version);
  }

  @Override
  public String description() {
    return "embedded Slurm (processes of user %s)".formatted(clusters.user().name());
  }

  @Override
  public Planner planner() {
    return planner;
  }

  @Override
  public Provisioner provisioner() {
    return provisioner;
  }

  @Override
  public Inventory inventory() {
    return inventory;
  }

  @Override
  public NodeAccess nodeAccess() {
    return nodeAccess;
  }

  @Override
  public Endpoints endpoints() {
    return endpoints;
  }

  @Override
  public Disruptions disruptions() {
    return disruptions;
  }

  @Override
  public void close() {
    // Nothing is held open.
  }
}
