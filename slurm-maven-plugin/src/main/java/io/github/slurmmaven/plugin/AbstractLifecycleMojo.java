/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.backend.ClusterBackend.ClusterId;
import io.github.slurmmaven.lifecycle.Clusters;
import io.github.slurmmaven.lifecycle.SlurmCluster;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugins.annotations.Parameter;

/** What the goals that make and remove clusters have in common: which cluster. */
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
abstract class AbstractLifecycleMojo extends AbstractSlurmMojo {

  /**
   * Name of the cluster: up to 40 lower-case letters, digits, hyphens and underscores. Clusters of
   * different names run side by side.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.NAME, defaultValue = "slurm-test")
  String name;

  /**
   * Directory below which each cluster's files are kept, in a directory of the cluster's name.
   * Without a POM it is below the current directory.
   *
   * @since 0.1.0
   */
  @Parameter(property = PropertyNames.OUTPUT_DIRECTORY, defaultValue = "${basedir}/.slurm-cluster")
  File outputDirectory;

  /** Parameters that every such goal gives to the core. */
  SlurmCluster.Builder cluster() {
    return SlurmCluster.builder()
        .name(name)
        .outputDirectory(outputDirectory.toPath())
        .bundles(bundles())
        .progress(progress());
  }

  /**
   * The cluster of these parameters. Where a person has typed the goal and there is none, it is
   * that of the nearest parent directory, or the one anywhere that was named on the command line.
   */
  SlurmCluster existing() {
    SlurmCluster here = cluster().build();
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
    return other.map(id -> cluster().existing(id).build()).orElse(here);
  }
}
