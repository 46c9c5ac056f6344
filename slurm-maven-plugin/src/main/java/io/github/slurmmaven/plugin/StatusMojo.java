/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.cluster.SlurmCluster;
import io.github.slurmmaven.status.ClusterStatus;
import io.github.slurmmaven.status.StatusDocument;
import io.github.slurmmaven.status.StatusText;
import io.github.slurmmaven.status.Style;
import io.github.slurmmaven.terminal.LocalTerminal;
import java.io.File;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Shows a cluster's nodes as Slurm and the engine see them, its partitions, jobs and addresses.
 * Fails if the cluster does not run as it should, so that a script can check it.
 *
 * @since 0.1.0
 */
@Mojo(name = "status", requiresProject = false, aggregator = true, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class StatusMojo extends AbstractExistingClusterMojo {

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
  void run(SlurmCluster cluster) {
    Format form = Format.of(format);
    ClusterStatus status = cluster.status();
    Console.answer(
        output,
        switch (form) {
          case TEXT -> StatusText.of(status, style());
          case JSON -> StatusDocument.json(status);
          case YAML -> StatusDocument.yaml(status);
        });
    if (status.status() != ClusterStatus.State.RUNNING) {
      throw new UserMistakeException(
          "Cluster %s is %s%s"
              .formatted(
                  status.name(),
                  status.status().word(),
                  status.problem().map(problem -> ": " + problem).orElse("")));
    }
  }

  /** Returns Maven's colors, if a terminal shows the output or the user has turned colors on. */
  private Style style() {
    boolean asked = "always".equals(session.getUserProperties().getProperty("style.color"));
    return output == null && (asked || LocalTerminal.showsOutput()) ? Console.style() : Style.PLAIN;
  }
}
