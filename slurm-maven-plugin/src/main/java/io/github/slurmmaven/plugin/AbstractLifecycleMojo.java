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

/** What the goals that make and remove clusters have in common: which cluster. */
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
abstract class AbstractLifecycleMojo extends AbstractSlurmMojo {

  private static final String OUTPUT_DIRECTORY = ".slurm-cluster";

  /**
   * Name of the cluster: up to 40 lower-case letters, digits, hyphens and underscores. Clusters of
   * different names run side by side.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.name", defaultValue = "slurm-test")
  String name;

  /**
   * Directory below which each cluster's files are kept, in a directory of the cluster's name.
   * Without a POM it is below the current directory.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.outputDirectory", defaultValue = "${basedir}/.slurm-cluster")
  File outputDirectory;

  /**
   * Shares the cluster among the modules of a build that give it the same name: the first of them
   * starts it, the others take it as it is, and it goes when the build ends, whatever {@code stop}
   * and {@code destroy} are bound to. Unless {@code outputDirectory} says otherwise, its files are
   * below the directory in which Maven was started.
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

  /** Gives the core the parameters that every such goal has. */
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
   * The cluster of these parameters. Where a person has typed the goal and there is none, it is
   * that of the nearest parent directory, or the one anywhere that was named on the command line.
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
