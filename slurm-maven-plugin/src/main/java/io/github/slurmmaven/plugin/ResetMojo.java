/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.cluster.SlurmCluster;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

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

  /**
   * Whether the records of accounting are deleted, too, with what was counted as used. Accounts,
   * qualities of service and users stay. The cluster must have accounting.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.emptyHistory", defaultValue = "false")
  boolean emptyHistory;

  @Override
  void run(SlurmCluster cluster) {
    cluster.reset(emptyHistory);
  }
}
