/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import java.time.Duration;
import java.util.Optional;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/** What the goals have in common that wait for a cluster, its jobs or a command: how long. */
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
abstract class AbstractWaitingMojo extends AbstractExistingClusterMojo {

  /**
   * Seconds that the goal may wait. Without it, commands and jobs take as long as they take, and
   * waiting for the cluster itself ends after 120 seconds.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.timeout")
  @Nullable String timeout;

  @Override
  final Optional<Duration> limit() {
    return Optional.ofNullable(WholeNumber.parse("timeout", timeout, "seconds, for example 120"))
        .map(Duration::ofSeconds);
  }
}
