/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.cluster.ClusterRequest;
import java.nio.file.Files;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Writes a cluster's files (docker-compose.yml, slurm.conf and the rest) and pulls or builds its
 * image, without running anything. Files that were edited by hand are never overwritten, unless
 * {@code force} is set.
 *
 * @since 0.1.0
 */
@Mojo(
    name = "create",
    defaultPhase = LifecyclePhase.PRE_INTEGRATION_TEST,
    requiresProject = false,
    threadSafe = true)
public final class CreateMojo extends AbstractClusterMojo {

  /**
   * Also starts the cluster, as the goal {@code start} does.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.start", defaultValue = "false")
  boolean start;

  /**
   * Skips this goal.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.create.skip", defaultValue = "false")
  boolean skipCreate;

  @Override
  void run() {
    ClusterRequest request = request();
    if (isBoundToBuild() && !keep && !Files.exists(request.directory())) {
      buildEnd().create(request.directory(), request::create, () -> request.cluster().destroy());
    } else {
      buildEnd().interruptibly(request::create);
    }
    if (start) {
      start(request);
    }
  }

  @Override
  boolean isGoalSkipped() {
    return skipCreate;
  }
}
