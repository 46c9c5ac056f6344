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
 * Lists every cluster there is, whatever directory it came from, and those that were created in
 * this directory or the nearest parent and never started.
 *
 * @since 0.1.0
 */
@Mojo(name = "list", requiresProject = false, aggregator = true, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class ListMojo extends AbstractSlurmMojo {

  /**
   * Form of the answer: {@code text}, {@code json} or {@code yaml}.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.format", defaultValue = "text")
  String format;

  /**
   * File for the answer, instead of standard output, which Maven begins with a control sequence
   * here and there.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.output")
  @Nullable File output;

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
