/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import java.time.Duration;
import java.util.Optional;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/** Base of the goals that wait for a cluster, its jobs or a command: the time limit. */
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
abstract class AbstractWaitingMojo extends AbstractExistingClusterMojo {

  /**
   * Longest time in seconds that the goal may wait. By default there is no limit for commands and
   * jobs, and 120 seconds for the cluster itself.
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
