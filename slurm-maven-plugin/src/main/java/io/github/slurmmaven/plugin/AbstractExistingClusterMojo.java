/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.cluster.Clusters;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/** Base of the goals for a cluster that exists: how the cluster is found. */
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
abstract class AbstractExistingClusterMojo extends AbstractSlurmMojo {

  /**
   * Name of the cluster. The default is the cluster of this directory, or of the nearest parent
   * that has one; otherwise the only cluster that there is.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.name")
  @Nullable String name;

  /**
   * Directory that contains the clusters' directories, if it is not {@code .slurm-cluster} in this
   * directory or a parent.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.outputDirectory")
  @Nullable File outputDirectory;

  /** Long enough for everything, and short enough to be added to a clock. */
  private static final Duration FOREVER = Duration.ofDays(365);

  @Parameter(defaultValue = "${basedir}", readonly = true, required = true)
  File baseDirectory;

  @Override
  final Optional<String> clusterName() {
    return Optional.ofNullable(name);
  }

  @Override
  final void run() {
    // Without containers, processes that a command in the cluster starts would outlive Maven.
    buildEnd().interruptibly(() -> run(cluster()));
  }

  /** Does the goal's work on the cluster that was found. */
  abstract void run(SlurmCluster cluster);

  private SlurmCluster cluster() {
    ClusterId id =
        Clusters.ofThisMachine(progress())
            .find(
                Optional.ofNullable(name),
                Optional.ofNullable(outputDirectory).map(File::toPath),
                baseDirectory.toPath());
    return SlurmCluster.builder()
        .existing(id)
        .timeout(limit().orElse(null))
        .programs(programs())
        .progress(progress())
        .build();
  }

  /** Returns the user's limit for the goal, if there is one. */
  Optional<Duration> limit() {
    return Optional.empty();
  }

  /** The time limit for operations that may take any time unless the user limits it. */
  final Duration timeout() {
    return limit().orElse(FOREVER);
  }

  /** Maven makes an empty list of a property that is not set. */
  static List<String> given(@Nullable List<String> values) {
    return values == null ? List.of() : values.stream().map(String::strip).toList();
  }
}
