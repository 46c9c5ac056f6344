/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.cluster.SlurmCluster;
import java.io.File;
import java.util.Optional;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Writes a picture of what happened in the running cluster, as one HTML file that needs no other
 * file: jobs by node over time, use of CPUs, memory and GPUs, the queue, each job's script, output
 * and reason, and the warnings of Slurm's daemons. Jobs are those that slurmctld still knows
 * (MinJobAge), and with accounting all.
 *
 * @since 0.1.0
 */
@Mojo(
    name = "report",
    defaultPhase = LifecyclePhase.INTEGRATION_TEST,
    requiresProject = false,
    threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class ReportMojo extends AbstractExistingClusterMojo {

  /**
   * File to write.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.output", defaultValue = "${basedir}/target/slurm-report.html")
  File output;

  @Override
  void run(SlurmCluster cluster) {
    Console.answer(output, cluster.report(Optional.empty()));
    getLog().info("Written: " + output);
  }
}
