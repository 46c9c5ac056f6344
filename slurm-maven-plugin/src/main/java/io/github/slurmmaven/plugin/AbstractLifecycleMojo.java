/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.ClusterId;
import io.github.slurmmaven.cluster.ClusterBuilder;
import io.github.slurmmaven.cluster.Clusters;
import io.github.slurmmaven.cluster.SlurmCluster;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugins.annotations.Parameter;

/** Base of the goals that create and remove clusters: which cluster it is. */
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
abstract class AbstractLifecycleMojo extends AbstractSlurmMojo {

  private static final String OUTPUT_DIRECTORY = ".slurm-cluster";

  /**
   * Name of the cluster: up to 40 lower-case letters, digits, hyphens and underscores. Clusters
   * with different names run side by side.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.name", defaultValue = "slurm-test")
  String name;

  /**
   * Directory that contains the clusters' directories; each has the name of its cluster. Without a
   * POM it is in the current directory.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.outputDirectory", defaultValue = "${basedir}/.slurm-cluster")
  File outputDirectory;

  /**
   * Shares the cluster among the modules of a build that use the same name. The first module starts
   * it, the others use it as it is, and it is removed when the build ends; {@code stop} and {@code
   * destroy} leave it alone. The cluster's directory is then below the directory in which Maven was
   * started, unless {@code outputDirectory} is set.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.reuse", defaultValue = "false")
  boolean reuse;

  @Parameter(defaultValue = "${basedir}", readonly = true, required = true)
  File baseDirectory;

  @Override
  final Optional<String> clusterName() {
    return Optional.of(name);
  }

  /** Whether other modules of this build may use the cluster too. */
  final boolean isShared() {
    return reuse && isBoundToBuild();
  }

  /** Passes on the parameters that every such goal has. */
  final <B extends ClusterBuilder<B>> B configured(B builder) {
    return builder
        .name(name)
        .outputDirectory(clusters())
        .ownedByThisBuild(isBoundToBuild())
        .programs(programs())
        .progress(progress());
  }

  private Path clusters() {
    boolean isDefault = outputDirectory.equals(new File(baseDirectory, OUTPUT_DIRECTORY));
    return reuse && isDefault
        ? Path.of(session.getExecutionRootDirectory(), OUTPUT_DIRECTORY)
        : outputDirectory.toPath();
  }

  /**
   * The cluster of these parameters. If the user typed the goal and there is no such cluster, it is
   * the one of the nearest parent directory, or the one anywhere that has the name given on the
   * command line.
   */
  SlurmCluster existing() {
    SlurmCluster here = configured(SlurmCluster.builder()).build();
    if (isBoundToBuild() || Files.exists(here.directory())) {
      return here;
    }
    String named = session.getUserProperties().getProperty(PropertyNames.NAME);
    Path from = Path.of(session.getExecutionRootDirectory());
    List<ClusterId> nearest = Clusters.nearest(from);
    if (named == null && nearest.size() != 1) {
      return here;
    }
    Optional<ClusterId> other =
        named == null
            ? Optional.of(nearest.get(0))
            : Clusters.ofThisMachine(progress())
                .findIfAny(Optional.of(named), Optional.empty(), from);
    return other.map(id -> configured(SlurmCluster.builder()).existing(id).build()).orElse(here);
  }
}
