/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.client.Connection;
import io.github.slurmmaven.client.ConnectionSearch;
import io.github.slurmmaven.client.UserMistakeException;
import io.github.slurmmaven.definition.ClusterYaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The running clusters that tests may use.
 *
 * @param search finds them
 */
record RunningClusters(ConnectionSearch search) {

  /**
   * Returns the first one that matches and answers.
   *
   * @throws UserMistakeException when the variable names a cluster that does not run or does not
   *     match
   */
  Optional<Connection> find(RequestedCluster requested) {
    Optional<Connection> named = search.named();
    if (named.isPresent()) {
      requireFit(named.get(), requested);
      return named;
    }
    return Stream.concat(search.ofProperties().stream(), search.ofDirectories().stream())
        .filter(connection -> fits(connection, requested) && ConnectionSearch.answers(connection))
        .findFirst();
  }

  private static void requireFit(Connection connection, RequestedCluster requested) {
    if (!fits(connection, requested)) {
      throw new UserMistakeException(
          "%s names cluster %s in %s, which is not what the test asks for (%s): unset the variable, or name another"
              .formatted(
                  ConnectionSearch.VARIABLE,
                  connection.clusterName(),
                  connection.directory(),
                  requested));
    }
  }

  /** Whether a cluster matches. If its files are elsewhere, only the release is known. */
  private static boolean fits(Connection connection, RequestedCluster requested) {
    Path definition = connection.directory().resolve("cluster.yaml");
    return Files.exists(definition)
        ? requested.fits(ClusterYaml.readCreated(definition))
            && requested.fits(SharedCluster.handle(connection).runsInContainers())
        : requested.slurmVersion().map(connection.slurmVersion()::equals).orElse(true);
  }
}
