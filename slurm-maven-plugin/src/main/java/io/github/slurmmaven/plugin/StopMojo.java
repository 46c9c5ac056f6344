/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Stops a cluster and keeps its state: {@code start} continues with the same job queue. When bound
 * to a build, it leaves a cluster running that was started by hand.
 *
 * @since 0.1.0
 */
@Mojo(
    name = "stop",
    defaultPhase = LifecyclePhase.POST_INTEGRATION_TEST,
    requiresProject = false,
    threadSafe = true)
public final class StopMojo extends AbstractLifecycleMojo {

  /**
   * Leaves the cluster running, for inspection.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.keep", defaultValue = "false")
  boolean keep;

  /**
   * Skips this goal.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.stop.skip", defaultValue = "false")
  boolean skipStop;

  @Override
  void run() {
    if (keep) {
      getLog().info("Kept running: " + name);
      return;
    }
    if (isShared()) {
      getLog().info("Kept for the other modules, until the build ends: " + name);
      return;
    }
    buildEnd().yieldToSignal();
    existing().stop();
  }

  @Override
  boolean isGoalSkipped() {
    return skipStop;
  }
}
