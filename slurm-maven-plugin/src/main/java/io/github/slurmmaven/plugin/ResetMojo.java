/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.cluster.SlurmCluster;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;

/**
 * Gives the next test suite a clean queue: cancels all jobs of all users, waits until they have
 * ended, and makes the nodes idle.
 *
 * @since 0.1.0
 */
@Mojo(
    name = "reset",
    defaultPhase = LifecyclePhase.PRE_INTEGRATION_TEST,
    requiresProject = false,
    threadSafe = true)
public final class ResetMojo extends AbstractWaitingMojo {

  @Override
  void run(SlurmCluster cluster) {
    cluster.reset();
  }
}
