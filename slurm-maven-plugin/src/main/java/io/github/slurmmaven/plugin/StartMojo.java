/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Starts a cluster, and returns when it has run a job. Creates the cluster first if it is missing.
 * Sets the project properties {@code slurm.ssh.host}, {@code slurm.ssh.port}, {@code
 * slurm.ssh.user}, {@code slurm.ssh.password}, {@code slurm.ssh.privateKey}, {@code
 * slurm.ssh.knownHosts}, {@code slurm.cluster.name}, {@code slurm.cluster.directory}, {@code
 * slurm.partition} and {@code slurm.version}; with a registry also {@code slurm.registry} and
 * {@code slurm.registry.internal}; with slurmrestd {@code slurm.rest.url}, {@code
 * slurm.rest.token}, {@code slurm.rest.version}, {@code slurm.rest.versions} and for each of the
 * users {@code slurm.rest.token.NAME}; and for each of the users {@code slurm.ssh.privateKey.NAME}.
 * For a project with several clusters, each property also exists with the cluster's name, for
 * example {@code slurm.slurm-test.ssh.port}. The properties without a name are written to {@code
 * connection.properties} in the cluster's directory. A cluster that a build has started is removed
 * when the build ends. A cluster that was started by hand is used by a build that asks for the
 * same, and is left running.
 *
 * @since 0.1.0
 */
@Mojo(
    name = "start",
    defaultPhase = LifecyclePhase.PRE_INTEGRATION_TEST,
    requiresProject = false,
    threadSafe = true)
public final class StartMojo extends AbstractClusterMojo {

  /**
   * Skips this goal.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.start.skip", defaultValue = "false")
  boolean skipStart;

  @Override
  void run() {
    start(request());
  }

  @Override
  boolean isGoalSkipped() {
    return skipStart;
  }
}
