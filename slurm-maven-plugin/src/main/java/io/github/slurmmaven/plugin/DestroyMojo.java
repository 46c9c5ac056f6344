/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.cluster.Clusters;
import io.github.slurmmaven.cluster.SlurmCluster;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Removes a cluster: its containers, network, volumes and files. If it is already gone, the goal
 * does nothing. When bound to a build, it leaves a cluster alone that was started by hand.
 *
 * @since 0.1.0
 */
@Mojo(
    name = "destroy",
    defaultPhase = LifecyclePhase.POST_INTEGRATION_TEST,
    requiresProject = false,
    threadSafe = true)
public final class DestroyMojo extends AbstractLifecycleMojo {

  /**
   * Keeps the cluster for inspection.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.keep", defaultValue = "false")
  boolean keep;

  /**
   * Removes every cluster instead of one, from all directories and all owners, including other
   * builds.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.all", defaultValue = "false")
  boolean all;

  /**
   * Skips this goal.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.destroy.skip", defaultValue = "false")
  boolean skipDestroy;

  @Override
  void run() {
    if (keep) {
      getLog().info("Kept: " + name);
      return;
    }
    if (isShared()) {
      getLog().info("Kept for the other modules, until the build ends: " + name);
      return;
    }
    if (all) {
      Clusters.ofThisMachine(progress()).destroyAll(progress());
      return;
    }
    SlurmCluster cluster = existing();
    buildEnd().destroy(cluster.directory(), cluster::destroy);
  }

  @Override
  boolean isGoalSkipped() {
    return skipDestroy;
  }
}
