/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.cluster.SlurmCluster;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Prints a token for a cluster's slurmrestd: what a request has in its header {@code
 * X-SLURM-USER-TOKEN}.
 *
 * @since 0.1.0
 */
@Mojo(name = "token", requiresProject = false, aggregator = true, threadSafe = true)
@SuppressWarnings("NullAway.Init") // Maven sets the parameters.
public final class TokenMojo extends AbstractExistingClusterMojo {

  /**
   * User whom the token authenticates. The default is the user who logs in over SSH. An unknown
   * name is not refused, so that a test can check Slurm's reaction.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.user")
  @Nullable String user;

  /**
   * Seconds until the token expires.
   *
   * @since 0.1.0
   */
  @Parameter(property = "slurm.lifetime", defaultValue = "86400")
  String lifetime;

  @Override
  void run(SlurmCluster cluster) {
    int seconds =
        Objects.requireNonNull(
            WholeNumber.parse("lifetime", lifetime, "seconds, for example 86400"));
    Console.println(cluster.token(Optional.ofNullable(user), Duration.ofSeconds(seconds)));
  }
}
