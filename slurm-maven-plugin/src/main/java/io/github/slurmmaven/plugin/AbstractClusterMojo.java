/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.connection.Connection;
import io.github.slurmmaven.lifecycle.SlurmCluster;
import java.time.Duration;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.jspecify.annotations.Nullable;

/** What a cluster should be like: the parameters of the goals that make one. */
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
abstract class AbstractClusterMojo extends AbstractSlurmMojo {

  /**
   * Shape of the cluster. The default, <code>cpu</code>, is one node named <code>slurm</code> with
   * 4 CPUs and 4096 MB in the partition <code>debug</code>.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.PRESET)
  @Nullable String preset;

  /**
   * Release of Slurm to run: <code>24.11</code> (the default) or <code>22.05</code>.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.SLURM_VERSION)
  @Nullable String slurmVersion;

  /**
   * CPUs of each compute node, 1 or more. The default is the preset's. Slurm counts with this
   * number even where the container engine has fewer CPUs.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.CPUS_PER_NODE)
  @Nullable String cpusPerNode;

  /**
   * Memory of each compute node in MB. The default is the preset's. Slurm counts with this number
   * even where the container engine has less memory.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.MEMORY_PER_NODE)
  @Nullable String memoryPerNode;

  /**
   * Port of the cluster's SSH server on this machine. The default is 2222 or, when that is taken,
   * the next free port. A port that is named here and taken is an error; 0 takes any free port.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.PORT)
  @Nullable String port;

  /**
   * Address of this machine on which the cluster's ports are published. The default, <code>
   * 127.0.0.1</code>, keeps the cluster invisible to other machines.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.BIND_ADDRESS)
  @Nullable String bindAddress;

  /**
   * Whether user <code>slurm</code> can log in with the password <code>slurm</code>, besides the
   * cluster's own key. The default is <code>true</code>.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.PASSWORD_LOGIN)
  @Nullable Boolean passwordLogin;

  /**
   * Image to run, pulled when it is missing, for example from a company's own registry. By default
   * the image is built on first use.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.IMAGE)
  @Nullable String image;

  /**
   * Seconds that a start may take until the cluster has run its first job; building or pulling the
   * image does not count.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.TIMEOUT, defaultValue = "120")
  String timeout;

  /**
   * Overwrites files of the cluster that were edited by hand when they have to be rendered anew.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.FORCE, defaultValue = "false")
  boolean force;

  /**
   * Keeps the cluster for a look: the goals <code>stop</code> and <code>destroy</code> do nothing,
   * the end of the build takes nothing down, and a start that failed is not rolled back.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.KEEP, defaultValue = "false")
  boolean keep;

  @Parameter(defaultValue = "${project}", readonly = true, required = true)
  MavenProject project;

  @Override
  SlurmCluster.Builder cluster() {
    Integer seconds = WholeNumber.parse("timeout", timeout, "seconds, for example 120");
    return super.cluster()
        .preset(preset)
        .slurmVersion(slurmVersion)
        .cpusPerNode(WholeNumber.parse("cpusPerNode", cpusPerNode, "1 or more"))
        .memoryPerNode(
            WholeNumber.parse("memoryPerNode", memoryPerNode, "megabytes, for example 4096"))
        .port(WholeNumber.parse("port", port, "1 to 65535, or 0 for any free port"))
        .bindAddress(bindAddress)
        .passwordLogin(passwordLogin)
        .image(image)
        .timeout(seconds == null ? null : Duration.ofSeconds(seconds))
        .force(force)
        .keep(keep);
  }

  /** Starts the cluster and tells the rest of the build how to reach it. */
  void start(SlurmCluster cluster) {
    Connection connection =
        isBoundToBuild() && !keep
            ? buildEnd().start(cluster.directory(), cluster::start, cluster::destroy)
            : cluster.start();
    connection.properties().forEach(project.getProperties()::setProperty);
  }
}
