/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.cluster.Clusters;
import io.github.slurmmaven.status.ClusterTable;
import java.io.File;
import java.nio.file.Path;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Lists every running or stopped cluster of this machine, from any directory, and the clusters that
 * were created but never started in this directory or the nearest parent.
 *
 * @since 0.1.0
 */
@Mojo(name = "list", requiresProject = false, aggregator = true, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class ListMojo extends AbstractSlurmMojo {

  /**
   * Output format: {@code text}, {@code json} or {@code yaml}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.format", defaultValue = "text")
  String format;

  /**
   * File to write the output to, instead of standard output. Maven adds control sequences to
   * standard output on some systems.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.output")
  @Nullable File output;

  @Override
  boolean usesCluster() {
    return false;
  }

  @Override
  void run() {
    Format form = Format.of(format);
    Path here = Path.of(session.getExecutionRootDirectory());
    ClusterTable table = Clusters.ofThisMachine(progress()).table(here);
    Console.answer(
        output,
        switch (form) {
          case TEXT -> table.text();
          case JSON -> table.json();
          case YAML -> table.yaml();
        });
  }
}
